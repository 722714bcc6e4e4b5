//! Processes that are stopped (SIGSTOP) in the middle of an operation on a queue, with its lock held: the others
//! keep their deadlines, can be asked to end, and learn which process it is.

use std::time::Duration;

use killproof::crashpoint::{self, CrashPoint};
use killproof::interrupt;
use killproof::process::{Child, Exit, Process};
use killproof::procfs;
use killproof::queue::{
    Delivery, GetTimeoutError, JoinTimeoutError, JoinableQueue, PutTimeoutError, Queue, TryGetError, TryPutError,
};
use killproof::sync::Event;
use nix::sys::signal::Signal;

use crate::{PATIENCE, wait_for};

const SHORT: Duration = Duration::from_millis(100);

/// The points of an operation of a producer and of a consumer at which they hold their lock.
const IN_PUT: &[CrashPoint] =
    &[CrashPoint::PutTaken, CrashPoint::PutWritten, CrashPoint::PutCommitted, CrashPoint::PutOrdered];
const IN_GET: &[CrashPoint] = &[CrashPoint::LeaseSigned, CrashPoint::LeaseCommitted, CrashPoint::LeaseRemoved];
const IN_DONE: &[CrashPoint] = &[CrashPoint::FreeCommitted, CrashPoint::FreeAppended];

/// A process that stops at a point of `work`, and goes on when it is continued.
pub(crate) fn stops_at<'f>(point: CrashPoint, work: impl FnOnce() + Send + 'f) -> Child {
    let armed = || {
        crashpoint::arm_to_stop(point, 1);
        work();
    };
    let child = Process::new("stops", armed).start().expect("a process");
    let is_stopped = || procfs::status(child.pid()).expect("/proc").is_some_and(|status| status.state == 'T');
    wait_for(&child, "its stop", is_stopped);
    child
}

pub(crate) fn goes_on(mut stopped: Child) {
    stopped.signal(Signal::SIGCONT).expect("a signal");
    assert_eq!(stopped.join_timeout(PATIENCE).expect("a wait"), Some(Exit::Code(0)));
}

/// Runs `work` in a process that must end by itself: a hang would be a failure and no hang of the suite.
#[track_caller]
fn returns(point: CrashPoint, work: impl FnOnce() + Send) {
    let mut child = Process::new("returns", work).kill_on_drop().start().expect("a process");
    let exit = child.join_timeout(PATIENCE / 4).expect("a wait");
    assert_eq!(exit, Some(Exit::Code(0)), "{point:?}");
}

pub(crate) fn producers_keep_their_deadlines_while_one_is_stopped_inside() {
    for &point in IN_PUT {
        let queue = JoinableQueue::<u32>::new(8).expect("memory");
        let stopped = stops_at(point, || queue.put(1).expect("room"));
        let holder = stopped.pid();
        returns(point, || {
            assert_eq!(queue.try_put(2), Err(TryPutError::Stalled { value: 2, holder }));
            assert_eq!(queue.put_timeout(2, SHORT), Err(PutTimeoutError::Stalled { value: 2, holder }));
            assert!(queue.join_timeout(SHORT).is_err(), "a message is being put");
            // The consumers' lock is free.
            let _ = queue.get_timeout(SHORT).map(Delivery::done);
            queue.close();
        });
        goes_on(stopped);
        while let Ok(item) = queue.get_timeout(PATIENCE) {
            assert!(item.done(), "{point:?}");
        }
        assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(0), "{point:?}");
    }
}

pub(crate) fn consumers_keep_their_deadlines_while_one_is_stopped_inside() {
    let work = |queue: &JoinableQueue<u32>| assert!(queue.get().expect("a value").done());
    for &point in IN_GET.iter().chain(IN_DONE) {
        let queue = JoinableQueue::<u32>::new(8).expect("memory");
        (1..=3).for_each(|value| queue.put(value).expect("room"));
        let stopped = stops_at(point, || work(&queue));
        let holder = stopped.pid();
        returns(point, || {
            assert_eq!(queue.try_get().map(|_| ()), Err(TryGetError::Stalled { holder }));
            assert_eq!(queue.get_timeout(SHORT).map(|_| ()), Err(GetTimeoutError::Stalled { holder }));
            assert!(matches!(queue.join_timeout(SHORT), Err(JoinTimeoutError::TimedOut { .. })));
            queue.put_timeout(4, SHORT).expect("the producers' lock is free");
        });
        goes_on(stopped);
        for value in 2..=4 {
            let item = queue.get_timeout(PATIENCE).expect("a value");
            assert_eq!((*item, item.attempt()), (value, 1), "{point:?}");
            assert!(item.done());
        }
    }
}

pub(crate) fn a_process_that_is_stopped_while_it_repairs_holds_up_no_deadline() {
    for point in [CrashPoint::RepairEmptied, CrashPoint::RepairOrdered, CrashPoint::RepairFilled] {
        let queue = Queue::<u32>::new(4).expect("memory");
        queue.put(1).expect("room");
        crate::queue_kills::dies_at(CrashPoint::PutCommitted, || queue.put(2).expect("room"));
        let stopped = stops_at(point, || queue.put(3).expect("room"));
        returns(point, || {
            assert!(matches!(queue.try_get(), Err(TryGetError::Stalled { .. })));
            assert!(matches!(queue.get_timeout(SHORT), Err(GetTimeoutError::Stalled { .. })));
            assert!(matches!(queue.try_put(4), Err(TryPutError::Stalled { .. })));
        });
        goes_on(stopped);
        assert_eq!((queue.get(), queue.get(), queue.get()), (Ok(1), Ok(2), Ok(3)), "{point:?}");
    }
}

pub(crate) fn a_successor_that_is_stopped_while_it_recovers_is_a_consumer() {
    for (dies, stops) in
        [(CrashPoint::LeaseRemoved, CrashPoint::ReturnNoted), (CrashPoint::LeaseCommitted, CrashPoint::RepairNoted)]
    {
        let queue = JoinableQueue::<u32>::new(1).expect("memory");
        queue.put(1).expect("room");
        crate::queue_kills::dies_at(dies, || drop(queue.get()));
        let stopped = stops_at(stops, || assert!(queue.get().expect("what the dead one held").done()));
        // Longer than a queue whose consumers are all dead waits for a successor.
        let long = Duration::from_secs(1);
        returns(stops, || {
            let put = queue.put_timeout(2, long);
            assert!(matches!(put, Err(PutTimeoutError::TimedOut(_) | PutTimeoutError::Stalled { .. })), "{put:?}");
            let joined = queue.join_timeout(long);
            assert!(matches!(joined, Err(JoinTimeoutError::TimedOut { .. })), "{joined:?}");
        });
        goes_on(stopped);
        assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(0), "{stops:?}");
    }
}

pub(crate) fn every_operation_ends_when_its_process_is_asked_to_end_meanwhile() {
    type Work = fn(&JoinableQueue<u32>);
    let works: [(CrashPoint, Work); 6] = [
        (CrashPoint::LeaseCommitted, |queue| assert!(queue.get().is_err())),
        (CrashPoint::PutCommitted, |queue| assert!(queue.put(9).is_err())),
        (CrashPoint::LeaseCommitted, |queue| assert!(queue.join().is_err())),
        (CrashPoint::LeaseCommitted, |queue| assert!(queue.dead_letters().is_err())),
        (CrashPoint::LeaseCommitted, |queue| drop(queue.get_timeout(PATIENCE))),
        (CrashPoint::PutCommitted, |queue| {
            queue.close();
            assert!(queue.put(9).is_err());
        }),
    ];
    for (number, (point, work)) in works.into_iter().enumerate() {
        let queue = JoinableQueue::<u32>::builder(8).max_deaths(1).build().expect("memory");
        queue.put(1).expect("room");
        // A dead letter, for the operation that reads them.
        crate::queue_kills::kill_holders(&queue, 1);
        assert!(queue.get_timeout(SHORT).is_err());
        queue.put(2).expect("room");
        let stopped = stops_at(point, || match point {
            CrashPoint::PutCommitted => queue.put(3).expect("room"),
            _ => drop(queue.get()),
        });
        let ready = Event::new().expect("memory");
        let interrupted = || {
            interrupt::catch_signals().expect("handlers");
            ready.set();
            work(&queue);
        };
        // A process of its own catches the signal: in a forked child the handlers are not inherited.
        let mut child = Process::new("asked", interrupted).kill_on_drop().linked().start().expect("a process");
        ready.wait(PATIENCE).expect("it has its handlers");
        child.terminate().expect("a signal");
        let exit = child.join_timeout(PATIENCE / 4).expect("a wait");
        assert_eq!(exit, Some(Exit::Code(0)), "operation {number}");
        goes_on(stopped);
    }
}

pub(crate) fn a_delivery_is_acknowledged_or_goes_to_another_consumer_although_a_process_is_stopped() {
    let queue = JoinableQueue::<u32>::new(8).expect("memory");
    (1..=2).for_each(|value| queue.put(value).expect("room"));
    let (holds, go) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let gives_up = || {
        interrupt::catch_signals().expect("handlers");
        let item = queue.get().expect("the first value");
        holds.set();
        go.wait(PATIENCE).expect("the other one is stopped");
        assert!(!item.done(), "the lock was kept");
    };
    let mut child = Process::new("gives up", gives_up).kill_on_drop().linked().start().expect("a process");
    holds.wait(PATIENCE).expect("it has it");
    let stopped = stops_at(CrashPoint::LeaseCommitted, || assert!(queue.get().expect("the second value").done()));
    go.set();
    child.terminate().expect("a signal");
    assert_eq!(child.join_timeout(PATIENCE / 4).expect("a wait"), Some(Exit::Code(0)));
    goes_on(stopped);
    let item = queue.get_timeout(PATIENCE).expect("the first value");
    assert_eq!((*item, item.attempt()), (1, 2));
    assert!(item.done());
    assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(0));
}

pub(crate) fn a_queue_that_is_closed_while_a_producer_is_stopped_inside_loses_nothing() {
    for &point in IN_PUT {
        let queue = Queue::<u32>::new(8).expect("memory");
        queue.put(1).expect("room");
        let stopped = stops_at(point, || queue.put(2).expect("it began before the queue was closed"));
        // From its last step on, the value is in the queue.
        let is_in = point == CrashPoint::PutOrdered;
        let holder = stopped.pid();
        returns(point, || {
            queue.close();
            assert_eq!(queue.try_put(3), Err(TryPutError::Stalled { value: 3, holder }));
            assert_eq!(queue.get(), Ok(1));
            // Not that it is over: the stopped producer may yet put its value.
            let next = queue.get_timeout(SHORT);
            assert_eq!(next, if is_in { Ok(2) } else { Err(GetTimeoutError::TimedOut) });
        });
        goes_on(stopped);
        let rest: Vec<u32> = std::iter::from_fn(|| queue.get().ok()).collect();
        assert_eq!(rest, if is_in { vec![] } else { vec![2] }, "{point:?}");
        assert_eq!(queue.try_put(3), Err(TryPutError::Closed(3)));
    }
}
