//! Memory that forked processes share: anonymous, so it has no name that could be left behind, and
//! gone with the last process that maps it.

use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// A value that means the same in every process that maps it.
///
/// Implemented for the integers, floats, `bool`, the atomics, arrays and pairs of them.
///
/// # Safety
///
/// All-zero bytes are a valid value. The value holds no pointer, reference, descriptor or other
/// handle of one process, and nothing to drop. Every mix of the bytes of two valid values is a
/// valid value, because a process may be killed in the middle of a store.
pub unsafe trait Plain: Send + Sync + 'static {}

macro_rules! plain {
    ($($name:ty)*) => { $(
        // SAFETY: bytes without pointers or destructors, valid when zero and when mixed (`bool` is one byte).
        unsafe impl Plain for $name {}
    )* };
}
plain! { () bool u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 }
plain! { AtomicBool AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize }
plain! { AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize }

// SAFETY: an array is its elements and nothing else.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: a pair is its two halves and padding, which is never read.
unsafe impl<A: Plain, B: Plain> Plain for (A, B) {}

/// Declares a struct that may live in shared memory: every field is, so the struct is.
macro_rules! plain_struct {
    ($(#[$about:meta])* $visibility:vis struct $name:ident { $($(#[$note:meta])* $field_visibility:vis $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        $visibility struct $name { $($(#[$note])* $field_visibility $field: $type,)* }

        const _: () = {
            const fn every_field_is_plain<T: $crate::shared::Plain>() {}
            $(every_field_is_plain::<$type>();)*
        };

        // SAFETY: nothing but its fields, each of them `Plain` as asserted above, and padding,
        // which is never read.
        #[expect(unsafe_code, reason = "the assertion above makes it safe for every struct")]
        unsafe impl $crate::shared::Plain for $name {}
    };
}
pub(crate) use plain_struct;

/// A slice of shared memory, zero at first. A process that forks shares it with its child.
pub(crate) struct Mapping<T: Plain> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: it owns its memory like a `Box<[T]>`, and a `Plain` type is `Send` and `Sync`.
unsafe impl<T: Plain> Send for Mapping<T> {}
// SAFETY: as above; shared access hands out `&T` of a `Sync` type only.
unsafe impl<T: Plain> Sync for Mapping<T> {}

impl<T: Plain> Mapping<T> {
    /// Maps `length` zeroed elements. Pages take memory only once they are written.
    pub(crate) fn zeroed(length: usize) -> io::Result<Self> {
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

impl<T: Plain> Deref for Mapping<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the mapping is page-aligned, `length` elements long, zeroed (which `Plain`
        // makes a valid value) and lives until drop. Other processes change it only through
        // `&T` as well, so only the interior of atomics changes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T: Plain> Drop for Mapping<T> {
    fn drop(&mut self) {
        let bytes = (size_of::<T>() * self.length).max(1);
        // SAFETY: this is the mapping made by `zeroed`, whole, and no borrow of it is alive.
        // Other processes have their own mapping of the same pages.
        let unmapped = unsafe { munmap(self.start.cast(), bytes) };
        debug_assert!(unmapped.is_ok());
    }
}

/// One value in shared memory, moved there when it is made.
pub(crate) struct Placed<T: Plain>(Mapping<Slot<T>>);

/// A cell that a value is moved into before anybody else can see it.
struct Slot<T>(std::cell::UnsafeCell<T>);

// SAFETY: written once, before it is shared; then it is as shareable as its content.
unsafe impl<T: Plain> Sync for Slot<T> {}
// SAFETY: the same bytes as its content, under the same rules.
unsafe impl<T: Plain> Plain for Slot<T> {}

impl<T: Plain> Placed<T> {
    pub(crate) fn new(value: T) -> io::Result<Self> {
        let memory = Mapping::<Slot<T>>::zeroed(1)?;
        // SAFETY: the mapping is new, so nobody else can see the cell yet; nothing is dropped by
        // overwriting it, because a `Plain` type has nothing to drop.
        unsafe { memory[0].0.get().write(value) };
        Ok(Self(memory))
    }
}

impl<T: Plain> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: written in `new`, and from then on only read through shared references.
        unsafe { &*self.0[0].0.get() }
    }
}
