//! Scenarios of the read-write lock.

use crashcheck::atomic::Ordering;
use crashcheck::{Actor, Model, Outcome, Report};
use killproof::sync::RwLock;
use killproof::sync::rw_lock::{ReadError, WriteError};

use super::locks::{Halves, is_named, values};

fn set_up() -> RwLock<Halves> {
    RwLock::new(Halves::default()).expect("a lock")
}

/// Adds one to both halves.
fn writes(lock: &RwLock<Halves>) {
    let guard = match lock.write() {
        Ok(guard) => guard,
        Err(WriteError::WriterDied(died)) => {
            is_named(died.holder());
            died.repair(|halves| {
                let most = values(halves).into_iter().max().unwrap_or(0);
                for half in halves {
                    half.store(most, Ordering::Relaxed);
                }
            })
        }
        Err(error) => panic!("write: {error}"),
    };
    let [first, second] = values(&guard);
    assert_eq!(first, second, "a writer came to halves that differ, and did not learn of a death");
    guard[0].store(first + 1, Ordering::Relaxed);
    guard[1].store(second + 1, Ordering::Relaxed);
}

/// Reads both halves twice.
fn reads(lock: &RwLock<Halves>) {
    match lock.read() {
        Ok(guard) => {
            let before = values(&guard);
            assert_eq!(before[0], before[1], "a reader found halves that differ");
            assert_eq!(values(&guard), before, "the value changed under a reader");
        }
        Err(ReadError::WriterDied(holder)) => is_named(&holder),
        Err(error) => panic!("read: {error}"),
    }
}

fn check(lock: &RwLock<Halves>, _: &Outcome) -> Result<(), String> {
    match lock.write() {
        Ok(guard) if values(&guard)[0] != values(&guard)[1] => Err(format!("{:?}, and no error", values(&guard))),
        Ok(_) | Err(WriteError::WriterDied(_)) => Ok(()),
        Err(error) => Err(format!("write: {error}")),
    }
}

pub(crate) fn writer_and_readers(model: &Model) -> Report {
    let (writes, reads) = (|lock: &RwLock<Halves>| writes(lock), |lock: &RwLock<Halves>| reads(lock));
    let actors = [Actor::new("writer", &writes as _), Actor::new("reader", &reads as _), Actor::new("other", &reads)];
    model.explore(set_up, &actors, check)
}

pub(crate) fn two_writers_and_a_reader(model: &Model) -> Report {
    let (writes, reads) = (|lock: &RwLock<Halves>| writes(lock), |lock: &RwLock<Halves>| reads(lock));
    let actors = [Actor::new("writer", &writes as _), Actor::new("other", &writes as _), Actor::new("reader", &reads)];
    model.explore(set_up, &actors, check)
}
