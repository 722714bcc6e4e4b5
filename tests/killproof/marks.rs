//! What a queue reports to an observer about a value that a consumer gets, and about its wait.

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use killproof::mutex::SharedMutex;
use killproof::observe::{self, End, Location, Mark, Object, ObjectKind, Observer, OpenSpan, SpanKind, Stamp};
use killproof::queue::{GetTimeoutError, JoinableQueue, Queue};
use killproof::sync::{Barrier, Condvar, Event, RwLock, Semaphore};

use crate::observer::succeeds;

/// Keeps what the marks say, and which spans began.
struct Remembers {
    marks: Mutex<Vec<Mark>>,
    begun: Mutex<Vec<SpanKind>>,
}

static REMEMBERS: Remembers = Remembers { marks: Mutex::new(Vec::new()), begun: Mutex::new(Vec::new()) };
/// A wait of several ticks of the toolkit.
const TICKS: Duration = Duration::from_millis(160);
const STAMP: Stamp = Stamp([13, 7]);

#[derive(Debug)]
struct Begun;

impl OpenSpan for Begun {
    fn end(&mut self, _: End) {}
}

impl Observer for Remembers {
    fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
        NonZeroU32::new(1)
    }

    fn begin(&self, kind: SpanKind, _: Object<'_>, _: Location) -> Option<Box<dyn OpenSpan>> {
        self.begun.lock().expect("no panic").push(kind);
        Some(Box::new(Begun))
    }

    fn mark(&self, mark: Mark, _: Object<'_>, _: Location) {
        self.marks.lock().expect("no panic").push(mark);
    }

    fn stamp(&self) -> Stamp {
        STAMP
    }
}

pub(crate) fn an_observer_learns_who_put_what_a_consumer_gets() {
    succeeds(|| {
        observe::install(&REMEMBERS).expect("the first observer of this process");
        let marks = || std::mem::take(&mut *REMEMBERS.marks.lock().expect("no panic"));
        let plain = Queue::new(1).expect("memory");
        plain.put(1).expect("room");
        assert_eq!(plain.get(), Ok(1));
        assert_eq!(marks(), [Mark::HandedOver { from: STAMP }]);
        let joinable = JoinableQueue::new(1).expect("memory");
        joinable.put(1).expect("room");
        drop(joinable.get().expect("a value"));
        assert!(joinable.get().expect("it came back").done());
        assert_eq!(marks(), [Mark::HandedOver { from: STAMP }, Mark::Redelivered { from_pid: None }]);
    });
}

pub(crate) fn a_wait_of_many_ticks_is_one_span() {
    succeeds(|| {
        observe::install(&REMEMBERS).expect("the first observer of this process");
        let queue = Queue::<u32>::new(1).expect("memory");
        let (event, barrier) = (Event::new().expect("memory"), Barrier::new(2).expect("memory"));
        let (permits, changed) = (Semaphore::new(0).expect("memory"), Condvar::new().expect("memory"));
        let (mutex, lock) = (SharedMutex::new(0).expect("memory"), RwLock::new(0).expect("memory"));
        let fails_in_another_thread = |waits: &(dyn Fn() -> bool + Sync)| {
            thread::scope(|scope| assert!(!scope.spawn(waits).join().expect("no panic")));
        };
        let beside_a_reader = || {
            let _reader = lock.read().expect("free");
            fails_in_another_thread(&|| lock.write_timeout(TICKS).is_ok());
        };
        let beside_a_holder = || {
            let _holder = mutex.lock().expect("free");
            fails_in_another_thread(&|| mutex.lock_timeout(TICKS).is_ok());
        };
        let for_a_change = || {
            let guard = mutex.lock().expect("free");
            let waited = changed.wait_timeout_while(&mutex, guard, TICKS, |value| *value == 0);
            assert!(waited.expect("whole").1.timed_out());
        };
        let waits: [(SpanKind, &dyn Fn()); 7] = [
            (SpanKind::WaitGet, &|| assert_eq!(queue.get_timeout(TICKS), Err(GetTimeoutError::TimedOut))),
            (SpanKind::WaitEvent, &|| assert!(event.wait(TICKS).is_err())),
            (SpanKind::WaitBarrier, &|| assert!(barrier.wait(TICKS).is_err())),
            (SpanKind::WaitPermit, &|| assert!(permits.acquire_timeout(TICKS).is_err())),
            (SpanKind::WaitLock, &beside_a_holder),
            (SpanKind::WaitLock, &beside_a_reader),
            (SpanKind::WaitNotify, &for_a_change),
        ];
        for (kind, wait) in waits {
            wait();
            let begun = std::mem::take(&mut *REMEMBERS.begun.lock().expect("no panic"));
            assert_eq!(begun, [kind]);
        }
    });
}
