//! Foreign code that the toolkit calls to report: it holds no lock of its own meanwhile, and a panic stays there.

use std::num::NonZeroU32;
use std::panic;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::Error;
use killproof::file_lock::FileLock;
use killproof::mutex::{LockError, SharedMutex};
use killproof::observe::{self, End, Location, Mark, Object, ObjectKind, Observer, OpenSpan, SpanKind, Stamp};
use killproof::process::{Child, Exit, Process};
use killproof::queue::{GetTimeoutError, JoinableQueue, Queue};
use killproof::sync::rw_lock::ReadError;
use killproof::sync::{Barrier, Condvar, Event, RwLock, Semaphore};
use nix::sys::signal::{Signal, raise};

use crate::{PATIENCE, wait_for};

/// A wait that ends by its deadline.
const MOMENT: Duration = Duration::from_millis(1);

/// Runs `observed` in a process of its own, which has an observer.
#[track_caller]
pub(crate) fn succeeds(observed: impl Fn() + Send + Sync) {
    let host = Process::new("observed", || {
        // The panics are part of the test.
        panic::set_hook(Box::new(|panic| {
            if !panic.payload().is::<OnPurpose>() {
                eprintln!("{panic}");
            }
        }));
        observed();
    });
    let mut child = host.kill_on_drop().start().expect("a process");
    assert_eq!(child.join_timeout(PATIENCE / 2).expect("a wait"), Some(Exit::Code(0)));
}

/// The payload of a panic that is part of a test.
struct OnPurpose;

/// Uses the object of its report, and others, in each method.
#[derive(Default)]
struct Interferes {
    queue: OnceLock<Queue<u32>>,
    mutex: OnceLock<SharedMutex<u32>>,
}

static INTERFERES: Interferes = Interferes { queue: OnceLock::new(), mutex: OnceLock::new() };

impl Interferes {
    fn interfere(&self) {
        let _ = self.queue.get().map(|queue| (queue.try_put(1), queue.try_get()));
        let _ = self.mutex.get().map(|mutex| mutex.try_lock().map(|mut number| *number += 1));
        let _ = Queue::<u32>::new(1);
    }
}

impl Observer for Interferes {
    fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
        self.interfere();
        NonZeroU32::new(1)
    }

    fn begin(&self, _: SpanKind, _: Object<'_>, _: Location) -> Option<Box<dyn OpenSpan>> {
        self.interfere();
        None
    }

    fn begin_here(&self, _: SpanKind, _: Object<'_>, _: Location) -> Option<NonZeroU32> {
        self.interfere();
        NonZeroU32::new(1)
    }

    fn end_here(&self, _: NonZeroU32, _: End) {
        self.interfere();
    }

    fn released(&self) {
        self.interfere();
    }

    fn mark(&self, _: Mark, _: Object<'_>, _: Location) {
        self.interfere();
    }

    fn stamp(&self) -> Stamp {
        self.interfere();
        Stamp::default()
    }
}

pub(crate) fn an_observer_may_use_what_its_reports_are_about() {
    succeeds(|| {
        observe::install(&INTERFERES).expect("the first observer of this process");
        let queue = INTERFERES.queue.get_or_init(|| Queue::new(4).expect("memory"));
        let mutex = INTERFERES.mutex.get_or_init(|| SharedMutex::new(0).expect("memory"));
        queue.put(2).expect("room");
        assert_eq!((queue.get(), queue.try_get().is_err()), (Ok(2), true));
        assert!(matches!(queue.get_timeout(MOMENT), Err(GetTimeoutError::TimedOut)));
        drop(mutex.lock().expect("free"));
        // Once when the lock was free again: while it was held, the observer got an error.
        assert!(*mutex.lock().expect("free") > 0);
    });
}

/// Panics in one of its methods.
struct Panics {
    /// The number of the method.
    in_method: AtomicU32,
    /// Set when a wait for a lock begins.
    waits: OnceLock<Event>,
}

static PANICS: Panics = Panics { in_method: AtomicU32::new(u32::MAX), waits: OnceLock::new() };
const METHODS: u32 = 9;

impl Panics {
    fn may_panic(&self, method: u32) {
        if self.in_method.load(Ordering::Relaxed) == method {
            panic::panic_any(OnPurpose);
        }
    }
}

impl Observer for Panics {
    fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
        self.may_panic(0);
        NonZeroU32::new(1)
    }

    fn begin(&self, kind: SpanKind, _: Object<'_>, _: Location) -> Option<Box<dyn OpenSpan>> {
        let _ = self.waits.get().filter(|_| kind == SpanKind::WaitLock).map(Event::set);
        self.may_panic(1);
        Some(Box::new(Span))
    }

    fn begin_here(&self, _: SpanKind, _: Object<'_>, _: Location) -> Option<NonZeroU32> {
        self.may_panic(2);
        NonZeroU32::new(1)
    }

    fn end_here(&self, _: NonZeroU32, _: End) {
        self.may_panic(3);
    }

    fn released(&self) {
        self.may_panic(4);
    }

    fn mark(&self, mark: Mark, _: Object<'_>, _: Location) {
        if !matches!(mark, Mark::Exits { .. }) {
            self.may_panic(5);
        }
    }

    fn stamp(&self) -> Stamp {
        self.may_panic(6);
        Stamp::default()
    }
}

#[derive(Debug)]
struct Span;

impl OpenSpan for Span {
    fn end(&mut self, _: End) {
        PANICS.may_panic(7);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        PANICS.may_panic(8);
    }
}

/// A child that dies with the mutex, once `gate` is set.
fn dies_inside(mutex: &SharedMutex<u32>, inside: &Event, gate: &Event) -> Child {
    let dies = || {
        let _guard = mutex.lock().expect("free");
        inside.set();
        gate.wait(PATIENCE)?;
        raise(Signal::SIGKILL).expect("a signal to itself");
        Ok::<(), Error>(())
    };
    Process::new("dies inside", dies).daemon().start().expect("a process")
}

/// Uses each primitive in each way that an observer learns of.
fn use_everything(gate: &Event) {
    let event = || Event::new().expect("memory");
    event().wait(MOMENT).expect_err("not set");

    let (queue, tasks) = (Queue::new(2).expect("memory"), JoinableQueue::new(2).expect("memory"));
    queue.put(7).expect("room");
    assert_eq!(queue.get(), Ok(7));
    tasks.put(7).expect("room");
    drop(tasks.get().expect("a value"));
    assert!(tasks.get().expect("the same again").done());
    assert!(matches!(tasks.get_timeout(MOMENT), Err(GetTimeoutError::TimedOut)));
    assert_eq!(tasks.join().expect("all done").dead_letters, 0);

    let (mutex, inside) = (SharedMutex::new(0).expect("memory"), event());
    *mutex.lock().expect("free") += 1;
    let mut dead = dies_inside(&mutex, &inside, gate);
    wait_for(&dead, "it was inside", || inside.is_set());
    assert!(matches!(mutex.lock(), Err(LockError::OwnerDied(_))), "the lock of the dead, after a wait for it");
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("refused, it is reported again") };
    drop(died.repair(|number| *number = 2));
    assert_eq!(*mutex.lock().expect("whole"), 2);
    dead.join().expect("its end");

    let changed = Condvar::new().expect("memory");
    let guard = mutex.lock().expect("free");
    drop(changed.wait_timeout(&mutex, guard, MOMENT).expect("whole"));
    let shared = RwLock::new(0).expect("memory");
    *shared.write().expect("free") += 1;
    let reader = shared.read().expect("free");
    assert!(shared.write_timeout(MOMENT).is_err(), "there is a reader");
    drop(reader);
    let permits = Semaphore::new(1).expect("memory");
    let permit = permits.acquire().expect("a permit");
    assert!(permits.acquire_timeout(MOMENT).is_err(), "the other one has it");
    drop(permit);
    assert!(Barrier::new(2).expect("memory").wait(MOMENT).is_err(), "the other party does not come");

    let folder = tempfile::tempdir().expect("a folder");
    let lock = FileLock::new(folder.path().join("lock"));
    let guard = lock.lock().expect("free");
    assert!(lock.lock_timeout(MOMENT).expect("no error").is_none());
    drop(guard);
    assert!(lock.try_lock().expect("no error").is_some(), "free again");
}

pub(crate) fn a_panic_of_an_observer_loses_its_report_and_nothing_else() {
    for method in 0..METHODS {
        succeeds(|| {
            let gate = PANICS.waits.get_or_init(|| Event::new().expect("memory"));
            observe::install(&PANICS).expect("the first observer of this process");
            PANICS.in_method.store(method, Ordering::Relaxed);
            if method == 0 {
                // An object that is not observed reports no wait.
                gate.set();
            }
            use_everything(gate);
        });
    }
}

pub(crate) fn a_panic_of_an_observer_during_a_panic_does_not_abort() {
    for method in 0..METHODS {
        succeeds(|| {
            observe::install(&PANICS).expect("the first observer of this process");
            let mutex = SharedMutex::new(0).expect("memory");
            let panics = || {
                let _guard = mutex.lock().expect("free");
                PANICS.in_method.store(method, Ordering::Relaxed);
                panic::panic_any(OnPurpose);
            };
            panic::catch_unwind(panic::AssertUnwindSafe(panics)).expect_err("the first panic");
            assert!(matches!(mutex.lock(), Err(LockError::OwnerDied(_))), "the holder panicked inside");
        });
        succeeds(|| {
            observe::install(&PANICS).expect("the first observer of this process");
            let (lock, permits) = (RwLock::new(0).expect("memory"), Semaphore::new(1).expect("memory"));
            let panics = |writes: bool| {
                let _permit = permits.acquire().expect("a permit");
                let _reader = (!writes).then(|| lock.read().expect("whole"));
                let _writer = writes.then(|| lock.write().expect("whole"));
                PANICS.in_method.store(method, Ordering::Relaxed);
                panic::panic_any(OnPurpose);
            };
            for writes in [false, true] {
                PANICS.in_method.store(u32::MAX, Ordering::Relaxed);
                panic::catch_unwind(panic::AssertUnwindSafe(|| panics(writes))).expect_err("the first panic");
                assert_eq!(matches!(lock.read(), Err(ReadError::WriterDied(_))), writes, "a reader changes nothing");
                drop(permits.acquire().expect("the permit came back"));
            }
        });
    }
}

/// Counts how spans end.
#[derive(Default)]
struct CountsEnds {
    usual: AtomicU32,
    panicked: AtomicU32,
}

static COUNTS_ENDS: CountsEnds = CountsEnds { usual: AtomicU32::new(0), panicked: AtomicU32::new(0) };

impl Observer for CountsEnds {
    fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
        NonZeroU32::new(1)
    }

    fn begin_here(&self, _: SpanKind, _: Object<'_>, _: Location) -> Option<NonZeroU32> {
        NonZeroU32::new(1)
    }

    fn end_here(&self, _: NonZeroU32, end: End) {
        let count = if end == End::Panicked { &self.panicked } else { &self.usual };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) fn a_span_says_whether_its_holder_panicked() {
    succeeds(|| {
        observe::install(&COUNTS_ENDS).expect("the first observer of this process");
        let (mutex, lock) = (SharedMutex::new(0).expect("memory"), RwLock::new(0).expect("memory"));
        let hold = |writes: bool, inside: fn()| {
            let _holder = (!writes).then(|| mutex.lock().expect("whole"));
            let _writer = writes.then(|| lock.write().expect("whole"));
            inside();
        };
        for writes in [false, true] {
            let before = [&COUNTS_ENDS.usual, &COUNTS_ENDS.panicked].map(|count| count.load(Ordering::Relaxed));
            hold(writes, || ());
            let panics = || hold(writes, || panic::panic_any(OnPurpose));
            panic::catch_unwind(panic::AssertUnwindSafe(panics)).expect_err("the panic inside");
            let after = [&COUNTS_ENDS.usual, &COUNTS_ENDS.panicked].map(|count| count.load(Ordering::Relaxed));
            assert_eq!(after, before.map(|count| count + 1));
        }
        let permits = Semaphore::new(2).expect("memory");
        let before = COUNTS_ENDS.usual.load(Ordering::Relaxed);
        drop(permits.acquire().expect("a permit"));
        assert_eq!(COUNTS_ENDS.usual.load(Ordering::Relaxed), before + 1);
        permits.acquire().expect("a permit").consume();
        assert_eq!(COUNTS_ENDS.usual.load(Ordering::Relaxed), before + 2);
    });
}

struct PanicsAtForks;

impl Observer for PanicsAtForks {
    fn forked(&self) {
        panic::panic_any(OnPurpose);
    }
}

pub(crate) fn an_observer_that_panics_at_a_fork_ends_the_child() {
    succeeds(|| {
        observe::install(&PanicsAtForks).expect("the first observer of this process");
        let mut child = Process::new("child", || ()).start().expect("a process");
        assert_eq!(child.join().expect("its end"), Exit::Code(101));
    });
}
