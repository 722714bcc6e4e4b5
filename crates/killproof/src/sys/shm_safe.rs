//! Which types may live in memory that processes share.

use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};

/// A value that means the same in every process that maps it.
///
/// Implemented for the integers, floats, `bool`, the atomics, arrays and pairs of them, and for every
/// struct that [`shm_struct!`](crate::shm_struct) declares.
///
/// # Safety
///
/// All-zero bytes are a valid value. The value holds no pointer, reference, descriptor or other
/// handle of one process, and nothing to drop. Every mix of the bytes of two valid values is a
/// valid value, because a process may be killed in the middle of a store.
pub unsafe trait ShmSafe: Send + Sync + 'static {}

/// A [`ShmSafe`] type that may be a field of a [`shm_struct!`](crate::shm_struct): one without padding
/// and without bytes that mean nothing, which a `bool` has.
///
/// # Safety
///
/// Every bit pattern is a valid value, and there is no padding.
pub unsafe trait ShmField: ShmSafe {}

/// A type whose value of all-zero bytes can be written down.
///
/// The machine's shared memory is zero when it is new, and needs no such value; a body of
/// [`primitive`](crate::primitive) whose atomics are objects constructs them by it.
///
/// # Safety
///
/// `zeroed()` has all-zero bytes, padding aside.
pub(crate) unsafe trait Zeroed: ShmSafe {
    fn zeroed() -> Self;
}

macro_rules! numbers {
    ($($name:ty)*) => { $(
        // SAFETY: bytes without pointers or destructors, valid when zero and when mixed.
        unsafe impl ShmSafe for $name {}
        // SAFETY: every bit pattern is a number.
        unsafe impl ShmField for $name {}
    )* };
}
numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 }
numbers! { AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize }
numbers! { AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize }

macro_rules! single_bytes {
    ($($name:ty)*) => { $(
        // SAFETY: at most one byte, so a mix of two values is one of them.
        unsafe impl ShmSafe for $name {}
    )* };
}
single_bytes! { () bool AtomicBool }

// SAFETY: an array is its elements and nothing else.
unsafe impl<T: ShmSafe, const N: usize> ShmSafe for [T; N] {}
// SAFETY: as for `ShmSafe`.
unsafe impl<T: ShmField, const N: usize> ShmField for [T; N] {}
// SAFETY: a pair is its two halves and padding, which is never read.
unsafe impl<A: ShmSafe, B: ShmSafe> ShmSafe for (A, B) {}

macro_rules! zero_atomics {
    ($($name:ident)*) => { $(
        // SAFETY: the atomic of 0 has the bytes of 0.
        unsafe impl Zeroed for $name {
            fn zeroed() -> Self {
                Self::new(0)
            }
        }
    )* };
}
zero_atomics! { AtomicU32 AtomicU64 }

/// Atomics of a model are numbers as well: an initial value, and what an execution knows them as.
#[cfg(killproof_model)]
mod modelled {
    use crashcheck::atomic::{AtomicU32, AtomicU64};

    use super::{ShmSafe, Zeroed};

    macro_rules! modelled_atomics {
        ($($name:ident)*) => { $(
            // SAFETY: two numbers, without pointers or destructors, valid when zero and when mixed.
            unsafe impl ShmSafe for $name {}
            // SAFETY: the atomic of 0, which no execution knows yet, has the bytes of 0.
            unsafe impl Zeroed for $name {
                fn zeroed() -> Self {
                    Self::new(0)
                }
            }
        )* };
    }
    modelled_atomics! { AtomicU32 AtomicU64 }
}

// SAFETY: an array is its elements and nothing else.
unsafe impl<T: Zeroed, const N: usize> Zeroed for [T; N] {
    fn zeroed() -> Self {
        std::array::from_fn(|_| T::zeroed())
    }
}

/// Declares a struct of this crate that lives in shared memory. It may have padding, which no code reads.
macro_rules! shm_layout {
    ($(#[$about:meta])* $visibility:vis struct $name:ident { $($(#[$note:meta])* $field_visibility:vis $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        $visibility struct $name { $($(#[$note])* $field_visibility $field: $type,)* }

        const _: () = {
            const fn every_field_is_safe<T: $crate::sys::shm_safe::Zeroed>() {}
            $(every_field_is_safe::<$type>();)*
        };

        // SAFETY: nothing but its fields, each of them `ShmSafe` as asserted above, and padding,
        // which is never read.
        #[expect(unsafe_code, reason = "the assertion above makes it safe for every struct")]
        unsafe impl $crate::sys::shm_safe::ShmSafe for $name {}

        // SAFETY: every field is zero, and nothing else is read.
        #[expect(unsafe_code, reason = "the fields are zeroed one by one")]
        unsafe impl $crate::sys::shm_safe::Zeroed for $name {
            fn zeroed() -> Self {
                Self { $($field: $crate::sys::shm_safe::Zeroed::zeroed(),)* }
            }
        }
    };
}
pub(crate) use shm_layout;

/// Declares a struct that may live in shared memory: in a [`SharedMutex`](crate::mutex::SharedMutex) or a
/// [`Shared`](crate::shared::Shared).
///
/// What may not is refused when the program is compiled: a reference, a pointer, anything on the heap,
/// an enum or a `bool` (a process that is killed in the middle of a store may leave bytes that are no
/// value of it), a destructor, and padding between the fields (order them by size, or fill the gap with
/// an array of `u8`).
///
/// ```
/// use killproof::mutex::SharedMutex;
/// use killproof::process::Process;
///
/// killproof::shm_struct! {
///     /// Money, and how often it moved.
///     #[derive(Clone, Copy, Debug, PartialEq)]
///     pub struct Account {
///         pub balance: i64,
///         pub transfers: u32,
///         pub refusals: [u16; 2],
///     }
/// }
///
/// let account = SharedMutex::new(Account { balance: 100, transfers: 0, refusals: [0; 2] })?;
/// let pay = || {
///     let mut account = account.lock().expect("no holder dies here");
///     account.balance -= 30;
///     account.transfers += 1;
/// };
/// assert!(Process::new("payer", pay).start()?.join()?.success());
/// assert_eq!(*account.lock()?, Account { balance: 70, transfers: 1, refusals: [0; 2] });
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// A reference, or a field that owns memory of its process:
///
/// ```compile_fail,E0277
/// killproof::shm_struct! { struct Name { text: String, } }
/// ```
///
/// ```compile_fail,E0277
/// killproof::shm_struct! { struct Name { text: &'static str, } }
/// ```
///
/// A `bool`, and an enum:
///
/// ```compile_fail,E0277
/// killproof::shm_struct! { struct Switch { on: bool, } }
/// ```
///
/// ```compile_fail,E0277
/// enum Colour { Red, Green }
/// killproof::shm_struct! { struct Light { colour: Colour, } }
/// ```
///
/// Padding:
///
/// ```compile_fail,E0080
/// killproof::shm_struct! { struct Gap { small: u8, large: u64, } }
/// ```
///
/// A destructor:
///
/// ```compile_fail,E0080
/// killproof::shm_struct! { struct Loud { number: u32, } }
/// impl Drop for Loud { fn drop(&mut self) {} }
/// ```
#[macro_export]
macro_rules! shm_struct {
    ($(#[$about:meta])* $visibility:vis struct $name:ident { $($(#[$note:meta])* $field_visibility:vis $field:ident: $type:ty),* $(,)? }) => {
        $(#[$about])*
        #[repr(C)]
        $visibility struct $name { $($(#[$note])* $field_visibility $field: $type,)* }

        const _: () = {
            const fn may_be_a_field<T: $crate::shared::ShmField>() {}
            $(may_be_a_field::<$type>();)*
            assert!(
                ::core::mem::size_of::<$name>() == 0 $(+ ::core::mem::size_of::<$type>())*,
                "a struct in shared memory may have no padding: order its fields by size, or fill the gap"
            );
            assert!(!::core::mem::needs_drop::<$name>(), "a struct in shared memory may have no destructor");

            // SAFETY: its fields may live in shared memory, and there is nothing besides: no padding, no
            // destructor.
            unsafe impl $crate::shared::ShmSafe for $name {}
            // SAFETY: there is no padding, and every bit pattern of a field is a value of it.
            unsafe impl $crate::shared::ShmField for $name {}
        };
    };
}
