//! The observer that the program has installed, and how it is called.

use std::cell::Cell;
use std::sync::OnceLock;

use super::Observer;
use crate::error::Error;
use crate::foreign::{PANICKED, caught};
use crate::identity;
use crate::sys::fork;

static OBSERVER: OnceLock<&'static dyn Observer> = OnceLock::new();

thread_local! {
    /// This thread is in a method of the observer.
    static OBSERVES: Cell<bool> = const { Cell::new(false) };
}

/// Whether there is an observer: where there is none, a caller need not find out what it would report.
pub(crate) fn is_installed() -> bool {
    OBSERVER.get().is_some()
}

/// What the observer answers. `None`: there is none, or it panicked, or it asks itself.
pub(super) fn ask<R>(question: impl FnOnce(&'static dyn Observer) -> R) -> Option<R> {
    let observer = *OBSERVER.get()?;
    if OBSERVES.replace(true) {
        return None;
    }
    let answer = caught(|| question(observer));
    OBSERVES.set(false);
    answer
}

/// Ends what the observer has begun: also where it asks itself, because its books would be wrong otherwise.
pub(super) fn finish(end: impl FnOnce(&'static dyn Observer)) {
    if let Some(observer) = OBSERVER.get() {
        let observes = OBSERVES.replace(true);
        let _ = caught(|| end(*observer));
        OBSERVES.set(observes);
    }
}

/// Installs the program's observer, once and for good. The observer decides when it observes: objects for
/// which [`Observer::made`] returns `None` report nothing.
///
/// # Errors
///
/// [`Error::Unusable`] if there is one already; [`Error::Refused`] if the system gives no memory.
pub fn install(observer: &'static dyn Observer) -> Result<(), Error> {
    let refused = |source| Error::refused("install", "an observer", source);
    // What a child forgets first is registered first: the observer sees the child's identity.
    identity::count_generations().map_err(refused)?;
    OBSERVER.set(observer).map_err(|_| Error::Unusable {
        operation: "install an observer",
        cause: "the program has one already".into(),
    })?;
    fork::in_every_child(forked).map_err(refused)
}

/// Runs in the child of a fork, on its only thread.
extern "C" fn forked() {
    OBSERVES.set(false);
    if let Some(observer) = OBSERVER.get()
        && caught(|| observer.forked()).is_none()
    {
        // It would report in its parent's name.
        fork::exit_now(i32::from(PANICKED));
    }
}

/// Tells the observer that this process ends. False if it panicked.
pub(super) fn tell_of_the_end(report: impl FnOnce(&'static dyn Observer)) -> bool {
    OBSERVER.get().is_none_or(|observer| caught(|| report(*observer)).is_some())
}
