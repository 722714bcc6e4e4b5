//! What the kernel keeps for a process, and what a child has of it: further rows of the table in the documentation of
//! `process`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use killproof::process::{Exit, Process};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::process::{getpriority_process, nice};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use crate::PATIENCE;

/// Runs `work` in a process of its own, whose state it may change.
#[track_caller]
fn succeeds(work: impl FnOnce() + Send) {
    let mut host = Process::new("host", work).kill_on_drop().start().expect("a process");
    assert_eq!(host.join_timeout(PATIENCE / 2).expect("a wait"), Some(Exit::Code(0)));
}

/// Runs `work` in a child of the caller.
#[track_caller]
fn in_a_child(work: impl FnOnce() + Send) {
    let exit = Process::new("child", work).start().and_then(|mut child| child.join()).expect("a child");
    assert_eq!(exit, Exit::Code(0));
}

/// A line of what the kernel says of the calling process.
fn status(name: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.expect("the kernel says so").trim().to_owned()
}

pub(crate) fn memory_that_the_parent_has_locked_is_not_locked_in_the_child() {
    succeeds(|| {
        if let Err(errno) = mlockall(MlockAllFlags::MCL_CURRENT) {
            eprintln!("not tested: this user may not lock its memory: {errno}");
            return;
        }
        assert_ne!(status("VmLck"), "0 kB");
        in_a_child(|| assert_eq!(status("VmLck"), "0 kB"));
        assert_ne!(status("VmLck"), "0 kB");
    });
}

/// Refuses a system call to the calling process from now on. False where the kernel takes no filter.
fn refuse(call: libc::c_long) -> bool {
    let refuses = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let Ok(architecture) = std::env::consts::ARCH.try_into() else { return false };
    let filter = SeccompFilter::new(BTreeMap::from([(call, vec![])]), SeccompAction::Allow, refuses, architecture);
    let filter: BpfProgram = filter.and_then(TryInto::try_into).expect("a filter");
    apply_filter(&filter).is_ok()
}

pub(crate) fn a_filter_of_system_calls_is_copied_and_one_of_the_child_stays_there() {
    let priority = || getpriority_process(None).map_err(rustix::io::Errno::raw_os_error);
    let session = || nix::unistd::getsid(None).map_err(|errno| errno as i32);
    succeeds(|| {
        if !refuse(libc::SYS_getpriority) {
            eprintln!("not tested: this system takes no filter of system calls");
            return;
        }
        assert_eq!(priority(), Err(libc::EPERM));
        in_a_child(|| {
            assert_eq!(priority(), Err(libc::EPERM));
            in_a_child(|| assert_eq!(priority(), Err(libc::EPERM)));
            assert!(session().is_ok() && refuse(libc::SYS_getsid));
            assert_eq!(session(), Err(libc::EPERM));
        });
        assert!(session().is_ok());
    });
}

/// What the kernel grants the calling process, and what it forbids.
fn standing() -> [String; 6] {
    let adjusted = fs::read_to_string("/proc/self/oom_score_adj").expect("/proc").trim().to_owned();
    let priority = getpriority_process(None).expect("a process may always").to_string();
    let limit = format!("{:?}", getrlimit(Resource::RLIMIT_CORE).expect("a limit"));
    [adjusted, priority, limit, status("Cpus_allowed"), status("NoNewPrivs"), status("CapEff")]
}

/// Gives up a part of it, as every process may.
fn give_up_a_part(adjustment: &str) {
    fs::write("/proc/self/oom_score_adj", adjustment).expect("a process may always raise it");
    nice(1).expect("a process may always");
    let (soft, hard) = getrlimit(Resource::RLIMIT_CORE).expect("a limit");
    setrlimit(Resource::RLIMIT_CORE, soft.min(4096) / 2, hard).expect("a lower limit");
    let mut cpus = sched_getaffinity(None).expect("a process may always");
    let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| cpus.is_set(*cpu)).collect();
    if let [.., _, last] = allowed[..] {
        cpus.unset(last);
        sched_setaffinity(None, &cpus).expect("fewer");
    }
    prctl::set_no_new_privs().expect("a process may always");
}

pub(crate) fn priority_limits_and_cpus_are_copied_and_a_change_stays_in_the_child() {
    succeeds(|| {
        let first = standing();
        give_up_a_part("900");
        let (ours, session) = (standing(), nix::unistd::getsid(None));
        assert!(ours[0] == "900" && ours != first);
        in_a_child(|| {
            assert_eq!(standing(), ours);
            give_up_a_part("950");
            assert!(standing() != ours && nix::unistd::getsid(None) == session);
        });
        assert_eq!(standing(), ours);
    });
}

pub(crate) fn a_signalfd_has_the_signals_of_the_process_that_reads_it() {
    succeeds(|| {
        let signals = SigSet::from(Signal::SIGUSR1);
        signals.thread_block().expect("a mask");
        let fd = SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK).expect("a descriptor");
        let sender = || fd.read_signal().expect("it is open").map(|signal| signal.ssi_pid);
        raise(Signal::SIGUSR1).expect("a signal");
        in_a_child(|| {
            assert_eq!(sender(), None, "the pending one is the parent's");
            raise(Signal::SIGUSR1).expect("a signal");
            assert_eq!(sender(), Some(std::process::id()));
            raise(Signal::SIGUSR1).expect("a signal");
        });
        assert_eq!((sender(), sender()), (Some(std::process::id()), None));
    });
}

pub(crate) fn a_timer_that_is_a_descriptor_expires_once_for_both() {
    let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK).expect("a descriptor");
    let at = |nanos| Timespec { tv_sec: 0, tv_nsec: nanos };
    let once = Itimerspec { it_interval: at(0), it_value: at(1) };
    rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &once).expect("a time");
    let expirations = || nix::unistd::read(&timer, &mut [0; 8]);
    in_a_child(|| {
        assert_eq!(killproof::interrupt::wait_readable(&[timer.as_fd()], Some(PATIENCE)).ok(), Some(true));
        assert_eq!(expirations(), Ok(8));
    });
    assert_eq!(expirations(), Err(Errno::EAGAIN));
}

pub(crate) fn the_status_flags_of_an_open_file_are_shared() {
    let (mut output, _input): (PipeReader, PipeWriter) = pipe().expect("a pipe");
    in_a_child(|| _ = fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("a flag"));
    let kind = output.read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(kind, Err(std::io::ErrorKind::WouldBlock));
}

pub(crate) fn the_list_of_an_epoll_is_shared() {
    let (mut poll, mut events) = (Poll::new().expect("a descriptor"), Events::with_capacity(4));
    let (output, mut input) = pipe().expect("a pipe");
    let fd = output.as_raw_fd();
    let registers = || poll.registry().register(&mut SourceFd(&fd), Token(7), Interest::READABLE).is_ok();
    in_a_child(|| assert!(registers()));
    assert!(!registers(), "it is in the list already");
    input.write_all(b"x").expect("room");
    poll.poll(&mut events, Some(PATIENCE)).expect("a wait");
    assert_eq!(events.iter().map(mio::event::Event::token).collect::<Vec<_>>(), [Token(7)]);
    in_a_child(|| poll.registry().deregister(&mut SourceFd(&fd)).expect("it is in the list"));
    poll.poll(&mut events, Some(Duration::ZERO)).expect("a look");
    assert!(events.is_empty());
}
