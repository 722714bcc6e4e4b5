//! Shared memory of a model. Its actors share one process, so it is the process's own memory, and an execution gets what
//! an earlier one has given back, cleared: there are millions of them.

use std::alloc::{Layout, alloc_zeroed};
use std::any::TypeId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::ops::Deref;
use std::ptr::NonNull;

use super::shm_safe::{ShmSafe, Zeroed};

/// Memory by the type and the number of its elements.
type Pool = HashMap<(TypeId, usize), Vec<NonNull<u8>>>;

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// A slice of shared memory, zero at first.
pub(crate) struct ShmSlice<T: ShmSafe> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: it owns its memory like a `Box<[T]>`, and a `ShmSafe` type is `Send` and `Sync`.
unsafe impl<T: ShmSafe> Send for ShmSlice<T> {}
// SAFETY: shared access hands out `&T` of a `Sync` type only.
unsafe impl<T: ShmSafe> Sync for ShmSlice<T> {}

impl<T: ShmSafe> ShmSlice<T> {
    /// `length` elements in memory that is zero.
    pub(super) fn map(length: usize) -> io::Result<Self> {
        let layout = Layout::array::<T>(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let used = POOL.with_borrow_mut(|pool| pool.get_mut(&(TypeId::of::<T>(), length)).and_then(Vec::pop));
        let start = match used {
            Some(start) => {
                // SAFETY: it was allocated with this layout, and its last owner has given it back.
                unsafe { start.write_bytes(0, layout.size()) };
                start
            }
            None if layout.size() == 0 => NonNull::<T>::dangling().cast(),
            // SAFETY: the layout has a size.
            None => NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(io::ErrorKind::OutOfMemory)?,
        };
        let slice = Self { start: start.cast(), length };
        crashcheck::state::is_part(&*slice);
        Ok(slice)
    }
}

impl<T: Zeroed> ShmSlice<T> {
    /// `length` elements, each of them [`Zeroed::zeroed`].
    pub(crate) fn new(length: usize) -> io::Result<Self> {
        Self::map(length)
    }
}

impl<T: ShmSafe> Deref for ShmSlice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the memory has room for `length` elements, was zero when it was handed out, which `ShmSafe` makes a valid
        // value, and is this slice's until drop. Only the interior of atomics changes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T: ShmSafe> Drop for ShmSlice<T> {
    fn drop(&mut self) {
        let kind = (TypeId::of::<T>(), self.length);
        // At the end of the thread there is no pool, and the memory is lost.
        let _ = POOL.try_with(|pool| pool.borrow_mut().entry(kind).or_default().push(self.start.cast()));
    }
}
