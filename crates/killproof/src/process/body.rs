//! What a child runs, and which process owns what it needs for that.
//!
//! A fork copies what the closure owns, so two processes could drop it: remove one folder twice, write one
//! buffer twice. It belongs to the child. The parent forgets its copy as soon as there is a child, and the child
//! never returns to the frames that it shares with its parent.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::fd::OwnedFd;

use super::IntoExit;
use crate::foreign::{PANICKED, caught};
use crate::observe;
use crate::sys::fork;

/// The work of a process that may be started.
pub(super) trait Body: Send {
    /// Does the work in the child called `name`, and ends it. The box is not freed: a child that frees memory
    /// first copies the page.
    fn run(self: Box<Self>, name: &str) -> !;

    /// Forgets what the work owns, in the parent of the child that has it now.
    fn forget(self: Box<Self>);
}

/// A closure.
pub(super) struct Closure<F>(pub(super) F);

impl<R: IntoExit, F: FnOnce() -> R + Send> Body for Closure<F> {
    fn run(self: Box<Self>, name: &str) -> ! {
        let Self(closure) = *self;
        live(|| closure().into_exit(name))
    }

    fn forget(self: Box<Self>) {
        let _ = ManuallyDrop::new(self.0);
    }
}

/// A closure, and a descriptor for it. Parent and child have one each, and each closes its own.
pub(super) struct ClosureWithDescriptor<D, F> {
    pub(super) descriptor: D,
    pub(super) closure: F,
}

impl<D: Into<OwnedFd> + Send, R: IntoExit, F: FnOnce(D) -> R + Send> Body for ClosureWithDescriptor<D, F> {
    fn run(self: Box<Self>, name: &str) -> ! {
        let Self { descriptor, closure } = *self;
        live(|| closure(descriptor).into_exit(name))
    }

    fn forget(self: Box<Self>) {
        let Self { descriptor, closure } = *self;
        let _ = ManuallyDrop::new(closure);
        drop::<OwnedFd>(descriptor.into());
    }
}

/// The rest of a child's life.
fn live(work: impl FnOnce() -> u8) -> ! {
    let _aborts = AbortOnUnwind;
    let code = caught(work).unwrap_or(PANICKED);
    let code = if observe::exits(code) { code } else { PANICKED };
    let _ = io::stdout().flush();
    fork::exit_now(i32::from(code))
}

/// Dropped, it aborts: no panic of a child may reach the frames that the child has from its parent.
pub(super) struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        std::process::abort();
    }
}
