//! As many values as are asked for, in memory that forked processes share.

use std::fmt;
use std::ops::Deref;

use super::ShmSafe;
use crate::error::{Error, Phrase};
use crate::primitive::memory::ShmVec;

/// A slice in memory that this process shares with those it forks from now on. Its length is known at run time only.
///
/// Python's `multiprocessing.Array` without a lock, and `RawArray`. Its elements are [`ShmSafe`], and like a
/// [`Shared`](super::Shared) value each is changed through a shared reference: so those that change are atomics.
/// [`std::sync::Arc<[T]>`](std::sync::Arc) shares within one process only.
///
/// - **Deaths.** A process that is killed between two stores leaves the one and not the other. Elements that change
///   together belong in a [`SharedMutex`](crate::mutex::SharedMutex), or are changed while a `SharedMutex<()>` beside
///   the vector is held: its next holder learns of the death.
/// - **Length.** It never changes. A vector that grew would move, and other processes have it mapped.
/// - **Memory** is reserved at once and used page by page, when an element is first touched. It is freed with the last
///   process that has it.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// use killproof::{process::Process, shared::SharedVec};
///
/// let squares = SharedVec::<AtomicU64>::zeroed(1_000)?;
/// let fill = |part: std::ops::Range<usize>| {
///     for (index, square) in part.clone().zip(&squares[part]) {
///         square.store((index * index) as u64, Relaxed);
///     }
/// };
/// let mut halves = [Process::new("one", || fill(0..500)).start()?, Process::new("other", || fill(500..1_000)).start()?];
/// for half in &mut halves {
///     half.join()?;
/// }
/// assert_eq!(squares.iter().map(|square| square.load(Relaxed)).max(), Some(999 * 999));
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct SharedVec<T: ShmSafe>(ShmVec<T>);

impl<T: ShmSafe> SharedVec<T> {
    /// `length` elements, each of them the value of all-zero bytes: 0, `false`, an atomic 0.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn zeroed(length: usize) -> Result<Self, Error> {
        ShmVec::zeroed(length).map(Self).map_err(|source| refused(length, source))
    }

    /// `length` elements, each of them what `value` returns for its index.
    ///
    /// ```
    /// use killproof::shared::SharedVec;
    ///
    /// let squares = SharedVec::from_fn(5, |index| index * index)?;
    /// assert_eq!(*squares, [0, 1, 4, 9, 16]);
    /// # Ok::<(), killproof::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn from_fn(length: usize, value: impl FnMut(usize) -> T) -> Result<Self, Error> {
        ShmVec::from_fn(length, value).map(Self).map_err(|source| refused(length, source))
    }
}

fn refused(length: usize, source: std::io::Error) -> Error {
    Error::refused("share", Phrase::new("a vector of length {}", [length.into()]), source)
}

impl<T: ShmSafe> Deref for SharedVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: ShmSafe + fmt::Debug> fmt::Debug for SharedVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
