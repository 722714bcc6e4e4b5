//! The lock between any processes.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use killproof::file_lock::{FileLock, FileLockGuard};
use killproof::process::{Child, Exit, Process, adopted, reap_all};
use killproof::shared::Shared;
use killproof::sync::Event;
use killproof::{Error, interrupt, procfs};
use nix::sys::signal::Signal;
use support::tempfile::{TempDir, tempdir};

use crate::{PATIENCE, fresh, wait_for};

thread_local! {
    /// Where a child finds a copy of its parent's guard.
    static KEPT: RefCell<Option<FileLockGuard>> = const { RefCell::new(None) };
}

fn new_lock() -> (TempDir, FileLock) {
    let folder = tempdir().expect("a temporary folder");
    let lock = FileLock::new(folder.path().join("a.lock"));
    (folder, lock)
}

pub(crate) fn it_excludes_other_processes_and_threads() {
    let (_folder, lock) = new_lock();
    let guard = lock.lock().expect("free");
    let mut child =
        Process::new("other", || lock.try_lock().map(|guard| u8::from(guard.is_some()))).start().expect("a process");
    assert!(child.join().expect("its end").success(), "a child must not share its parent's lock");
    let in_thread = std::thread::scope(|scope| scope.spawn(|| lock.try_lock().expect("a look").is_some()).join());
    assert!(!in_thread.expect("no panic"));
    assert!(lock.lock_timeout(Duration::from_millis(20)).expect("a wait").is_none());
    drop(guard);
    assert!(lock.lock_timeout(Duration::ZERO).expect("free again").is_some());
}

pub(crate) fn it_is_free_when_its_holder_is_killed() {
    let (_folder, lock) = new_lock();
    let held = Event::new().expect("memory");
    let holds = || -> Result<(), Error> {
        let _guard = lock.lock()?;
        held.set();
        Event::new()?.wait(PATIENCE)
    };
    let mut child = Process::new("holder", holds).linked().start().expect("a process");
    held.wait(PATIENCE).expect("it holds the lock");
    assert!(lock.try_lock().expect("a look").is_none());
    child.kill().expect("a signal");
    child.join().expect("its end");
    assert!(lock.try_lock().expect("a look").is_some());
}

/// A grandchild inherits what its parent and its grandparent held.
pub(crate) fn a_child_of_a_killed_holder_does_not_keep_it() {
    let (_folder, outer) = new_lock();
    let inner = FileLock::new(outer.path().with_extension("inner"));
    let (child_runs, enough) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let child_pid = Shared::new(AtomicI32::new(0)).expect("memory");
    let dies = || nix::sys::signal::raise(Signal::SIGKILL).map_err(|errno| Error::refused("kill", "itself", errno));
    let runs_on = || {
        child_runs.set();
        enough.wait(PATIENCE)
    };
    let holds_the_inner = || -> Result<(), Error> {
        let _guard = inner.lock()?;
        let child = Process::new("runs on", runs_on).start()?;
        child_pid.store(child.pid(), Ordering::Relaxed);
        child_runs.wait(PATIENCE)?;
        dies()
    };
    let holds_the_outer = || -> Result<(), Error> {
        let _guard = outer.lock()?;
        Process::new("holds the inner", holds_the_inner).start()?.wait_ended()?;
        dies()
    };
    let mut holder = Process::new("holds the outer", holds_the_outer).start().expect("a process");
    assert_eq!(holder.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    let mut orphan = adopted(child_pid.load(Ordering::Relaxed), "runs on").expect("it lives");
    assert!(inner.try_lock().expect("a look").is_some(), "the child keeps its dead parent's lock");
    assert!(outer.try_lock().expect("a look").is_some(), "the child keeps its dead grandparent's lock");
    enough.set();
    assert!(orphan.join().expect("its end").success());
    reap_all().expect("the children");
}

pub(crate) fn a_program_that_its_holder_executes_does_not_keep_it() {
    let (_folder, lock) = new_lock();
    let executes = || -> u8 {
        let _guard = lock.lock().expect("free");
        let error = Command::new("sleep").arg("600").exec();
        panic!("cannot execute sleep: {error}")
    };
    let child = Process::new("executes", executes).kill_on_drop().start().expect("a process");
    let name = || procfs::status(child.pid()).expect("/proc").map(|status| status.name);
    wait_for(&child, "the program", || name().as_deref() == Some("sleep"));
    assert!(lock.lock_timeout(PATIENCE).expect("a wait").is_some(), "the program keeps the lock");
    assert!(child.is_alive());
}

pub(crate) fn a_guard_in_a_child_does_nothing() {
    let (_folder, lock) = new_lock();
    KEPT.set(Some(lock.lock().expect("free")));
    let drops_its_copy = || {
        // Its own file gets the number of the inherited one, which is closed.
        let own = FileLock::new(lock.path().with_extension("own"));
        let guard = own.lock().expect("free");
        KEPT.take();
        assert!(lock.try_lock().expect("a look").is_none(), "the child unlocked its parent's lock");
        assert!(own.try_lock().expect("a look").is_none(), "the child unlocked its own lock");
        drop(guard);
    };
    let mut child = Process::new("drops its copy", drops_its_copy).start().expect("a process");
    assert!(child.join().expect("its end").success());
    assert!(lock.try_lock().expect("a look").is_none(), "the child unlocked its parent's lock");
    KEPT.take();
    assert!(lock.try_lock().expect("a look").is_some());
}

pub(crate) fn a_waiter_ends_when_it_is_asked_to() {
    if let Some(path) = fresh::argument() {
        let lock = FileLock::new(path);
        interrupt::catch_signals().expect("handlers");
        fs::write(lock.path().with_extension("ready"), "").expect("a file");
        let ended = lock.lock();
        assert!(matches!(ended, Err(Error::Interrupted(Signal::SIGTERM))), "{ended:?}");
        return;
    }
    let (_folder, lock) = new_lock();
    let guard = lock.lock().expect("free");
    let waits = fresh::run("file_lock::a_waiter_ends_when_it_is_asked_to", lock.path().into(), |_| ());
    let mut child = waits.start().expect("a process");
    wait_for(&child, "it was ready", || lock.path().with_extension("ready").exists());
    wait_until_it_waits(&child, &lock);
    child.terminate().expect("a signal");
    assert_eq!(child.join_timeout(PATIENCE / 6).expect("a wait"), Some(Exit::Code(0)));
    drop(guard);
}

/// A waiter has the file open. (What a child inherited is closed when its closure runs.)
fn wait_until_it_waits(child: &Child, lock: &FileLock) {
    let is_the_lock = |file: fs::DirEntry| fs::read_link(file.path()).is_ok_and(|to| to == lock.path());
    let files = || fs::read_dir(format!("/proc/{}/fd", child.pid())).expect("/proc");
    wait_for(child, "it opened the file", || files().flatten().any(is_the_lock));
}

pub(crate) fn shared_holders_exclude_only_an_exclusive_one() {
    let (_folder, lock) = new_lock();
    let first = lock.try_lock_shared().expect("a look").expect("free");
    let second = lock.lock_shared_timeout(Duration::ZERO).expect("a look").expect("shared");
    assert!(lock.try_lock().expect("a look").is_none());
    drop((first, second));
    let alone = lock.try_lock().expect("a look").expect("free");
    assert!(lock.try_lock_shared().expect("a look").is_none());
    drop(alone);
}

/// A child that waits for the lock, and ends when it has had it.
fn waiter(lock: &FileLock) -> Child {
    let ready = Event::new().expect("memory");
    let waits = || {
        ready.set();
        lock.lock().map(|_| ())
    };
    let child = Process::new("waits", waits).linked().start().expect("a process");
    ready.wait(PATIENCE).expect("it is about to wait");
    wait_until_it_waits(&child, lock);
    child
}

pub(crate) fn a_lock_file_that_was_removed_excludes_no_process_and_is_made_again() {
    let (_folder, lock) = new_lock();
    let guard = lock.lock().expect("free");
    let mut child = waiter(&lock);
    // The child waits for the holder of this file, and then for that of the new one.
    fs::remove_file(lock.path()).expect("our own file");
    let again = lock.lock().expect("a new file");
    assert_eq!(child.join_timeout(Duration::from_millis(20)).expect("a wait"), None, "it forgot the old file");
    drop(guard);
    assert_eq!(child.join_timeout(Duration::from_millis(20)).expect("a wait"), None, "two hold the lock");
    drop(again);
    assert!(child.join().expect("its end").success());
}

pub(crate) fn a_file_is_its_own_lock_by_any_name() {
    let (folder, _) = new_lock();
    let [file, soft, hard] = ["file", "soft", "hard"].map(|name| folder.path().join(name));
    fs::write(&file, "content").expect("our own folder");
    symlink("file", &soft).expect("our own folder");
    fs::hard_link(&file, &hard).expect("our own folder");
    let guard = FileLock::existing(&file).lock().expect("free");
    for name in [&soft, &hard] {
        assert!(FileLock::existing(name).try_lock().expect("a look").is_none(), "{}", name.display());
    }
    drop(guard);
    for name in [&soft, &hard] {
        assert!(FileLock::existing(name).try_lock().expect("a look").is_some(), "{}", name.display());
    }
    assert_eq!(fs::read(&file).expect("still there"), b"content");
}

pub(crate) fn a_file_that_was_replaced_during_the_wait_is_locked_anew() {
    let (folder, _) = new_lock();
    let [file, new] = ["file", "new"].map(|name| folder.path().join(name));
    fs::write(&file, "old").expect("our own folder");
    fs::write(&new, "new").expect("our own folder");
    let lock = FileLock::existing(&file);
    let guard = lock.lock().expect("free");
    let mut child = waiter(&lock);
    fs::rename(&new, &file).expect("our own folder");
    let again = lock.lock().expect("the lock of the new file");
    drop(guard);
    assert_eq!(child.join_timeout(Duration::from_millis(20)).expect("a wait"), None, "two hold the lock");
    drop(again);
    assert!(child.join().expect("its end").success());
}

pub(crate) fn a_missing_file_is_not_made_by_its_own_lock() {
    let (folder, _) = new_lock();
    let lock = FileLock::existing(folder.path().join("missing"));
    let error = lock.lock().expect_err("no file").to_string();
    assert!(error.ends_with("missing: no such file or directory"), "{error}");
    assert!(!lock.path().exists());
}

pub(crate) fn a_lock_in_a_missing_folder_is_refused() {
    let (folder, _) = new_lock();
    let lock = FileLock::new(folder.path().join("no/a.lock"));
    let error = lock.lock().expect_err("there is no such folder");
    assert!(error.to_string().ends_with("no such file or directory"), "{error}");
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}
