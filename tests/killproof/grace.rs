//! Processes that are asked to end, and take their time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use killproof::process::{Child, Exit, Process, RestartLimit, Supervisor, end_all};
use killproof::procfs;
use killproof::shared::Shared;
use killproof::sync::Event;
use nix::sys::signal::SigSet;
use support::Signal;

use crate::{PATIENCE, wait_until};

const MANY: u32 = 10;
/// What the processes would take one after the other: half a second each.
const ONE_BY_ONE: Duration = Duration::from_secs(5);

/// How many processes block SIGTERM by now.
type Ready = Shared<AtomicU32>;

fn ready() -> Ready {
    Shared::new(AtomicU32::new(0)).expect("memory")
}

/// A process that does not end by SIGTERM.
fn stubborn(ready: &Ready) -> Process<'_> {
    Process::new("stubborn", || {
        SigSet::from(Signal::SIGTERM).thread_block().expect("a mask");
        ready.fetch_add(1, Ordering::AcqRel);
        Event::new()?.wait(PATIENCE)
    })
}

fn wait_for(count: u32, ready: &Ready) {
    wait_until("stubborn processes", || ready.load(Ordering::Acquire) == count);
}

/// A process that ends by SIGTERM, and the number of the signal by which it ended.
fn listens() -> (Child, Arc<AtomicI32>) {
    let ended = Arc::new(AtomicI32::new(-1));
    let tell = Arc::clone(&ended);
    let child = Process::new("listens", || Event::new().and_then(|never| never.wait(PATIENCE)));
    let child = child.daemon().start().expect("a process");
    let note = move |exit: Option<Exit>| tell.store(exit.and_then(Exit::signal).unwrap_or(0), Ordering::Relaxed);
    (child.on_end(Box::new(note)), ended)
}

fn gone(pid: i32) -> bool {
    procfs::status(pid).expect("/proc").is_none()
}

pub(crate) fn stubborn_workers_of_a_supervisor_are_given_one_time_together() {
    let ready = ready();
    let mut supervisor = Supervisor::new(RestartLimit { restarts: 0, per: PATIENCE });
    for _ in 0..MANY {
        supervisor.start(|| stubborn(&ready)).expect("a process");
    }
    wait_for(MANY, &ready);
    let pids: Vec<i32> = supervisor.children().map(Child::pid).collect();
    let began = Instant::now();
    drop(supervisor);
    assert!(began.elapsed() < ONE_BY_ONE, "{:?}", began.elapsed());
    assert!(pids.into_iter().all(gone));
}

pub(crate) fn stubborn_children_that_are_dropped_one_by_one_share_their_time() {
    let ready = ready();
    let start = |_| stubborn(&ready).daemon().start().expect("a process");
    let mut children: Vec<Child> = (0..MANY).map(start).collect();
    wait_for(MANY, &ready);
    let (last, ended_by) = listens();
    children.insert(1, last);
    let pids: Vec<i32> = children.iter().map(Child::pid).collect();
    let began = Instant::now();
    drop(children);
    assert!(began.elapsed() < ONE_BY_ONE, "{:?}", began.elapsed());
    assert!(pids.into_iter().all(gone));
    assert_eq!(ended_by.load(Ordering::Relaxed), Signal::SIGTERM as i32, "it had time to end by itself");
}

pub(crate) fn processes_that_are_ended_together_have_the_same_time() {
    let ready = ready();
    let mut children: Vec<Child> = Vec::new();
    let mut ended_by = Vec::new();
    for _ in 0..MANY {
        children.push(stubborn(&ready).start().expect("a process"));
        let (child, ended) = listens();
        children.push(child);
        ended_by.push(ended);
    }
    wait_for(MANY, &ready);
    let pids: Vec<i32> = children.iter().map(Child::pid).collect();
    let began = Instant::now();
    end_all(children);
    assert!(began.elapsed() < ONE_BY_ONE, "{:?}", began.elapsed());
    assert!(pids.into_iter().all(gone));
    assert!(ended_by.iter().all(|ended| ended.load(Ordering::Relaxed) == Signal::SIGTERM as i32));
}

pub(crate) fn a_stopped_child_is_ended_as_another_one_is() {
    let (child, ended_by) = listens();
    child.signal(Signal::SIGSTOP).expect("a signal");
    let state = || procfs::status(child.pid()).expect("/proc").expect("it is there").state;
    crate::wait_for(&child, "its stop", || state() == 'T');
    drop(child);
    assert_eq!(ended_by.load(Ordering::Relaxed), Signal::SIGTERM as i32);
}
