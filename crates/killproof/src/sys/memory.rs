//! Memory that forked processes share: anonymous, so it has no name that could be left behind, and
//! gone with the last process that maps it.

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::ops::{Deref, Range};
use std::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use super::shm_safe::{ShmSafe, Zeroed};

/// A slice of shared memory, zero at first. A process that forks shares it with its child.
pub(crate) struct ShmSlice<T: ShmSafe> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: it owns its memory like a `Box<[T]>`, and a `ShmSafe` type is `Send` and `Sync`.
unsafe impl<T: ShmSafe> Send for ShmSlice<T> {}
// SAFETY: shared access hands out `&T` of a `Sync` type only.
unsafe impl<T: ShmSafe> Sync for ShmSlice<T> {}

impl<T: ShmSafe> ShmSlice<T> {
    /// Maps `length` elements in memory that is zero. Pages take memory only once they are written.
    pub(super) fn map(length: usize) -> io::Result<Self> {
        let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
        let bytes = size_of::<T>().checked_mul(length).ok_or_else(out_of_memory)?.max(1);
        let bytes = NonZeroUsize::new(bytes).ok_or_else(out_of_memory)?;
        // No MAP_NORESERVE: what the system cannot give is refused here, not by SIGBUS later.
        let flags = MapFlags::MAP_SHARED;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory of ours.
        let start = unsafe { mmap_anonymous(None, bytes, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, flags) }?;
        Ok(Self { start: start.cast(), length })
    }
}

impl<T: Zeroed> ShmSlice<T> {
    /// Maps `length` elements of a file that no other code shortens, from this byte on. Those beyond the end of
    /// the file must not be touched: that is a SIGBUS.
    pub(super) fn map_file(file: &File, from: u64, length: usize) -> io::Result<Self> {
        let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
        let bytes = size_of::<T>().checked_mul(length).and_then(NonZeroUsize::new).ok_or_else(out_of_memory)?;
        let from = i64::try_from(from).map_err(|_| out_of_memory())?;
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory of ours.
        let start = unsafe { mmap(None, bytes, access, MapFlags::MAP_SHARED, file, from) }?;
        Ok(Self { start: start.cast(), length })
    }

    /// Takes the page faults of these elements at once, which costs less than one by one. Where the system does
    /// not know how, they come as usual.
    pub(super) fn populate(&self, elements: Range<usize>) {
        let bytes = size_of_val(&self[elements.clone()]);
        let from = self[elements].as_ptr().cast_mut().cast();
        // SAFETY: the elements are mapped, and their bytes stay what they are. An address that is not that of a
        // page is refused.
        unsafe { libc::madvise(from, bytes, libc::MADV_POPULATE_WRITE) };
    }

    /// `length` elements, each of them [`Zeroed::zeroed`].
    pub(crate) fn new(length: usize) -> io::Result<Self> {
        Self::map(length)
    }
}

impl<T: ShmSafe> Deref for ShmSlice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the mapping is page-aligned, `length` elements long, zeroed (which `ShmSafe`
        // makes a valid value) and lives until drop. Other processes change it only through
        // `&T` as well, so only the interior of atomics changes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T: ShmSafe> Drop for ShmSlice<T> {
    fn drop(&mut self) {
        let bytes = (size_of::<T>() * self.length).max(1);
        // SAFETY: this is the mapping made by `map`, whole, and no borrow of it is alive.
        // Other processes have their own mapping of the same pages.
        // Where the system refuses, the memory stays mapped until the process ends.
        let _ = unsafe { munmap(self.start.cast(), bytes) };
    }
}
