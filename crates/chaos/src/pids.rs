//! The pids of a namespace of its own: the first one is free again as soon as the dead process is reaped.

use std::cell::Cell;
use std::fs;

/// What is written there is the last pid that was given: the next process has the first free one after it.
const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";
/// The pid of the first process of a namespace.
const FIRST: &str = "1";

thread_local! {
    static ARE_OWN: Cell<bool> = const { Cell::new(false) };
}

/// This process is the first one of a namespace.
pub(crate) fn are_own() {
    ARE_OWN.set(true);
}

/// Has the next process of this namespace have the lowest pid that is free. Elsewhere it does nothing.
pub(crate) fn reuse() {
    if ARE_OWN.get() {
        // Where the system does not let it, the pids are small and rise.
        let _ = fs::write(LAST_PID, FIRST);
    }
}

/// Whether a process of this round may have the pid of a dead one.
pub(crate) fn are_reused() -> bool {
    ARE_OWN.get()
}
