//! One value in shared memory: the machine's, or that of a model.

use std::cell::UnsafeCell;
use std::io;
use std::ops::Deref;

#[cfg(not(killproof_model))]
use super::memory::ShmSlice;
#[cfg(killproof_model)]
use super::modelled_memory::ShmSlice;
use super::shm_safe::ShmSafe;

/// One value in shared memory.
pub(crate) struct ShmBox<T: ShmSafe>(ShmSlice<Slot<T>>);

/// A cell into which a value is moved before it is shared.
struct Slot<T>(UnsafeCell<T>);

// SAFETY: written once, before it is shared; then it is as shareable as its content.
unsafe impl<T: ShmSafe> Sync for Slot<T> {}
// SAFETY: the same bytes as its content, under the same rules.
unsafe impl<T: ShmSafe> ShmSafe for Slot<T> {}

impl<T: ShmSafe> ShmBox<T> {
    pub(crate) fn new(value: T) -> io::Result<Self> {
        let memory = ShmSlice::<Slot<T>>::map(1)?;
        // SAFETY: the memory has no other owner yet; nothing is dropped by overwriting it, because a `ShmSafe` type
        // has nothing to drop.
        unsafe { memory[0].0.get().write(value) };
        Ok(Self(memory))
    }
}

impl<T: ShmSafe> Deref for ShmBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: written in `new`, and from then on only read through shared references.
        unsafe { &*self.0[0].0.get() }
    }
}
