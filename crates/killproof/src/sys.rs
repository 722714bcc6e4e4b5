//! The only unsafe code of the toolkit: system calls and shared memory behind safe functions.
//!
//! Each file has one idea and is small enough to be audited in one sitting:
//!
//! - [`fork`] starts and ends processes, [`signal`] sets what they do about signals, [`handler`] notes the signals
//!   that ask one to end, [`pidfd`] are handles on them, [`thread`] knows their threads.
//! - [`memory`] is shared between processes, [`shm_safe`] says which types may be in it, [`shm_box`] is one value in
//!   it, [`shm_vec`] several; [`growing`] is memory of which there is more when it is needed; [`futex`] sleeps and
//!   wakes on a word of it.
//! - [`robust`] is the mutex that the kernel frees when its owner dies, [`robust_guard`] what its holder gets,
//!   [`shares`] several of them for one value. [`held`] counts how many of them a thread holds, [`timed_lock`] waits
//!   for one for a limited time.
//! - [`code`] is code by its address, [`clock`] reads the time, [`cache`] prefetches and fences, [`ioctl`] asks how
//!   much a socket holds, [`descriptor`] keeps descriptors off the standard streams.
//!
//! The algorithms reach this module through [`primitive`](crate::primitive) only.
#![expect(unsafe_code, reason = "system calls and shared memory have no safe interface; this module is that interface")]

pub(crate) mod cache;
pub(crate) mod clock;
pub(crate) mod code;
pub(crate) mod descriptor;
pub(crate) mod fork;
pub(crate) mod futex;
pub(crate) mod growing;
pub(crate) mod handler;
pub(crate) mod held;
pub(crate) mod ioctl;
pub(crate) mod memory;
#[cfg(killproof_model)]
pub(crate) mod modelled_arc;
#[cfg(killproof_model)]
pub(crate) mod modelled_memory;
#[cfg(killproof_model)]
pub(crate) mod modelled_robust;
pub(crate) mod pidfd;
pub(crate) mod robust;
pub(crate) mod robust_guard;
pub(crate) mod shares;
pub(crate) mod shm_box;
pub(crate) mod shm_safe;
pub(crate) mod shm_vec;
pub(crate) mod signal;
pub(crate) mod thread;
mod timed_lock;
