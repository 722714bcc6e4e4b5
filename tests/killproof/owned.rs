//! What one process has, and another one waits for or inherits: locks, leases, children, in each situation of their
//! owner.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use killproof::file_lock::FileLock;
use killproof::log::Log;
use killproof::mutex::{LockError, LockTimeoutError, SharedMutex, TryLockError};
use killproof::process::{Child, Exit, Process, RestartLimit, Supervisor, WatchError, adopted};
use killproof::procfs;
use killproof::queue::{GetTimeoutError, JoinableQueue, Queue};
use killproof::sync::Event;
use killproof::{Error, interrupt};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, raise};
use support::namespaces;
use support::tempfile::tempdir;

use crate::{PATIENCE, wait_for, wait_until};

const SHORT: Duration = Duration::from_millis(20);

fn event() -> Event {
    Event::new().expect("memory")
}

/// Becomes a program that runs for longer than any test.
fn execute() -> u8 {
    panic!("sleep was not executed: {}", Command::new("sleep").arg("600").exec())
}

fn is_executed(pid: i32) -> bool {
    procfs::status(pid).expect("/proc").is_some_and(|status| status.name == "sleep")
}

fn is_stopped(child: &Child) -> bool {
    procfs::status(child.pid()).expect("/proc").is_some_and(|status| status.state == 'T')
}

/// Starts a process that holds what `take` returns, and is stopped.
fn stopped_with<T>(take: impl FnOnce() -> T + Send) -> Child {
    let holds = || {
        let _held = take();
        raise(Signal::SIGSTOP).expect("a signal to itself");
    };
    let child = Process::new("stopped", holds).kill_on_drop().start().expect("a process");
    wait_for(&child, "its stop", || is_stopped(&child));
    child
}

fn kill(mut child: Child) {
    child.kill().expect("a signal");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
}

pub(crate) fn a_mutex_whose_holder_executes_another_program_is_free() {
    let mutex = SharedMutex::new(0).expect("memory");
    let inside = || {
        let mut guard = mutex.lock().expect("free");
        *guard = 1;
        execute()
    };
    let child = Process::new("inside", inside).daemon().start().expect("a process");
    wait_for(&child, "the other program", || is_executed(child.pid()));
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the program that was is not reported") };
    assert_eq!((died.holder().pid, died.holder().name.as_str(), *died.value()), (child.pid(), "inside", 1));
    drop(died.repair(|value| *value = 0));
    assert!(child.is_alive() && mutex.lock().is_ok());
}

pub(crate) fn a_lock_that_a_stopped_process_holds_breaks_no_timeout() {
    let mutex = SharedMutex::new(0).expect("memory");
    let mut holder = stopped_with(|| mutex.lock().expect("free"));
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    assert!(matches!(mutex.lock_timeout(SHORT), Err(LockTimeoutError::TimedOut)));
    holder.signal(Signal::SIGCONT).expect("a signal");
    assert_eq!(holder.join().expect("its end"), Exit::Code(0));
    assert!(mutex.lock().is_ok());

    let folder = tempdir().expect("a folder");
    let lock = FileLock::new(folder.path().join("lock"));
    let holder = stopped_with(|| lock.lock().expect("free"));
    assert!(lock.try_lock().expect("a file").is_none());
    assert!(lock.lock_timeout(SHORT).expect("a file").is_none());
    kill(holder);
    assert!(lock.try_lock().expect("a file").is_some());
}

pub(crate) fn a_lock_on_a_file_excludes_processes_of_other_namespaces() {
    let folder = tempdir().expect("a folder");
    let lock = FileLock::new(folder.path().join("lock"));
    for enter in [|| unshare(CloneFlags::CLONE_NEWUSER).is_ok(), namespaces::new_pids] {
        let (holds, refused) = (event(), event());
        let first = || {
            if !enter() {
                refused.set();
                return;
            }
            let second = || {
                let _guard = lock.lock().expect("free");
                holds.set();
                event().wait(PATIENCE).expect("a kill comes first");
            };
            let _ = Process::new("second", second).daemon().start().and_then(|mut second| second.join());
        };
        let first = Process::new("first", first).daemon().start().expect("a process");
        wait_for(&first, "a word of its child", || holds.is_set() || refused.is_set());
        if refused.is_set() {
            eprintln!("not tested: this user may have no namespace of its own");
        } else {
            assert!(lock.try_lock().expect("a file").is_none());
            kill(first);
            assert!(lock.lock_timeout(PATIENCE).expect("a file").is_some(), "its child died with it");
        }
        reap_orphans();
    }
}

/// Waits for the children that were adopted.
fn reap_orphans() {
    for orphan in procfs::children().expect("/proc") {
        adopted(orphan.pid, orphan.name).and_then(|mut orphan| orphan.join()).expect("its end");
    }
}

pub(crate) fn a_leaked_lock_on_a_file_is_held_until_its_process_ends() {
    let folder = tempdir().expect("a folder");
    let lock = FileLock::new(folder.path().join("lock"));
    let leaks = || {
        Box::leak(Box::new(lock.lock().expect("free")));
        assert!(lock.try_lock().expect("a file").is_none());
    };
    let mut child = Process::new("leaks", leaks).start().expect("a process");
    assert!(child.join().expect("its end").success());
    assert!(lock.try_lock().expect("a file").is_some());
}

pub(crate) fn a_delivery_of_a_stopped_process_goes_to_another_one_at_its_limit() {
    for limit in [None, Some(Duration::from_millis(100))] {
        let builder = JoinableQueue::<u32>::builder(2);
        let builder = if let Some(limit) = limit { builder.max_lease(limit) } else { builder };
        let queue = builder.build().expect("memory");
        queue.put(1).expect("room");
        let holder = stopped_with(|| queue.get().expect("a value"));
        if limit.is_some() {
            let item = queue.get_timeout(PATIENCE).expect("the lease is over");
            assert_eq!((*item, item.attempt(), item.last_death()), (1, 2, Some(holder.pid())));
            assert!(item.done());
        } else {
            assert_eq!(queue.get_timeout(4 * SHORT).map(|_| ()), Err(GetTimeoutError::TimedOut));
            assert_eq!(queue.leases()[0].pid, holder.pid());
        }
        kill(holder);
        assert_eq!(queue.get_timeout(if limit.is_some() { SHORT } else { PATIENCE }).is_ok(), limit.is_none());
    }
}

pub(crate) fn a_child_that_executes_another_program_is_the_same_child() {
    let mut child = Process::new("executes", execute).linked().kill_on_drop().start().expect("a process");
    wait_for(&child, "the other program", || is_executed(child.pid()));
    assert_eq!(child.join_timeout(Duration::ZERO).expect("it lives"), None);
    child.terminate().expect("a signal");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGTERM));
}

/// A handle is gone with the program that had it, and a bond is the kernel's.
pub(crate) fn children_of_a_process_that_executes_another_program_are_bound_to_that() {
    let pid = Queue::new(1).expect("memory");
    let executes = || {
        let daemon = Process::new("daemon", || event().wait(PATIENCE)).daemon().start().expect("a process");
        pid.put(daemon.pid()).expect("room");
        execute()
    };
    let parent = Process::new("parent", executes).kill_on_drop().start().expect("a process");
    let daemon = pid.get_timeout(PATIENCE).expect("the daemon's pid");
    wait_for(&parent, "the other program", || is_executed(parent.pid()));
    let status = procfs::status(daemon).expect("/proc").expect("it lives");
    assert_eq!(status.parent, parent.pid());
    kill(parent);
    assert_eq!(adopted(daemon, "daemon").expect("an orphan").join().expect("its end"), Exit::Signal(Signal::SIGKILL));
}

pub(crate) fn a_child_is_joined_by_another_thread() {
    let end = event();
    let mut child = Process::new("waits", || end.wait(PATIENCE)).start().expect("a process");
    thread::scope(|scope| {
        let joins = scope.spawn(|| child.join());
        end.set();
        assert_eq!(joins.join().expect("no panic").expect("its end"), Exit::Code(0));
    });
}

/// What keeps another process waiting, or tells it that one is alive, must not live on in a program that knows nothing
/// of it.
pub(crate) fn no_descriptor_of_an_object_is_open_in_another_program() {
    let folder = tempdir().expect("a folder");
    let executes = || -> Result<u8, Error> {
        interrupt::catch_signals()?;
        let _guard = FileLock::new(folder.path().join("lock")).lock()?;
        let (log, queue, mutex) = (Log::new()?, JoinableQueue::<u32>::new(1)?, SharedMutex::new(0)?);
        log.append(b"one")?;
        queue.put(1)?;
        let (_item, _inside) = (queue.get()?, mutex.lock()?);
        Ok(execute())
    };
    let open = |pid: i32| -> Vec<String> {
        let open = fs::read_dir(format!("/proc/{pid}/fd")).expect("/proc");
        let files = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        files.map(|file| file.to_string_lossy().into_owned()).collect()
    };
    let program = Process::new("executes", executes).daemon().start().expect("a process");
    wait_for(&program, "the other program", || is_executed(program.pid()));
    let bare = Process::new("bare", execute).daemon().start().expect("a process");
    wait_for(&bare, "the other program", || is_executed(bare.pid()));
    // Its loader has other files open for a moment.
    wait_for(&program, "the same open files", || open(program.pid()) == open(bare.pid()));
}

pub(crate) fn a_worker_that_is_stopped_or_executes_another_program_is_watched() {
    let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per: PATIENCE });
    supervisor.start(|| Process::new("stops", || event().wait(PATIENCE))).expect("a process");
    supervisor.start(|| Process::new("executes", execute)).expect("a process");
    let pids: Vec<i32> = supervisor.children().map(Child::pid).collect();
    supervisor.children().take(1).try_for_each(|child| child.signal(Signal::SIGSTOP)).expect("a signal");
    wait_until("both", || supervisor.children().next().is_some_and(is_stopped) && is_executed(pids[1]));
    assert_eq!(supervisor.watch(SHORT).expect("no worker has ended"), []);
    supervisor.children().skip(1).try_for_each(Child::kill).expect("a signal");
    let restarted = supervisor.watch(PATIENCE).expect("a restart");
    assert_eq!(restarted.iter().map(|one| one.died.pid).collect::<Vec<_>>(), [pids[1]]);
    // A stopped one dies as well.
    supervisor.children().take(1).try_for_each(Child::kill).expect("a signal");
    assert!(matches!(supervisor.watch(PATIENCE), Err(WatchError::GaveUp { .. })));
}

pub(crate) fn workers_of_a_leaked_supervisor_end_with_their_parent() {
    let pid = Queue::new(1).expect("memory");
    let leaks = || {
        let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per: PATIENCE });
        supervisor.start(|| Process::new("worker", || event().wait(PATIENCE))).expect("a process");
        supervisor.children().try_for_each(|worker| pid.put(worker.pid())).expect("room");
        Box::leak(Box::new(supervisor));
    };
    let mut parent = Process::new("parent", leaks).start().expect("a process");
    assert!(parent.join().expect("its end").success());
    let worker = pid.get_timeout(PATIENCE).expect("its pid");
    assert_eq!(adopted(worker, "worker").expect("an orphan").join().expect("its end"), Exit::Signal(Signal::SIGKILL));
}
