//! Scenarios of the semaphore.

use crashcheck::atomic::{AtomicU64, Ordering};
use crashcheck::{Actor, Model, Outcome, Report, actor};
use killproof::sync::{Permit, Semaphore};

use super::meetings::PATIENCE;

struct Run {
    semaphore: Semaphore,
    /// Of each actor: 1 while it works with a permit.
    inside: [AtomicU64; 3],
    /// What the last holder did.
    work: AtomicU64,
}

fn run(permits: u32) -> Run {
    let semaphore = Semaphore::new(permits).expect("a semaphore");
    Run { semaphore, inside: Default::default(), work: AtomicU64::new(0) }
}

/// Works with a permit. No more actors that live do so at a time than there are permits.
fn works(run: &Run, permits: usize) {
    let permit = run.semaphore.acquire().expect("a permit");
    let me = actor::current();
    run.inside[me - 1].store(1, Ordering::SeqCst);
    let is_inside = |other: &usize| run.inside[*other - 1].load(Ordering::SeqCst) == 1 && actor::is_alive(*other);
    let others = (1..=run.inside.len()).filter(|other| *other != me).filter(is_inside).count();
    assert!(others < permits, "{others} other actors hold one of {permits} permits");
    run.inside[me - 1].store(0, Ordering::SeqCst);
    drop(permit);
}

/// The permits are all there again: the dead hold none.
fn all_are_free(run: &Run, permits: u32) -> Result<(), String> {
    let all: Vec<Permit<'_>> = (0..permits).filter_map(|_| run.semaphore.try_acquire().expect("a place")).collect();
    let taken = u32::try_from(all.len()).expect("a few");
    let one_more = run.semaphore.try_acquire().expect("a place").is_some();
    drop(all);
    match (taken == permits && !one_more, run.semaphore.available()) {
        (true, free) if free == permits => Ok(()),
        (_, free) => Err(format!("{taken} of {permits} permits were free, one more: {one_more}, then {free}")),
    }
}

/// The only permit is consumed: a process that knows that gets none.
pub(crate) fn consumed(model: &Model) -> Report {
    let consumes = |run: &Run| {
        run.semaphore.acquire().expect("a permit").consume();
        run.work.store(1, Ordering::Relaxed);
    };
    let takes = |run: &Run| {
        let is_consumed = run.work.load(Ordering::Relaxed) == 1;
        let permit = run.semaphore.try_acquire().expect("a place");
        assert!(permit.is_none() || !is_consumed, "a permit that was consumed");
    };
    let actors = [Actor::new("consumes", &consumes), Actor::new("takes", &takes)];
    model.explore(|| run(1), &actors, |_, _| Ok(()))
}

/// The holder of the only permit sees what the last one did.
pub(crate) fn one_permit(model: &Model) -> Report {
    let adds = |run: &Run| {
        let permit = run.semaphore.acquire().expect("a permit");
        let work = run.work.load(Ordering::Relaxed);
        run.work.store(work + 1, Ordering::Relaxed);
        drop(permit);
    };
    let actors = [Actor::new("one", &adds), Actor::new("other", &adds)];
    model.explore(
        || run(1),
        &actors,
        |run, outcome: &Outcome| {
            let living = outcome.dead.iter().filter(|dead| !**dead).count() as u64;
            let work = run.work.load(Ordering::Relaxed);
            if work < living {
                return Err(format!("{living} lived, and {work} pieces of work are there"));
            }
            all_are_free(run, 1)
        },
    )
}

pub(crate) fn two_permits(model: &Model) -> Report {
    let takes = |run: &Run| works(run, 2);
    let actors = [Actor::new("one", &takes), Actor::new("other", &takes), Actor::new("third", &takes)];
    model.explore(|| run(2), &actors, |run, _: &Outcome| all_are_free(run, 2))
}

/// One process adds a permit for each message, and another one consumes it.
pub(crate) fn messages(model: &Model) -> Report {
    let adds = |run: &Run| {
        run.work.store(1, Ordering::Relaxed);
        run.semaphore.add_permits(1).expect("room");
    };
    let consumes = |run: &Run| match run.semaphore.acquire_timeout(PATIENCE) {
        Ok(permit) => {
            assert_eq!(run.work.load(Ordering::Relaxed), 1, "the permit came before the work");
            permit.consume();
        }
        Err(_) => assert!(!actor::is_alive(1), "a wait for a permit that was added timed out"),
    };
    let actors = [Actor::new("adds", &adds), Actor::new("consumes", &consumes)];
    model.explore(
        || run(0),
        &actors,
        |run, outcome: &Outcome| {
            // Of a dead one it is not known how far it came.
            let left = run.semaphore.available();
            if outcome.dead.contains(&true) { all_are_free(run, left) } else { all_are_free(run, 0) }
        },
    )
}

/// Three processes take and return the only permit: a waiter may die with the wake-up that was another one's hope.
pub(crate) fn three_waiters(model: &Model) -> Report {
    let takes = |run: &Run| works(run, 1);
    let actors = [Actor::new("one", &takes), Actor::new("other", &takes), Actor::new("third", &takes)];
    model.explore(|| run(1), &actors, |run, _: &Outcome| all_are_free(run, 1))
}
