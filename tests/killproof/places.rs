//! Programs in unusual places: without standard streams, under other limits, with an observer.

use std::fs;
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use killproof::file_lock::FileLock;
use killproof::log::Log;
use killproof::observe::{self, Observer};
use killproof::process::{Process, User, adopt_orphans, fork_exit_wait};
use killproof::queue::JoinableQueue;
use killproof::shared::Shared;
use killproof::sync::Event;
use killproof::{Error, interrupt, limits};
use nix::sys::resource::{Resource, setrlimit};
use support::namespaces;

use crate::PATIENCE;

#[track_caller]
fn succeeds(host: Process<'_>) {
    assert!(host.start().expect("a process").join().expect("its end").success());
}

pub(crate) fn what_a_program_prints_goes_nowhere_else_when_its_streams_are_closed() {
    succeeds(Process::new("host", || {
        nix::unistd::close(0).expect("standard input");
        nix::unistd::close(1).expect("standard output");
        interrupt::catch_signals()?;
        let folder = support::tempfile::tempdir().expect("a folder");
        let lock = FileLock::new(folder.path().join("file"));
        let locked = lock.lock()?;
        let queue = JoinableQueue::<u8>::new(1)?;
        queue.put(1)?;
        let held = queue.get()?;
        let log = Log::new()?;
        adopt_orphans()?;
        let child = Process::new("child", || Event::new()?.wait(PATIENCE)).daemon().start()?;
        let _ = nix::unistd::write(std::io::stdout().as_fd(), b"a line\n");
        interrupt::check()?;
        for standard in 0..=1 {
            let taken = fs::read_link(format!("/proc/self/fd/{standard}"));
            assert!(taken.is_err(), "{standard} is {taken:?}");
        }
        drop((child, locked, held, log));
        Ok::<(), Error>(())
    }));
}

pub(crate) fn more_processes_than_the_limit_of_a_user_are_refused_in_time() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("not run: only root may become a user that has no processes");
        return;
    }
    let host = Process::new("host", || {
        setrlimit(Resource::RLIMIT_NPROC, 8, 8).expect("a lower limit");
        let refused =
            limits::allow_processes(8, ["buyer", "buyers"]).expect_err("one more than there may be").to_string();
        assert_eq!(refused, "cannot start 8 buyers: the limit of processes of this user is 8");
        limits::allow_processes(7, ["buyer", "buyers"])
    });
    succeeds(host.user(User { uid: 65_534, gid: 65_534 }));
}

pub(crate) fn a_thread_for_which_there_is_no_address_space_is_refused_in_time() {
    succeeds(Process::new("host", || {
        limits::allow_one_more_thread()?;
        let pages = fs::read_to_string("/proc/self/statm").expect("/proc");
        let pages: u64 = pages.split(' ').next().and_then(|pages| pages.parse().ok()).expect("a number of pages");
        let limit = (pages * 4096).next_multiple_of(1 << 20) + (2 << 20);
        setrlimit(Resource::RLIMIT_AS, limit, limit).expect("a lower limit");
        let refused = limits::allow_one_more_thread().expect_err("no room for a stack").to_string();
        let limit = limit >> 10;
        assert_eq!(refused, format!("cannot start a thread: the limit of this process's address space is {limit} KiB"));
        Ok::<(), Error>(())
    }));
}

/// Counts the children that tell it of their fork.
struct CountsForks;

static FORKS: OnceLock<Shared<AtomicU32>> = OnceLock::new();

impl Observer for CountsForks {
    fn forked(&self) {
        FORKS.get().map(|forks| forks.fetch_add(1, Ordering::AcqRel));
    }
}

pub(crate) fn a_bare_process_runs_no_code_of_the_program() {
    succeeds(Process::new("host", || {
        let forks = FORKS.get_or_init(|| Shared::new(AtomicU32::new(0)).expect("memory"));
        observe::install(&CountsForks)?;
        Process::new("child", || ()).start()?.join()?;
        assert_eq!(forks.load(Ordering::Acquire), 1);
        fork_exit_wait()?;
        assert_eq!(forks.load(Ordering::Acquire), 1, "other threads may hold what it would want");
        Ok::<(), Error>(())
    }));
}

pub(crate) fn adopting_is_refused_where_children_have_a_pid_namespace_of_their_own() {
    succeeds(Process::new("host", || {
        if !namespaces::new_pids() {
            eprintln!("not tested: this user may have no namespace of its own");
            return Ok(());
        }
        let refused = || adopt_orphans().expect_err("its orphans go elsewhere").to_string();
        // Before there is a child, and when there was one.
        assert!(refused().contains("a pid namespace of their own"), "{}", refused());
        Process::new("first", || ()).start()?.join()?;
        assert!(refused().contains("a pid namespace of their own"), "{}", refused());
        Ok::<(), Error>(())
    }));
}
