//! The only unsafe code of the workspace: system calls and shared memory behind safe functions.
//!
//! One file an idea, each small enough to be audited in one sitting:
//! [`fork`] starts and ends processes, [`memory`] shares memory between them, [`futex`] sleeps and
//! wakes on a word of it, [`robust`] is the mutex that the kernel frees when its owner dies, [`clock`]
//! tells the time cheaply, [`cache`] tells the processor what will be needed, [`window`] how large the
//! terminal is, [`queued`] what a socket holds.
//!
//! Everything that orders or waits between processes goes through [`atomic`] and [`futex`]: whoever
//! wants to run the algorithms of this crate under a model checker replaces these two.
#![expect(unsafe_code, reason = "system calls and shared memory have no safe interface; this module is that interface")]

pub(crate) mod cache;
pub(crate) mod clock;
pub(crate) mod fork;
pub(crate) mod futex;
pub(crate) mod memory;
pub(crate) mod queued;
pub(crate) mod robust;
pub(crate) mod window;

/// The atomics that shared memory is made of.
pub(crate) mod atomic {
    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) use std::sync::atomic::fence;
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}
