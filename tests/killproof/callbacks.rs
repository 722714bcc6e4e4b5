//! Code of the program's own that the toolkit calls: it panics, it uses the object that calls it, it locks.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::Error;
use killproof::mutex::{LockError, SharedMutex};
use killproof::process::{Child, Exit, OnEnd, Process, RestartLimit, Supervisor};
use killproof::queue::{JoinableQueue, Queue};
use killproof::sync::{Barrier, Event};
use nix::sys::signal::{Signal, raise};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::PATIENCE;

/// Runs `work` in a process of its own, which ends in time.
#[track_caller]
fn succeeds(work: impl FnOnce() + Send) {
    let mut host = Process::new("host", work).kill_on_drop().start().expect("a process");
    assert_eq!(host.join_timeout(PATIENCE / 2).expect("a wait"), Some(Exit::Code(0)));
}

/// Whether `work` panics.
fn panics<R>(work: impl FnOnce() -> R) -> bool {
    panic::catch_unwind(AssertUnwindSafe(work)).is_err()
}

type Act = Box<dyn FnOnce()>;

std::thread_local! {
    /// What the values of these tests do while they are written, read and dropped.
    static ACTS: [RefCell<Option<Act>>; 3] = const { [const { RefCell::new(None) }; 3] };
}

const WRITTEN: usize = 0;
const READ: usize = 1;
const DROPPED: usize = 2;

/// The next value does this once.
fn once(when: usize, act: impl FnOnce() + 'static) {
    ACTS.with(|acts| *acts[when].borrow_mut() = Some(Box::new(act)));
}

fn act(when: usize) {
    if let Some(act) = ACTS.with(|acts| acts[when].borrow_mut().take()) {
        act();
    }
}

/// A value with code of its own.
#[derive(Debug, PartialEq)]
struct Acts(u32);

impl Serialize for Acts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        act(WRITTEN);
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Acts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        act(READ);
        u32::deserialize(deserializer).map(Acts)
    }
}

impl Drop for Acts {
    fn drop(&mut self) {
        act(DROPPED);
    }
}

/// The next value panics then.
fn fails(when: usize) {
    once(when, || panic!("on purpose"));
}

pub(crate) fn a_value_may_use_its_queue_while_it_is_written_read_and_dropped() {
    succeeds(|| {
        let queue = Queue::new(4).expect("memory");
        let (puts, gets, tries) = (queue.clone(), queue.clone(), queue.clone());
        once(WRITTEN, move || puts.put(Acts(1)).expect("room"));
        queue.put(Acts(2)).expect("room");
        once(READ, move || assert_eq!(gets.get(), Ok(Acts(2))));
        once(DROPPED, move || tries.put(Acts(3)).expect("room"));
        assert_eq!(queue.get(), Ok(Acts(1)));
        assert_eq!((queue.get(), queue.try_get().is_err()), (Ok(Acts(3)), true));
    });
}

pub(crate) fn a_value_that_panics_as_it_is_written_changes_nothing() {
    succeeds(|| {
        let queue = JoinableQueue::new(1).expect("memory");
        fails(WRITTEN);
        assert!(panics(|| queue.put(Acts(1))));
        queue.put(Acts(2)).expect("there is room still");
        assert!(queue.get().expect("a value").done());
        assert_eq!(queue.join().expect("all done").dead_letters, 0);
    });
}

pub(crate) fn a_value_that_panics_as_it_is_dropped_leaves_no_lease() {
    succeeds(|| {
        let queue = JoinableQueue::new(1).expect("memory");
        queue.put(Acts(1)).expect("room");
        let delivery = queue.get().expect("a value");
        fails(DROPPED);
        assert!(panics(|| drop(delivery)));
        let again = queue.get_timeout(PATIENCE).expect("it came back");
        fails(DROPPED);
        assert!(panics(|| again.done()));
        assert_eq!((queue.leases().len(), queue.join_timeout(PATIENCE).expect("done").dead_letters), (0, 0));
    });
}

pub(crate) fn a_repair_that_panics_or_locks_leaves_the_mutex_to_be_repaired() {
    succeeds(|| {
        let mutex = SharedMutex::new(0).expect("memory");
        let ends_inside = || {
            let _guard = mutex.lock().expect("free");
            raise(Signal::SIGKILL).expect("a signal to itself");
        };
        Process::new("dies", ends_inside).start().expect("a process").join().expect("its end");
        let broken = || match mutex.lock() {
            Err(LockError::OwnerDied(died)) => died,
            other => panic!("{:?}", other.map(|guard| *guard)),
        };
        assert!(panics(|| broken().repair(|_| panic!("on purpose"))));
        drop(broken().repair(|number| {
            assert!(matches!(mutex.lock(), Err(LockError::AlreadyHeld)));
            *number = 1;
        }));
        assert_eq!(*mutex.lock().expect("repaired"), 1);
    });
}

pub(crate) fn a_look_at_a_barrier_may_panic_or_come_to_the_same_barrier() {
    succeeds(|| {
        let barrier = Barrier::new(2).expect("memory");
        let panics_at_once = || -> Result<(), Error> { panic!("on purpose") };
        assert!(panics(|| barrier.wait_while(PATIENCE, panics_at_once)));
        assert!(barrier.wait(Duration::ZERO).is_err(), "the arrival of the panic was taken back");
        barrier.wait_while(PATIENCE, || barrier.wait(PATIENCE)).expect("two parties");
    });
}

/// A child that ends only by a signal.
fn sleeper() -> Process<'static> {
    Process::new("sleeper", || Event::new().and_then(|never| never.wait(PATIENCE)))
}

pub(crate) fn a_factory_or_a_hook_that_panics_stops_no_supervisor() {
    succeeds(|| {
        let left = AtomicU32::new(0);
        let may_panic = |number: u32| {
            if left.load(Ordering::Relaxed) == number {
                left.store(0, Ordering::Relaxed);
                panic!("on purpose");
            }
        };
        let on_start = |_: i32, _: std::time::Instant| -> OnEnd {
            may_panic(2);
            Box::new(|_| {})
        };
        let mut supervisor = Supervisor::new(RestartLimit { restarts: 10, per: PATIENCE });
        let factory = || {
            may_panic(1);
            sleeper().on_start(on_start)
        };
        supervisor.start(factory).expect("a process");
        for which in [1, 2] {
            supervisor.children().try_for_each(Child::kill).expect("a signal");
            left.store(which, Ordering::Relaxed);
            assert!(panics(|| supervisor.watch(PATIENCE)));
            assert_eq!(supervisor.watch(PATIENCE).expect("a restart").len(), 1);
        }
        assert_eq!(supervisor.children().filter(|child| child.is_alive()).count(), 1);
    });
}

pub(crate) fn a_hook_at_the_end_that_panics_stops_no_supervisor() {
    succeeds(|| {
        let hook = |_: i32, _: std::time::Instant| -> OnEnd { Box::new(|_| panic!("on purpose")) };
        let mut supervisor = Supervisor::new(RestartLimit { restarts: 10, per: PATIENCE });
        supervisor.start(|| sleeper().on_start(hook)).expect("a process");
        supervisor.children().try_for_each(Child::kill).expect("a signal");
        assert!(panics(|| supervisor.watch(PATIENCE)));
        assert_eq!(supervisor.watch(PATIENCE).expect("a restart").len(), 1);
        assert!(panics(|| drop(supervisor)), "its worker has the same hook");
    });
}

pub(crate) fn hooks_may_start_and_join_other_processes() {
    succeeds(|| {
        let on_start = |_: i32, _: std::time::Instant| -> OnEnd {
            let mut other = Process::new("other", || 7_u8).start().expect("a process");
            Box::new(move |exit| {
                assert_eq!(exit, Some(Exit::Code(3)));
                assert_eq!(other.join().expect("its end"), Exit::Code(7));
            })
        };
        let mut child = Process::new("child", || 3_u8).on_start(on_start).start().expect("a process");
        assert_eq!(child.join().expect("its end"), Exit::Code(3));
    });
}
