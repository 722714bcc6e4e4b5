//! Plain values in memory that forked processes share: Python's `multiprocessing.Value` and `Array`.
//!
//! They have no lock. An atomic needs none; a value that is changed in several steps belongs in a
//! [`SharedMutex`](crate::mutex::SharedMutex).

mod vec;

pub use vec::SharedVec;

use std::ops::Deref;

use crate::error::Error;
use crate::primitive::memory::ShmBox;

pub use crate::sys::shm_safe::{ShmField, ShmSafe};

/// One value in memory that this process shares with those it forks from now on.
///
/// The memory is anonymous: it has no name that could be left behind, and the kernel frees it with the last
/// process that has it. [`std::sync::Arc`] shares within one process only: `fork` copies its content.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use killproof::{process::Process, shared::Shared};
///
/// let shared = Shared::new(AtomicU32::new(1))?;
/// let copied = AtomicU32::new(1);
/// Process::new("writer", || {
///     shared.store(2, Relaxed);
///     copied.store(2, Relaxed);
/// })
/// .start()?
/// .join()?;
/// assert_eq!((shared.load(Relaxed), copied.load(Relaxed)), (2, 1));
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct Shared<T: ShmSafe>(ShmBox<T>);

impl<T: ShmSafe> Shared<T> {
    /// Moves `value` into new shared memory (at least a page of it).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(value: T) -> Result<Self, Error> {
        ShmBox::new(value).map(Self).map_err(|source| Error::refused("share", "a value", source))
    }
}

impl<T: ShmSafe> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ShmSafe + std::fmt::Debug> std::fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shared").field(&**self).finish()
    }
}
