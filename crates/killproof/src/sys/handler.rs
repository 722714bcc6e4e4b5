//! The handler of the signals that ask a process to end: it notes the first one, and a second one ends the process.
//!
//! A library of handlers cannot know that [`fork`](super::fork) gave a child the default actions back, and so would
//! leave a child that asks for its signals without any.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use libc::{c_int, c_void, siginfo_t};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// The signals that ask a run to end.
pub(crate) const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// What the handler of one process has.
#[derive(Debug)]
pub(crate) struct Notes {
    /// The number of the first signal that came; 0: none has.
    came: AtomicI32,
    /// Where a byte is sent then.
    wakes: BorrowedFd<'static>,
    /// What the program did about each of [`SIGNALS`] before: it goes on doing it.
    before: [OnceLock<SigAction>; SIGNALS.len()],
}

/// Those of this process. A child has its parent's until it installs its own, and no handler that could use them.
static NOTES: AtomicPtr<Notes> = AtomicPtr::new(ptr::null_mut());

impl Notes {
    pub(crate) fn new(wakes: BorrowedFd<'static>) -> Self {
        Self { came: AtomicI32::new(0), wakes, before: [const { OnceLock::new() }; SIGNALS.len()] }
    }

    /// The first signal that came.
    pub(crate) fn came(&self) -> Option<Signal> {
        Signal::try_from(self.came.load(Ordering::Acquire)).ok()
    }

    /// Notes `signals` here from now on.
    pub(crate) fn install(&'static self, signals: impl Iterator<Item = Signal>) -> io::Result<()> {
        // No signal comes between the handler and what it needs.
        let mask = SigSet::all().thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_BLOCK)?;
        NOTES.store(ptr::from_ref(self).cast_mut(), Ordering::Release);
        let installed = signals.into_iter().try_for_each(|signal| self.install_for(signal));
        mask.thread_set_mask()?;
        installed
    }

    fn install_for(&self, signal: Signal) -> io::Result<()> {
        let action = SigAction::new(SigHandler::SigAction(note), SaFlags::SA_RESTART, SigSet::empty());
        // SAFETY: the handler does what is async-signal-safe: it reads and writes atomics, and sends.
        let before = unsafe { sigaction(signal, &action) }?;
        if let Some(place) = SIGNALS.iter().position(|known| *known == signal) {
            let _ = self.before[place].set(before);
        }
        Ok(())
    }

    fn note(&self, signal: Signal, info: *mut siginfo_t, context: *mut c_void) {
        if self.came.swap(signal as i32, Ordering::AcqRel) != 0 {
            // It comes as soon as the handler returns. Where the default action is refused, no signal but one ends
            // the process.
            let ends = super::signal::default_action(signal).map_or(Signal::SIGKILL, |()| signal);
            let _ = nix::sys::signal::raise(ends);
            return;
        }
        let byte = [0_u8; 1];
        let (wakes, byte, flags) =
            (self.wakes.as_raw_fd(), byte.as_ptr().cast(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL);
        // SAFETY: the descriptor is open for ever, and the byte lives until the call returns.
        if unsafe { libc::send(wakes, byte, 1, flags) } < 0 {
            // Where a filter forbids the call. One byte finds room, and the other end is open.
            // SAFETY: as before.
            unsafe { libc::write(wakes, byte, 1) };
        }
        let place = SIGNALS.iter().position(|known| *known == signal);
        match place.and_then(|place| self.before[place].get()).map(SigAction::handler) {
            Some(SigHandler::Handler(handler)) => handler(signal as c_int),
            Some(SigHandler::SigAction(handler)) => handler(signal as c_int, info, context),
            Some(SigHandler::SigDfl | SigHandler::SigIgn) | None => {}
        }
    }
}

extern "C" fn note(number: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let errno = nix::errno::Errno::last_raw();
    // SAFETY: what was stored there is never dropped.
    if let (Some(notes), Ok(signal)) = (unsafe { NOTES.load(Ordering::Acquire).as_ref() }, Signal::try_from(number)) {
        notes.note(signal, info, context);
    }
    nix::errno::Errno::set_raw(errno);
}

/// Has a signal interrupt what the process does, and do nothing else, if its action was the default.
pub(crate) fn interrupt_only(signal: Signal) -> io::Result<()> {
    extern "C" fn nothing(_: c_int) {}
    if !super::signal::has_default_action(signal) {
        return Ok(());
    }
    let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(signal, &action) }?;
    Ok(())
}
