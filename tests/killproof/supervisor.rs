//! Restarting dead workers, and giving up.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use killproof::Error;
use killproof::process::{Child, Exit, Process, RestartLimit, Restarted, Supervisor, WatchError, adopted};
use killproof::procfs;
use killproof::queue::Queue;
use killproof::shared::Shared;
use killproof::sync::Event;
use nix::sys::signal::SigSet;
use support::Signal;

use crate::descriptors::NoDescriptors;
use crate::{PATIENCE, wait_until};

const HOUR: Duration = Duration::from_hours(1);

/// Allows this many restarts within the whole test.
fn supervisor<'f>(restarts: u32) -> Supervisor<'f> {
    Supervisor::new(RestartLimit { restarts, per: HOUR })
}

/// A worker that ends only by a signal.
fn waits(name: &'static str) -> impl Fn() -> Process<'static> {
    move || Process::new(name, || Event::new().and_then(|never| never.wait(PATIENCE)))
}

/// Kills the worker of this name and waits for its end, which the supervisor has yet to see.
fn kill(supervisor: &Supervisor<'_>, name: &str) -> i32 {
    let worker = supervisor.children().find(|worker| worker.name() == name).expect("a worker of this name");
    worker.kill().expect("a signal");
    worker.wait_ended().expect("no request to end");
    worker.pid()
}

fn names_and_pids(supervisor: &Supervisor<'_>) -> Vec<(String, i32)> {
    supervisor.children().map(|worker| (worker.name().to_owned(), worker.pid())).collect()
}

fn pids(supervisor: &Supervisor<'_>) -> Vec<i32> {
    supervisor.children().map(Child::pid).collect()
}

fn gone(pid: i32) -> bool {
    procfs::status(pid).expect("/proc").is_none()
}

/// The only worker that was restarted: its name, its old pid, its end and its new pid.
fn only(restarted: &[Restarted]) -> (&str, i32, Exit, i32) {
    let [Restarted { died, pid, .. }] = restarted else { panic!("one restart was expected: {restarted:?}") };
    (&died.name, died.pid, died.exit, *pid)
}

pub(crate) fn a_killed_worker_is_restarted() {
    let mut supervisor = supervisor(3);
    supervisor.start(waits("a")).expect("a process");
    supervisor.start(waits("b")).expect("a process");
    let b = names_and_pids(&supervisor)[1].clone();
    for _ in 0..3 {
        let killed = kill(&supervisor, "a");
        let restarted = supervisor.watch(PATIENCE).expect("a restart");
        let (name, old, exit, new) = only(&restarted);
        assert_eq!((name, old, exit), ("a", killed, Exit::Signal(Signal::SIGKILL)));
        assert!(new != killed && gone(killed));
        assert_eq!(names_and_pids(&supervisor), [("a".to_owned(), new), b.clone()]);
        assert!(supervisor.children().all(Child::is_alive));
    }
}

pub(crate) fn a_worker_that_panics_is_restarted_until_it_ends_with_code_0() {
    let started = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = || assert!(started.fetch_add(1, Ordering::AcqRel) == 2, "on purpose");
    let mut supervisor = supervisor(2);
    supervisor.start(|| Process::new("panics twice", work)).expect("a process");
    for _ in 0..2 {
        let restarted = supervisor.watch(PATIENCE).expect("a restart");
        assert_eq!(only(&restarted).2, Exit::Code(101));
    }
    assert_eq!(supervisor.watch(PATIENCE).expect("its end"), []);
    assert!(supervisor.is_empty());
    assert_eq!(started.load(Ordering::Acquire), 3);
}

pub(crate) fn a_worker_that_ends_with_code_0_is_finished() {
    let mut supervisor = supervisor(0);
    supervisor.start(|| Process::new("ends well", || ())).expect("a process");
    supervisor.start(waits("stays")).expect("a process");
    assert_eq!(supervisor.watch(PATIENCE).expect("its end"), []);
    assert_eq!(names_and_pids(&supervisor).len(), 1);
    assert_eq!(names_and_pids(&supervisor)[0].0, "stays");
    assert!(!supervisor.is_empty());
}

pub(crate) fn workers_that_died_together_are_reported_together() {
    let mut supervisor = supervisor(2);
    for name in ["a", "b", "c"] {
        supervisor.start(waits(name)).expect("a process");
    }
    let before = pids(&supervisor);
    let killed = ["c", "a"].map(|name| kill(&supervisor, name));
    let restarted = supervisor.watch(PATIENCE).expect("two restarts");
    let names: Vec<_> = restarted.iter().map(|restarted| (restarted.died.name.as_str(), restarted.died.pid)).collect();
    assert_eq!(names, [("a", killed[1]), ("c", killed[0])]);
    assert_eq!(pids(&supervisor), [restarted[0].pid, before[1], restarted[1].pid]);
}

pub(crate) fn it_gives_up_and_names_every_worker_that_died() {
    let mut supervisor = supervisor(2);
    supervisor.start(waits("a")).expect("a process");
    supervisor.start(|| Process::new("seven", || 7_u8)).expect("a process");
    supervisor.start(waits("b")).expect("a process");
    let first = kill(&supervisor, "a");
    let b = pids(&supervisor)[2];
    let error = loop {
        if let Err(error) = supervisor.watch(PATIENCE) {
            break error;
        }
    };
    let message = error.to_string();
    let WatchError::GaveUp { deaths, .. } = error else { panic!("{error:?}") };
    // Which of the two died first is not promised, nor how often the second died before the last death.
    assert_eq!(deaths.len(), 3, "{deaths:?}");
    assert!(deaths.iter().any(|death| death.pid == first && death.exit == Exit::Signal(Signal::SIGKILL)), "{deaths:?}");
    assert_eq!(deaths.iter().filter(|death| death.name == "seven" && death.exit == Exit::Code(7)).count(), 2);
    assert!(message.starts_with("cannot restart seven: 3 deaths in 3600 s, and 2 restarts are allowed: "), "{message}");
    assert!(deaths.iter().all(|death| message.contains(&death.to_string())), "{message}");
    assert!(message.contains(&format!("a (pid {first}) ended with signal SIGKILL")), "{message}");
    // The others were ended, and there is nothing to watch any more.
    assert!(gone(b) && supervisor.is_empty());
    assert_eq!(supervisor.watch(PATIENCE).expect("no death"), []);
}

pub(crate) fn old_deaths_do_not_count_against_the_restart_limit() {
    let per = Duration::from_millis(20);
    let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per });
    supervisor.start(waits("a")).expect("a process");
    for _ in 0..3 {
        kill(&supervisor, "a");
        assert_eq!(supervisor.watch(PATIENCE).expect("a restart").len(), 1);
        // No worker dies meanwhile, so this takes its whole timeout, which is longer than the period.
        assert_eq!(supervisor.watch(2 * per).expect("nothing"), []);
    }
}

pub(crate) fn it_waits_no_longer_than_its_timeout() {
    let mut supervisor = supervisor(0);
    // Without workers it does not wait, or this test would not end.
    assert_eq!(supervisor.watch(HOUR).expect("no death"), []);
    supervisor.start(waits("a")).expect("a process");
    assert_eq!(supervisor.watch(Duration::from_millis(5)).expect("nothing"), []);
    assert!(supervisor.children().all(Child::is_alive));
}

pub(crate) fn a_refused_restart_touches_no_other_worker_and_is_tried_again() {
    let descriptors = NoDescriptors::prepare();
    let mut supervisor = supervisor(1);
    supervisor.start(waits("a")).expect("a process");
    supervisor.start(waits("b")).expect("a process");
    let b = pids(&supervisor)[1];
    let killed = kill(&supervisor, "a");

    descriptors.forbid();
    for _ in 0..3 {
        let error = supervisor.watch(PATIENCE).expect_err("no descriptor for a process");
        assert!(matches!(error, WatchError::Failed(Error::Refused { .. })), "{error:?}");
        assert_eq!(error.to_string(), "cannot start a: too many open files");
        assert_eq!(pids(&supervisor), [b]);
        assert!(supervisor.children().all(Child::is_alive) && !supervisor.is_empty());
    }
    descriptors.allow();
    let ours = procfs::children().expect("/proc");
    assert_eq!(ours.len(), 1, "what was refused left something behind: {ours:?}");
    assert!(gone(killed));

    // The tries that were refused do not count against the limit of one restart.
    let restarted = supervisor.watch(PATIENCE).expect("a restart");
    let (name, old, exit, new) = only(&restarted);
    assert_eq!((name, old, exit), ("a", killed, Exit::Signal(Signal::SIGKILL)));
    assert_eq!(pids(&supervisor), [new, b]);
}

pub(crate) fn a_refused_restart_of_one_worker_hides_no_restart_of_another() {
    let descriptors = NoDescriptors::prepare();
    // There is a descriptor whenever it is started, but for the second time.
    let started = AtomicU32::new(0);
    let mut supervisor = supervisor(2);
    supervisor.start(waits("a")).expect("a process");
    supervisor
        .start(|| {
            match started.fetch_add(1, Ordering::Relaxed) {
                1 => descriptors.forbid(),
                _ => descriptors.allow(),
            }
            waits("b")()
        })
        .expect("a process");
    kill(&supervisor, "a");
    kill(&supervisor, "b");
    let error = supervisor.watch(PATIENCE).expect_err("no descriptor for the second process");
    assert_eq!(error.to_string(), "cannot start b: too many open files");
    let a = pids(&supervisor);
    let restarted = supervisor.watch(PATIENCE).expect("the other restart");
    let names: Vec<_> = restarted.iter().map(|restarted| restarted.died.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(pids(&supervisor), [a[0], restarted[1].pid]);
}

pub(crate) fn a_thread_that_runs_meanwhile_refuses_the_restart() {
    let mut supervisor = supervisor(1);
    supervisor.start(waits("a")).expect("a process");
    kill(&supervisor, "a");
    let (send, wait) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || wait.recv());
    let error = supervisor.watch(PATIENCE).expect_err("two threads run");
    assert!(matches!(error, WatchError::Failed(Error::ThreadsRunning { threads: 2, .. })), "{error:?}");
    drop(send);
    let _ = thread.join().expect("no panic");
    assert_eq!(supervisor.watch(PATIENCE).expect("a restart").len(), 1);
}

pub(crate) fn a_worker_that_cannot_be_started_is_none() {
    let descriptors = NoDescriptors::prepare();
    let mut supervisor = supervisor(1);
    descriptors.forbid();
    supervisor.start(waits("a")).expect_err("no descriptor for a process");
    assert!(supervisor.is_empty());
    descriptors.allow();
    assert_eq!(procfs::children().expect("/proc"), []);
    supervisor.start(waits("a")).expect("a process");
    assert_eq!(pids(&supervisor).len(), 1);
}

pub(crate) fn dropping_it_ends_and_reaps_its_workers() {
    let ready = Event::new().expect("memory");
    let stubborn = || {
        SigSet::from(Signal::SIGTERM).thread_block().expect("a mask");
        ready.set();
        Event::new()?.wait(PATIENCE)
    };
    let mut supervisor = supervisor(1);
    supervisor.start(waits("listens")).expect("a process");
    supervisor.start(|| Process::new("does not listen", stubborn)).expect("a process");
    supervisor.start(waits("dead already")).expect("a process");
    let pids = pids(&supervisor);
    kill(&supervisor, "dead already");
    ready.wait(PATIENCE).expect("it is ready");
    drop(supervisor);
    assert!(pids.into_iter().all(gone));
}

pub(crate) fn its_workers_die_with_it_when_it_is_killed() {
    let pid = Queue::new(1).expect("memory");
    let supervises = || -> Result<(), Error> {
        let mut supervisor = supervisor(1);
        supervisor.start(waits("worker"))?;
        supervisor.children().try_for_each(|worker| pid.put(worker.pid()))?;
        supervisor.watch(PATIENCE).map(drop).map_err(|_| Error::Abandoned { operation: "join", unfinished: 0 })
    };
    let mut owner = Process::new("supervisor", supervises).start().expect("a process");
    let worker = pid.get_timeout(PATIENCE).expect("the worker's pid");
    owner.kill().expect("a signal");
    owner.join().expect("its end");
    let exit = adopted(worker, "worker").expect("an orphan").join().expect("its end");
    assert_eq!(exit, Exit::Signal(Signal::SIGKILL));
}

pub(crate) fn a_hundred_restarts_leave_no_descriptor() {
    let open = || fs::read_dir("/proc/self/fd").expect("/proc").count();
    let before = open();
    let mut supervisor = supervisor(100);
    supervisor.start(waits("a")).expect("a process");
    let mut restarted = 0;
    wait_until("a hundred restarts", || {
        supervisor.children().for_each(|worker| worker.kill().expect("a signal"));
        restarted += supervisor.watch(PATIENCE).expect("a restart").len();
        restarted == 100
    });
    drop(supervisor);
    assert_eq!(open(), before);
}
