//! A process is one consumer of a queue, whichever of its threads came first, and however often it came in vain.

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use killproof::crashpoint::CrashPoint;
use killproof::process::Process;
use killproof::queue::{GetTimeoutError, JoinableQueue, TryGetError};
use killproof::sync::Event;
use nix::unistd::gettid;

use crate::stops::{goes_on, stops_at};
use crate::{PATIENCE, wait_until};

/// Several times as long as a waiter sleeps before it checks for dead holders.
const TICKS: Duration = Duration::from_millis(200);

/// Whether a thread of this process sleeps.
fn sleeps(thread: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/self/task/{thread}/stat")).expect("a thread");
    status.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('S'))
}

pub(crate) fn two_threads_that_come_at_once_are_one_consumer() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    (1..=3).for_each(|value| queue.put(value).expect("room"));
    let (held, judged) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let looks = || {
        held.wait(PATIENCE).expect("two leases");
        let got = queue.get_timeout(TICKS).map(|item| *item);
        judged.set();
        assert_eq!(got, Err(GetTimeoutError::TimedOut), "the holders of both live");
    };
    let mut other = Process::new("other", looks).daemon().linked().start().expect("a process");
    let stopped = stops_at(CrashPoint::LeaseRemoved, || assert!(queue.get().expect("the first value").done()));
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..2 {
            let (tell, queue, judged) = (tell.clone(), &queue, &judged);
            scope.spawn(move || {
                tell.send(gettid().as_raw()).expect("the test");
                let item = queue.get_timeout(PATIENCE).expect("a value");
                tell.send(0).expect("the test");
                judged.wait(PATIENCE).expect("the judgement");
                assert!(item.done(), "its holder lives");
            });
        }
        let next = || told.recv_timeout(PATIENCE).expect("a thread");
        for thread in [next(), next()] {
            wait_until("a thread that waits for the lock", || sleeps(thread));
        }
        goes_on(stopped);
        assert_eq!([next(), next()], [0, 0]);
        held.set();
    });
    assert!(other.join().expect("its end").success());
    queue.join_timeout(PATIENCE).expect("all is done");
}

/// How many bytes of files this process has record locks on.
fn locked_bytes() -> u64 {
    let locks = fs::read_to_string("/proc/locks").expect("/proc/locks");
    let pid = std::process::id().to_string();
    let length = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "POSIX", _, _, of, _, first, last] = fields[..] else { return None };
        let [first, last]: [u64; 2] = [first.parse().ok()?, last.parse().ok()?];
        (of == pid).then_some(last - first + 1)
    };
    locks.lines().filter_map(length).sum()
}

pub(crate) fn a_process_that_comes_in_vain_takes_one_place() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    (1..=3).for_each(|value| queue.put(value).expect("room"));
    assert_eq!(locked_bytes(), 0);
    // Each of them is a consumer that came after this process did.
    for _ in 0..2 {
        let stopped = stops_at(CrashPoint::LeaseRemoved, || assert!(queue.get().expect("a value").done()));
        let holder = stopped.pid();
        assert_eq!(queue.try_get().map(|item| *item), Err(TryGetError::Stalled { holder }));
        assert_eq!(locked_bytes(), 1);
        goes_on(stopped);
    }
    assert!(queue.get().expect("the last value").done());
    assert_eq!(locked_bytes(), 1);
}

pub(crate) fn a_lease_is_its_holders_until_its_limit() {
    let queue = JoinableQueue::<u32>::builder(4).max_lease(60 * PATIENCE).build().expect("memory");
    queue.put(1).expect("room");
    let item = queue.get().expect("the value");
    let looks = || assert_eq!(queue.get_timeout(TICKS).map(|item| *item), Err(GetTimeoutError::TimedOut));
    let mut other = Process::new("other", looks).start().expect("a process");
    assert!(other.join().expect("its end").success());
    assert!(item.done(), "its holder lives, and its time is not over");
}
