//! What a fork copies, shares and leaves out: each row of the table in the documentation of `process`.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io::{BufWriter, PipeReader, PipeWriter, Read, Seek, Write, pipe};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use std::{env, panic, thread};

use fs2::FileExt;
use killproof::Error;
use killproof::identity;
use killproof::mutex::{LockError, SharedMutex};
use killproof::process::{Exit, Process};
use killproof::shared::Shared;
use killproof::sync::Event;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{alarm, dup2_stdout, getpgrp, getsid};

use crate::{PATIENCE, wait_for};

/// Runs `work` in a process of its own, whose state it may change.
#[track_caller]
fn succeeds(work: impl FnOnce() -> Result<(), Error> + Send) {
    let mut host = Process::new("host", work).kill_on_drop().start().expect("a process");
    assert_eq!(host.join_timeout(PATIENCE / 2).expect("a wait"), Some(Exit::Code(0)));
}

/// Runs `work` in a child of the caller, and returns its result.
fn in_a_child(work: impl FnOnce() -> u8 + Send) -> u8 {
    match Process::new("child", work).start().and_then(|mut child| child.join()).expect("a child") {
        Exit::Code(code) => u8::try_from(code).expect("a code"),
        signal => panic!("{signal}"),
    }
}

/// Whether `is_so` in a child of the caller.
#[track_caller]
fn holds_in_a_child(is_so: impl FnOnce() -> bool + Send) -> bool {
    in_a_child(|| u8::from(is_so())) == 1
}

pub(crate) fn what_was_printed_before_is_printed_once_although_the_caller_has_locked_the_stream() {
    let (mut output, input): (PipeReader, PipeWriter) = pipe().expect("a pipe");
    let prints = |_: PipeWriter| {
        let mut locked = std::io::stdout().lock();
        write!(locked, "once, ").expect("an open pipe");
        let child = holds_in_a_child(|| {
            print!("in the child, ");
            true
        });
        assert!(child);
        write!(locked, "in the parent").expect("an open pipe");
    };
    let prints = |input: PipeWriter| {
        dup2_stdout(input.as_fd()).expect("a descriptor");
        prints(input);
    };
    let mut host = Process::with_descriptor("host", input, prints).start().expect("a process");
    let mut printed = String::new();
    output.read_to_string(&mut printed).expect("a text");
    assert!(host.join().expect("its end").success());
    assert_eq!(printed, "once, in the child, in the parent");
}

thread_local! {
    static OWN: OnceLock<Mutex<BufWriter<File>>> = const { OnceLock::new() };
}

/// Uses a buffer that no frame owns.
fn with_own<R>(file: Option<File>, work: impl FnOnce(&mut BufWriter<File>) -> R) -> R {
    OWN.with(|own| {
        let own = own.get_or_init(|| Mutex::new(BufWriter::new(file.expect("the first use"))));
        work(&mut own.lock().expect("no panic"))
    })
}

pub(crate) fn a_buffer_in_a_thread_local_is_written_by_the_parent_alone_unless_the_child_writes_too() {
    let file = tempfile::tempfile().expect("a file");
    let mut reads = file.try_clone().expect("a descriptor");
    succeeds(|| {
        with_own(Some(file), |buffer| buffer.write_all(b"once ")).expect("room");
        // Its destructors do not run, those of thread-locals neither.
        assert!(holds_in_a_child(|| true));
        let child_writes =
            || with_own(None, |buffer| buffer.write_all(b"child ").and_then(|()| buffer.flush()).is_ok());
        assert!(holds_in_a_child(child_writes));
        with_own(None, Write::flush).expect("room");
        Ok(())
    });
    let mut written = String::new();
    reads.rewind().expect("a file");
    reads.read_to_string(&mut written).expect("a text");
    assert_eq!(written, "once child once ", "the child had a copy of what was in the buffer");
}

pub(crate) fn the_position_in_an_open_file_is_shared() {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(b"parent and child").and_then(|()| file.rewind()).expect("room");
    assert!(holds_in_a_child(|| (&file).read_exact(&mut [0; 7]).is_ok()));
    let mut rest = String::new();
    file.read_to_string(&mut rest).expect("a text");
    assert_eq!(rest, "and child");
}

pub(crate) fn a_record_lock_is_not_inherited_and_a_lock_of_an_open_file_is_shared() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let all = |l_type: i32| nix::libc::flock {
        l_type: i16::try_from(l_type).expect("a kind"),
        l_whence: 0,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(&file, FcntlArg::F_SETLK(&all(nix::libc::F_WRLCK))).expect("a lock");
    assert!(holds_in_a_child(|| fcntl(&file, FcntlArg::F_SETLK(&all(nix::libc::F_WRLCK))).is_err()));
    let anew = File::open(file.path()).expect("our own file");
    FileExt::lock_exclusive(file.as_file()).expect("a lock");
    assert!(FileExt::try_lock_exclusive(&anew).is_err());
    assert!(holds_in_a_child(|| FileExt::unlock(file.as_file()).is_ok()));
    FileExt::try_lock_exclusive(&anew).expect("the child has unlocked it for its parent");
}

pub(crate) fn every_descriptor_is_inherited_with_its_flags() {
    let (mut output, input) = pipe().expect("a pipe");
    let flags = fcntl(&input, FcntlArg::F_GETFD).expect("flags");
    assert_eq!(FdFlag::from_bits_truncate(flags), FdFlag::FD_CLOEXEC);
    let writes = || fcntl(&input, FcntlArg::F_GETFD) == Ok(flags) && (&input).write_all(b"x").is_ok();
    assert!(holds_in_a_child(writes));
    output.read_exact(&mut [0]).expect("what the child wrote");
}

pub(crate) fn pending_signals_and_timers_stay_the_parents() {
    succeeds(|| {
        SigSet::from(Signal::SIGUSR1).thread_block().expect("a mask");
        raise(Signal::SIGUSR1).expect("a signal");
        alarm::set(1_000);
        // The mask is a copy: a signal that was pending would be taken here.
        let none = || pending_signals() == 0 && alarm::cancel().is_none();
        assert!(holds_in_a_child(none));
        assert_ne!(pending_signals(), 0);
        assert!(alarm::cancel().is_some());
        Ok(())
    });
}

/// The signals that are pending for this process, as its status has them.
fn pending_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let pending = status.lines().filter_map(|line| line.strip_prefix("SigPnd:").or(line.strip_prefix("ShdPnd:")));
    pending.map(|bits| u64::from_str_radix(bits.trim(), 16).expect("bits")).sum()
}

pub(crate) fn the_settings_of_a_process_are_copied_and_a_change_stays_in_the_child() {
    succeeds(|| {
        let before = (umask(Mode::from_bits_truncate(0o027)), env::current_dir().expect("a folder"));
        prctl::set_dumpable(false).expect("a process may always");
        let (group, session) = (getpgrp(), getsid(None));
        let is_copied = || {
            let is_the_same = getpgrp() == group && getsid(None) == session && prctl::get_dumpable() == Ok(false);
            let changed = umask(Mode::from_bits_truncate(0o077)) == Mode::from_bits_truncate(0o027);
            is_the_same && changed && env::set_current_dir("/").is_ok()
        };
        assert!(holds_in_a_child(is_copied));
        assert_eq!(umask(before.0), Mode::from_bits_truncate(0o027));
        assert_eq!(env::current_dir().expect("a folder"), before.1);
        Ok(())
    });
}

pub(crate) fn a_subreaper_and_a_bond_to_the_parent_are_not_inherited() {
    succeeds(|| {
        prctl::set_child_subreaper(true).expect("a process may always");
        prctl::set_pdeathsig(Signal::SIGUSR1).expect("a process may always");
        let is_free = || prctl::get_child_subreaper() == Ok(false) && prctl::get_pdeathsig() == Ok(None);
        assert!(holds_in_a_child(is_free));
        assert_eq!(prctl::get_child_subreaper(), Ok(true));
        Ok(())
    });
}

pub(crate) fn a_lock_that_the_caller_holds_in_a_frame_stays_locked_in_the_child() {
    let mutex = Mutex::new(0);
    let guard = mutex.lock().expect("no panic");
    assert!(holds_in_a_child(|| mutex.try_lock().is_err()));
    drop(guard);
    assert!(mutex.try_lock().is_ok());
}

pub(crate) fn a_value_that_is_being_made_is_never_made_in_the_child() {
    let value = OnceLock::new();
    let is_made = value.get_or_init(|| holds_in_a_child(|| value.get().is_some()));
    assert_eq!((*is_made, value.get()), (false, Some(&false)));
}

pub(crate) fn a_child_knows_its_own_pid_and_name_although_its_parent_had_asked_for_its_own() {
    let me = identity::process().expect("this process");
    let knows_itself = || {
        let own = identity::process().expect("the child");
        own != me && own.pid.cast_unsigned() == std::process::id() && identity::name() == "child"
    };
    assert!(holds_in_a_child(knows_itself));
    assert_eq!(identity::process().expect("this process"), me);
}

pub(crate) fn hashers_of_two_children_are_alike() {
    let _ = RandomState::new();
    let hash = || RandomState::new().hash_one("a key").to_ne_bytes()[0];
    assert_eq!(in_a_child(hash), in_a_child(hash), "then the documentation need not warn of it");
}

pub(crate) fn a_grandchild_that_dies_inside_a_mutex_is_reported() {
    let mutex = SharedMutex::new(0).expect("memory");
    let work = || {
        let _guard = mutex.lock().expect("free");
        raise(Signal::SIGKILL).expect("a signal to itself");
    };
    let grandchild = || Process::new("grandchild", work).start().and_then(|mut child| child.join()).is_ok();
    assert!(holds_in_a_child(grandchild));
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
    assert_eq!(died.holder().name, "grandchild");
}

pub(crate) fn a_child_of_a_panicking_parent_counts_as_panicking() {
    struct Starts<'s>(&'s Shared<AtomicU32>);
    impl Drop for Starts<'_> {
        fn drop(&mut self) {
            let code = in_a_child(|| u8::from(thread::panicking()));
            self.0.store(code.into(), Ordering::Release);
        }
    }
    let panicking = Shared::new(AtomicU32::new(9)).expect("memory");
    let unwinds = || {
        let _starts = Starts(&panicking);
        panic!("on purpose");
    };
    panic::catch_unwind(panic::AssertUnwindSafe(unwinds)).expect_err("a panic");
    assert_eq!(panicking.load(Ordering::Acquire), 1, "then the documentation need not warn of it");
}

pub(crate) fn the_time_that_stubborn_children_have_is_each_parents_own() {
    let stubborn = |ready: &Event| {
        let blocks = || {
            SigSet::from(Signal::SIGTERM).thread_block().expect("a mask");
            ready.set();
            Event::new()?.wait(PATIENCE)
        };
        let child = Process::new("stubborn", blocks).kill_on_drop().start().expect("a process");
        wait_for(&child, "it was ready", || ready.is_set());
        child
    };
    let events: Vec<_> = (0..6).map(|_| Event::new().expect("memory")).collect();
    let ready = Event::new().expect("memory");
    drop(events.iter().map(stubborn).collect::<Vec<_>>());
    let waits_for_its_own = || {
        let own = stubborn(&ready);
        let began = Instant::now();
        drop(own);
        began.elapsed() >= Duration::from_millis(500)
    };
    assert!(holds_in_a_child(waits_for_its_own));
}
