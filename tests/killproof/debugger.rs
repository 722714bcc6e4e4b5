//! A debugger that is attached to a process: it stops it anywhere, keeps it when it is dead, and may die itself.

use std::time::{Duration, Instant};

use killproof::Error;
use killproof::crashpoint::{self, CrashPoint};
use killproof::mutex::{LockTimeoutError, SharedMutex};
use killproof::process::{Child, Exit, Process, RestartLimit, Supervisor};
use killproof::queue::{GetTimeoutError, JoinableQueue, PutTimeoutError, TryGetError};
use killproof::sync::Event;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use rustix::time::{ClockId, clock_gettime};

use crate::{PATIENCE, wait_for, wait_until};

const SHORT: Duration = Duration::from_millis(100);

fn event() -> Event {
    Event::new().expect("memory")
}

#[track_caller]
fn succeeds(name: &str, work: impl FnOnce() + Send) {
    let mut child = Process::new(name, work).kill_on_drop().start().expect("a process");
    assert_eq!(child.join_timeout(PATIENCE / 4).expect("a wait"), Some(Exit::Code(0)), "{name}");
}

/// The process of this pid stops in the hands of this one, which debugs it.
#[track_caller]
fn stops(pid: Pid, why: Signal) {
    let stopped = waitpid(pid, Some(WaitPidFlag::__WALL)).expect("a stop");
    assert!(matches!(stopped, WaitStatus::Stopped(_, signal) if signal == why), "{stopped:?}");
}

/// A process that waits for the event, and comes to this point then.
fn comes_to<'f>(point: CrashPoint, begin: &'f Event, work: impl FnOnce() + Send + 'f) -> Child {
    let armed = move || {
        begin.wait(PATIENCE).expect("its debugger is attached");
        crashpoint::arm_to_stop(point, 1);
        work();
    };
    Process::new("debugged", armed).kill_on_drop().start().expect("a process")
}

/// Calls `others` while a debugger holds a process at `point` of `work`; then the process goes on.
#[track_caller]
fn while_debugged_at(point: CrashPoint, work: impl FnOnce() + Send, others: impl FnOnce(i32)) {
    let begin = event();
    let mut debugged = comes_to(point, &begin, work);
    let pid = Pid::from_raw(debugged.pid());
    ptrace::seize(pid, Options::empty()).expect("a child may be debugged");
    begin.set();
    stops(pid, Signal::SIGSTOP);
    others(debugged.pid());
    ptrace::detach(pid, None).expect("it is stopped");
    assert_eq!(debugged.join_timeout(PATIENCE).expect("a wait"), Some(Exit::Code(0)), "{point:?}");
}

pub(crate) fn a_process_that_a_debugger_stops_is_alive_and_breaks_no_timeout() {
    for point in [CrashPoint::LeaseCommitted, CrashPoint::DoneUnlocked] {
        let queue = JoinableQueue::<u32>::new(8).expect("memory");
        (1..=2).for_each(|value| queue.put(value).expect("room"));
        let work = || assert!(queue.get().expect("a value").done());
        while_debugged_at(point, work, |holder| {
            succeeds("others", || match point {
                CrashPoint::LeaseCommitted => {
                    assert_eq!(queue.try_get().map(|_| ()), Err(TryGetError::Stalled { holder }));
                    let got = queue.get_timeout(SHORT).map(|_| ());
                    assert_eq!(got, Err(GetTimeoutError::Stalled { holder }));
                    assert!(queue.join_timeout(SHORT).is_err());
                }
                _ => assert_eq!(queue.get().map(|item| (*item, item.attempt(), item.done())), Ok((2, 1, true))),
            });
        });
        if point == CrashPoint::LeaseCommitted {
            let rest = queue.get_timeout(PATIENCE).expect("a value");
            assert_eq!((*rest, rest.attempt(), rest.done()), (2, 1, true), "the first one was never taken away");
        }
        assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(0), "{point:?}");
    }
    let queue = JoinableQueue::<u32>::new(8).expect("memory");
    while_debugged_at(
        CrashPoint::PutCommitted,
        || queue.put(1).expect("room"),
        |holder| {
            succeeds("others", || {
                let put = queue.put_timeout(2, SHORT);
                assert_eq!(put, Err(PutTimeoutError::Stalled { value: 2, holder }));
            });
        },
    );
    let mutex = SharedMutex::new(0).expect("memory");
    let work = || *mutex.lock().expect("no death") += 1;
    while_debugged_at(CrashPoint::LockEntered, work, |_| {
        succeeds("others", || assert!(matches!(mutex.lock_timeout(SHORT), Err(LockTimeoutError::TimedOut))));
    });
    assert_eq!(*mutex.lock().expect("no death is reported"), 1);
}

/// Starts a process that attaches to `pid`, and returns when it has. `None` if the system forbids that.
fn debugger(pid: i32, options: Options) -> Option<Child> {
    let (attached, refused) = (event(), event());
    let debug = || {
        match ptrace::seize(Pid::from_raw(pid), options) {
            Ok(()) => attached.set(),
            Err(_) => refused.set(),
        }
        Event::new()?.wait(PATIENCE)
    };
    let child = Process::new("debugger", debug).daemon().start().expect("a process");
    wait_for(&child, "its debugging", || attached.is_set() || refused.is_set());
    if refused.is_set() {
        eprintln!("not tested: this user may not debug a process that is not its child");
    }
    attached.is_set().then_some(child)
}

fn kill(mut child: Child) {
    child.kill().expect("a signal");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
}

pub(crate) fn a_debugger_that_dies_takes_its_process_along_or_lets_it_go_on() {
    for (options, goes_on) in [(Options::empty(), true), (Options::PTRACE_O_EXITKILL, false)] {
        let queue = JoinableQueue::<u32>::new(8).expect("memory");
        queue.put(1).expect("room");
        let (holds, go_on) = (event(), event());
        let work = || {
            let item = queue.get().expect("a value");
            holds.set();
            go_on.wait(PATIENCE).expect("a debugger that dies");
            assert!(item.done());
        };
        let mut worker = Process::new("debugged", work).kill_on_drop().start().expect("a process");
        wait_for(&worker, "its value", || holds.is_set());
        let Some(debugger) = debugger(worker.pid(), options) else { return };
        assert!(queue.try_get().is_err(), "its holder lives");
        kill(debugger);
        if goes_on {
            assert!(queue.get_timeout(SHORT).is_err(), "its holder lives");
            go_on.set();
            assert_eq!(worker.join().expect("its end"), Exit::Code(0));
        } else {
            let item = queue.get_timeout(PATIENCE).expect("what the dead one held");
            assert_eq!((*item, item.attempt(), item.deaths(), item.done()), (1, 2, 1, true));
            assert_eq!(worker.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
        }
        assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(0));
    }
}

pub(crate) fn join_keeps_its_time_while_a_debugger_keeps_the_dead_child() {
    succeeds("parent", || {
        let mut child = Process::new("debugged", || event().wait(PATIENCE)).daemon().start().expect("a process");
        let Some(debugger) = debugger(child.pid(), Options::empty()) else { return };
        child.kill().expect("a signal");
        wait_until("its death", || !child.is_alive());
        // Its parent is not given its exit before the debugger has taken it.
        assert_eq!(child.join_timeout(SHORT).expect("a wait"), None);
        assert_eq!(child.join_timeout(Duration::ZERO).expect("a wait"), None);
        kill(debugger);
        assert_eq!(child.join_timeout(PATIENCE).expect("a wait"), Some(Exit::Signal(Signal::SIGKILL)));
    });
}

pub(crate) fn a_join_that_a_debugger_holds_up_ends_when_its_process_is_asked_to_end() {
    let waits = event();
    let parent = || {
        killproof::interrupt::catch_signals()?;
        let mut child = Process::new("debugged", || event().wait(PATIENCE)).daemon().start()?;
        let Some(debugger) = debugger(child.pid(), Options::empty()) else {
            waits.set();
            return Ok(());
        };
        child.kill()?;
        wait_until("its death", || !child.is_alive());
        waits.set();
        let joined = child.join();
        drop(debugger);
        assert!(matches!(joined, Err(Error::Interrupted(Signal::SIGTERM))), "{joined:?}");
        Ok::<(), Error>(())
    };
    let mut parent = Process::new("parent", parent).kill_on_drop().start().expect("a process");
    wait_for(&parent, "its join", || waits.is_set());
    parent.terminate().expect("a signal");
    assert_eq!(parent.join_timeout(PATIENCE / 4).expect("a wait"), Some(Exit::Code(0)));
}

/// The time for which this thread has run.
fn time_on_a_processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("nanoseconds"))
}

pub(crate) fn a_supervisor_waits_for_a_dead_worker_that_a_debugger_keeps() {
    const KEPT: Duration = Duration::from_millis(200);
    succeeds("supervises", || {
        let mut supervisor = Supervisor::new(RestartLimit { restarts: 2, per: PATIENCE });
        for name in ["debugged", "other"] {
            supervisor.start(move || Process::new(name, || event().wait(PATIENCE))).expect("a process");
        }
        let pids: Vec<i32> = supervisor.children().map(Child::pid).collect();
        let Some(mut debugger) = debugger(pids[0], Options::empty()) else { return };
        supervisor.children().take(1).try_for_each(Child::kill).expect("a signal");
        wait_until("its death", || supervisor.children().filter(|worker| worker.is_alive()).count() == 1);

        let (began, before) = (Instant::now(), time_on_a_processor());
        let mut watches = 0;
        while began.elapsed() < KEPT {
            assert_eq!(supervisor.watch(KEPT).expect("no worker to restart"), []);
            watches += 1;
        }
        let ran = time_on_a_processor().saturating_sub(before);
        assert!(watches == 1 && ran < KEPT / 2, "{watches} watches, which ran for {ran:?}");

        supervisor.children().skip(1).try_for_each(Child::kill).expect("a signal");
        let restarted = supervisor.watch(PATIENCE).expect("a restart");
        assert_eq!(restarted.iter().map(|one| one.died.pid).collect::<Vec<_>>(), [pids[1]]);

        let waits = event();
        let debugs = Pid::from_raw(debugger.pid());
        let ends = || waits.wait(PATIENCE).map(|()| nix::sys::signal::kill(debugs, Signal::SIGKILL).expect("a signal"));
        let mut ends = Process::new("ends the debugger", ends).kill_on_drop().start().expect("a process");
        waits.set();
        let restarted = supervisor.watch(PATIENCE).expect("a restart");
        let died: Vec<_> = restarted.iter().map(|one| (one.died.pid, one.died.exit)).collect();
        assert_eq!(died, [(pids[0], Exit::Signal(Signal::SIGKILL))]);
        assert!(ends.join().expect("its end").success());
        debugger.join().expect("its end");
    });
}
