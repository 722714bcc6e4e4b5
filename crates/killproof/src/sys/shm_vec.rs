//! A number of values in shared memory: the machine's, or that of a model.

use std::cell::UnsafeCell;
use std::io;
use std::ops::Deref;

#[cfg(not(killproof_model))]
use super::memory::ShmSlice;
#[cfg(killproof_model)]
use super::modelled_memory::ShmSlice;
use super::shm_safe::ShmSafe;

/// As many values as are asked for.
pub(crate) struct ShmVec<T: ShmSafe>(ShmSlice<Slot<T>>);

/// A cell into which a value is moved before it is shared.
#[repr(transparent)]
struct Slot<T>(UnsafeCell<T>);

// SAFETY: written before it is shared; then it is as shareable as its content.
unsafe impl<T: ShmSafe> Sync for Slot<T> {}
// SAFETY: the same bytes as its content, under the same rules.
unsafe impl<T: ShmSafe> ShmSafe for Slot<T> {}

impl<T: ShmSafe> ShmVec<T> {
    /// Each of them all-zero.
    pub(crate) fn zeroed(length: usize) -> io::Result<Self> {
        ShmSlice::map(length).map(Self)
    }

    pub(crate) fn from_fn(length: usize, mut value: impl FnMut(usize) -> T) -> io::Result<Self> {
        let memory = ShmSlice::<Slot<T>>::map(length)?;
        for (index, slot) in memory.iter().enumerate() {
            // SAFETY: the memory has no other owner yet; nothing is dropped by overwriting it, because a `ShmSafe`
            // type has nothing to drop.
            unsafe { slot.0.get().write(value(index)) };
        }
        Ok(Self(memory))
    }
}

impl<T: ShmSafe> Deref for ShmVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let first = self.0.as_ptr().cast::<T>();
        // SAFETY: a slot has the layout of its value, which is valid: zero, or written before it was shared. From then
        // on it is only read through shared references.
        unsafe { std::slice::from_raw_parts(first, self.0.len()) }
    }
}
