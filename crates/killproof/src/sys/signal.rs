//! What a process does on a signal.

use std::io;
use std::mem::MaybeUninit;

use nix::sys::signal::{SigHandler, Signal};

/// Whether this process has the default action for `signal`. If the system does not answer, it has not.
pub(super) fn has_default_action(signal: Signal) -> bool {
    action(signal) == Some(libc::SIG_DFL)
}

/// Whether this process ignores `signal`.
pub(crate) fn ignores(signal: Signal) -> bool {
    action(signal) == Some(libc::SIG_IGN)
}

fn action(signal: Signal) -> Option<libc::sighandler_t> {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: no new action is given; the old one is written to room for one in this frame.
    if unsafe { libc::sigaction(signal as libc::c_int, std::ptr::null(), action.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the call succeeded, so it has written the action.
    Some(unsafe { action.assume_init() }.sa_sigaction)
}

/// Gives `signal` its default action in this process. A filter of system calls may refuse that.
pub(crate) fn default_action(signal: Signal) -> nix::Result<()> {
    // SAFETY: the default action runs no code of ours, so there is no handler that could be unsafe.
    unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) }.map(|_| ())
}

/// Ignores `signal` in this process. Ignoring `SIGCHLD` makes the kernel reap every child.
pub(crate) fn ignore(signal: Signal) -> io::Result<()> {
    // SAFETY: ignoring runs no code of ours.
    unsafe { nix::sys::signal::signal(signal, SigHandler::SigIgn) }?;
    Ok(())
}
