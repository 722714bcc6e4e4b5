//! Read-write locks: what dead readers and writers leave.

use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use killproof::Error;
use killproof::mutex::HowItEnded;
use killproof::process::{Child, Exit, Process};
use killproof::procfs;
use killproof::sync::rw_lock::{
    ReadError, ReadTimeoutError, TryReadError, TryWriteError, WriteError, WriteTimeoutError,
};
use killproof::sync::{Event, RwLock};
use nix::sys::signal::{Signal, raise};

use crate::{PATIENCE, wait_for, wait_until};

const MOMENT: Duration = Duration::from_millis(1);

fn new() -> RwLock<[u32; 2]> {
    RwLock::new([0; 2]).expect("memory")
}

/// A process that is inside until it dies.
fn inside(lock: &RwLock<[u32; 2]>, name: &str, writes: fn(&RwLock<[u32; 2]>, &Event) -> Result<(), Error>) -> Child {
    let is_inside = Event::new().expect("memory");
    let child = Process::new(name, || writes(lock, &is_inside)).kill_on_drop().start().expect("a process");
    wait_for(&child, "it is inside", || is_inside.is_set());
    child
}

fn reads(lock: &RwLock<[u32; 2]>, is_inside: &Event) -> Result<(), Error> {
    let _guard = lock.read()?;
    is_inside.set();
    Event::new()?.wait(Duration::MAX)
}

/// Leaves the halves different.
fn writes(lock: &RwLock<[u32; 2]>, is_inside: &Event) -> Result<(), Error> {
    let mut guard = lock.write()?;
    guard[0] += 1;
    is_inside.set();
    Event::new()?.wait(Duration::MAX)
}

fn kill(mut child: Child) {
    child.kill().expect("it lives");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
}

fn stop(child: &Child) {
    child.signal(Signal::SIGSTOP).expect("it lives");
    wait_for(child, "its stop", || {
        procfs::status(child.pid()).expect("/proc").is_some_and(|status| status.state == 'T')
    });
}

pub(crate) fn no_reader_sees_half_a_change_and_no_change_is_lost() {
    const ROUNDS: u32 = 500;
    let lock = new();
    let changes = || -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let mut guard = lock.write()?;
            guard[0] += 1;
            std::hint::black_box(&mut guard)[1] += 1;
        }
        Ok(())
    };
    let looks = || -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let guard = lock.read()?;
            assert_eq!(guard[0], std::hint::black_box(&guard)[1]);
        }
        Ok(())
    };
    let start = |process: Process<'_>| process.kill_on_drop().start().expect("a process");
    let mut all = [Process::new("a", changes), Process::new("b", changes)].map(start).into_iter().collect::<Vec<_>>();
    all.extend([Process::new("c", looks), Process::new("d", looks)].map(start));
    for child in &mut all {
        assert_eq!(child.join().expect("its end"), Exit::Code(0), "{}", child.name());
    }
    assert_eq!(*lock.read().expect("no death"), [2 * ROUNDS; 2]);
}

pub(crate) fn several_read_at_a_time_and_a_writer_waits_for_them() {
    let lock = new();
    let readers = ["one", "other"].map(|name| inside(&lock, name, reads));
    drop(lock.read().expect("others read, too"));
    assert!(matches!(lock.try_write(), Err(TryWriteError::WouldBlock)));
    assert!(matches!(lock.write_timeout(MOMENT), Err(WriteTimeoutError::TimedOut)));
    // A writer that gave up keeps no reader out.
    drop(lock.read_timeout(PATIENCE).expect("others read, too"));
    readers.into_iter().for_each(kill);
    drop(lock.write_timeout(PATIENCE).expect("the readers are dead"));
}

pub(crate) fn a_writer_that_was_killed_inside_is_reported_until_its_value_is_repaired() {
    let lock = new();
    let writer = inside(&lock, "writer", writes);
    assert!(matches!(lock.try_read(), Err(TryReadError::WouldBlock)));
    assert!(matches!(lock.read_timeout(MOMENT), Err(ReadTimeoutError::TimedOut)));
    let pid = writer.pid();
    kill(writer);
    let Err(ReadError::WriterDied(holder)) = lock.read() else { panic!("a reader does not learn of it") };
    assert_eq!((holder.pid, &*holder.name, holder.end), (pid, "writer", HowItEnded::Died));
    let Err(WriteError::WriterDied(died)) = lock.write() else { panic!("a writer does not learn of it") };
    assert_eq!((died.holder(), *died.value()), (&*holder, [1, 0]));
    drop(died); // refused
    assert!(matches!(lock.try_read(), Err(TryReadError::WriterDied(_))));
    let Err(TryWriteError::WriterDied(died)) = lock.try_write() else { panic!("it was refused, not repaired") };
    let guard = died.repair(|value| value[1] = value[0]);
    assert_eq!(*guard, [1, 1]);
    drop(guard);
    assert_eq!(*lock.read().expect("it is repaired"), [1, 1]);
    drop(lock.write().expect("it is repaired"));
}

pub(crate) fn a_writer_that_panics_inside_is_reported_and_a_reader_that_panics_is_not() {
    let lock = new();
    let reads = || {
        let _guard = lock.read().expect("free");
        panic::resume_unwind(Box::new(()));
    };
    assert!(panic::catch_unwind(AssertUnwindSafe(reads)).is_err());
    let writes = || {
        lock.write().expect("no writer died")[0] += 1;
        let _guard = lock.write().expect("no writer died");
        panic::resume_unwind(Box::new(()));
    };
    assert!(panic::catch_unwind(AssertUnwindSafe(writes)).is_err());
    let Err(ReadError::WriterDied(holder)) = lock.read() else { panic!("the panic is not reported") };
    assert_eq!((holder.pid, holder.end), (std::process::id().cast_signed(), HowItEnded::Panicked));
}

pub(crate) fn a_repair_ends_the_report_of_a_panic() {
    let lock = new();
    let panics = || {
        let _guard = lock.write().expect("free");
        panic::resume_unwind(Box::new(()));
    };
    assert!(panic::catch_unwind(AssertUnwindSafe(panics)).is_err());
    let Err(WriteError::WriterDied(died)) = lock.write() else { panic!("the panic is not reported") };
    drop(died.repair(|_| ()));
    drop(lock.write().expect("it is repaired"));
    kill(inside(&lock, "writer", writes));
    let Err(ReadError::WriterDied(holder)) = lock.read() else { panic!("the death is not reported") };
    assert_eq!((&*holder.name, holder.end), ("writer", HowItEnded::Died));
}

pub(crate) fn a_writer_that_came_in_during_a_panic_does_no_harm_to_the_value() {
    struct Writes<'a>(&'a RwLock<[u32; 2]>);
    impl Drop for Writes<'_> {
        fn drop(&mut self) {
            self.0.write().expect("no writer died")[0] += 1;
        }
    }
    let lock = new();
    let panics = || {
        let _writes = Writes(&lock);
        panic::resume_unwind(Box::new(()));
    };
    assert!(panic::catch_unwind(AssertUnwindSafe(panics)).is_err());
    assert_eq!(*lock.read().expect("whole"), [1, 0]);
}

pub(crate) fn a_reader_that_writes_is_refused_at_once_though_others_read() {
    let lock = new();
    // Whichever shares they have: one of them comes before the caller's, but for one case in 31.
    let others: Vec<Child> = (1..=30).map(|_| inside(&lock, "reader", reads)).collect();
    let guard = lock.read().expect("no writer is there");
    assert!(matches!(lock.write_timeout(PATIENCE / 2), Err(WriteTimeoutError::AlreadyHeld)));
    drop(guard);
    others.into_iter().for_each(kill);
    drop(lock.write_timeout(PATIENCE).expect("the dead read no more"));
}

pub(crate) fn readers_starve_no_writer() {
    let lock = new();
    let may_end = Event::new().expect("memory");
    // Three readers that overlap: there is mostly one inside.
    let overlap = || -> Result<(), Error> {
        while !may_end.is_set() {
            let guard = lock.read()?;
            std::thread::yield_now();
            drop(guard);
        }
        Ok(())
    };
    let mut readers =
        ["a", "b", "c"].map(|name| Process::new(name, overlap).kill_on_drop().start().expect("a process"));
    for _ in 0..20 {
        lock.write_timeout(PATIENCE).expect("the readers let the writer in")[0] += 1;
    }
    may_end.set();
    for reader in &mut readers {
        assert_eq!(reader.join().expect("its end"), Exit::Code(0));
    }
}

pub(crate) fn a_thread_that_reads_may_read_again_while_a_writer_waits_and_cannot_write() {
    let lock = new();
    let guard = lock.read().expect("free");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| lock.write_timeout(PATIENCE).map(drop).is_ok());
        wait_until("the writer", || {
            let other = scope.spawn(|| matches!(lock.try_read(), Err(TryReadError::WouldBlock)));
            other.join().expect("no panic")
        });
        let again = lock.read_timeout(PATIENCE).expect("this thread reads already");
        assert!(matches!(lock.write(), Err(WriteError::AlreadyHeld)));
        drop((guard, again));
        assert!(writer.join().expect("no panic"));
    });
    let guard = lock.write().expect("free");
    assert!(matches!(lock.read(), Err(ReadError::AlreadyHeld)));
    assert!(matches!(lock.write(), Err(WriteError::AlreadyHeld)));
    drop(guard);
}

pub(crate) fn deadlines_of_a_read_write_lock_are_kept_while_a_process_is_stopped_inside() {
    let lock = new();
    let reader = inside(&lock, "reader", reads);
    stop(&reader);
    assert!(matches!(lock.write_timeout(MOMENT), Err(WriteTimeoutError::TimedOut)));
    drop(lock.read_timeout(PATIENCE).expect("both read"));
    kill(reader);
    let writer = inside(&lock, "writer", writes);
    stop(&writer);
    assert!(matches!(lock.write_timeout(MOMENT), Err(WriteTimeoutError::TimedOut)));
    assert!(matches!(lock.read_timeout(MOMENT), Err(ReadTimeoutError::TimedOut)));
    kill(writer);
}

pub(crate) fn more_readers_than_there_are_places_wait_for_each_other() {
    let lock = new();
    let mut guards = Vec::new();
    let refused = loop {
        match lock.read_timeout(MOMENT) {
            Ok(guard) => guards.push(guard),
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, ReadTimeoutError::AlreadyHeld), "{refused}");
    assert_eq!(guards.len(), 32);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| matches!(lock.read_timeout(MOMENT), Err(ReadTimeoutError::TimedOut)));
        assert!(other.join().expect("no panic"));
        guards.pop();
        let other = scope.spawn(|| lock.read_timeout(PATIENCE).map(drop).is_ok());
        assert!(other.join().expect("no panic"));
    });
}

pub(crate) fn start_is_refused_while_the_caller_reads_or_writes() {
    let lock = new();
    let start = || Process::new("child", || ()).start().map(drop);
    let guard = lock.read().expect("free");
    assert!(matches!(start(), Err(Error::GuardHeld { guards: 1, .. })));
    drop(guard);
    let guard = lock.write().expect("free");
    assert!(matches!(start(), Err(Error::GuardHeld { .. })));
    drop(guard);
    start().expect("it is free");
}

pub(crate) fn a_writer_that_dies_in_the_middle_of_a_repair_leaves_the_report() {
    let lock = new();
    kill(inside(&lock, "first", writes));
    let repairs = || {
        let Err(WriteError::WriterDied(died)) = lock.write() else { return };
        drop(died.repair(|value| {
            value[1] += 7;
            raise(Signal::SIGKILL).expect("a signal to itself");
        }));
    };
    let mut dying = Process::new("second", repairs).start().expect("a process");
    assert_eq!(dying.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    let Err(WriteError::WriterDied(died)) = lock.write() else { panic!("no report") };
    assert_eq!((*died.value(), &*died.holder().name), ([1, 7], "first"));
}
