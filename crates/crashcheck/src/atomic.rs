//! Atomics and fences, with the orderings of Rust and C++20.
//!
//! A load may see any store that coherence and happens-before allow, within the model's bound of stale values. The
//! types have the methods of their namesakes in [`std::sync::atomic`]. An atomic was there before the actors began,
//! with its initial value, wherever it was made.

use std::fmt;
use std::panic::Location as Line;
use std::sync::atomic::AtomicU64 as Word;

pub use std::sync::atomic::Ordering;

use crate::execution::{self, Execution, Op};
use crate::sys;

/// Of a number of an execution and a number of a location in it, the bits of the second.
const INDEX_BITS: u32 = 20;

/// What an atomic is, whatever its type.
struct Cell {
    initial: u64,
    /// The execution that uses it, and its number there. 0: none.
    known_as: Word,
}

impl Cell {
    const fn new(initial: u64) -> Self {
        Self { initial, known_as: Word::new(0) }
    }

    fn location(&self, execution: &mut Execution) -> usize {
        let known_as = self.known_as.load(Ordering::Relaxed);
        if known_as >> INDEX_BITS == execution.number {
            return (known_as & ((1 << INDEX_BITS) - 1)) as usize;
        }
        let location = execution.add_location(std::ptr::from_ref(self).addr(), self.initial);
        assert!(location < 1 << INDEX_BITS, "an execution has at most {} atomics", 1 << INDEX_BITS);
        self.known_as.store(execution.number << INDEX_BITS | location as u64, Ordering::Relaxed);
        location
    }

    /// Does something with it when it is this actor's turn. An actor that is killed there never returns.
    #[track_caller]
    fn act<R>(&self, op: fn(usize) -> Op, act: impl FnOnce(&mut Execution, usize) -> R) -> R {
        let line = Line::caller();
        let mut act = Some(act);
        let at_once = execution::with(|execution| {
            let location = self.location(execution);
            let act = if execution.arrive(op(location), line) { None } else { act.take() };
            act.map(|act| act(execution, location)).ok_or(location)
        });
        match (at_once, act) {
            (Err(location), Some(act)) => {
                sys::suspend();
                execution::with(|execution| act(execution, location))
            }
            (Ok(result), _) => result,
            (Err(_), None) => unreachable!("it is done at once, or not yet"),
        }
    }

    #[track_caller]
    fn load(&self, ordering: Ordering) -> u64 {
        assert!(!matches!(ordering, Ordering::Release | Ordering::AcqRel), "a load cannot be {ordering:?}");
        self.act(Op::Read, |execution, location| execution.load(location, ordering))
    }

    #[track_caller]
    fn store(&self, value: u64, ordering: Ordering) {
        assert!(!matches!(ordering, Ordering::Acquire | Ordering::AcqRel), "a store cannot be {ordering:?}");
        self.act(Op::Write, |execution, location| execution.store(location, value, ordering));
    }

    #[track_caller]
    fn modify(
        &self,
        success: Ordering,
        failure: Ordering,
        change: impl FnOnce(u64) -> Option<u64>,
    ) -> Result<u64, u64> {
        let (old, is_changed) =
            self.act(Op::Write, |execution, location| execution.modify(location, success, failure, change));
        if is_changed { Ok(old) } else { Err(old) }
    }

    /// The newest value, if an execution has it.
    fn peek(&self) -> u64 {
        if !execution::is_running() {
            return self.initial;
        }
        execution::with(|execution| {
            let location = self.location(execution);
            let value = execution.memory.newest(location);
            execution.learns(value);
            value
        })
    }
}

/// Stands before an operation until it is this actor's turn. An actor that is killed there never returns.
#[track_caller]
pub(crate) fn before(op: Op) {
    let line = Line::caller();
    if execution::with(|execution| execution.arrive(op, line)) {
        sys::suspend();
    }
}

/// Dies here, if that could show the last stores in another order.
#[track_caller]
pub(crate) fn settle() {
    if execution::with(|execution| execution.has_loose_stores()) {
        before(Op::Settle);
    }
}

/// As [`std::sync::atomic::fence`].
///
/// # Panics
///
/// If the ordering is relaxed.
#[track_caller]
pub fn fence(ordering: Ordering) {
    assert!(ordering != Ordering::Relaxed, "a fence cannot be relaxed");
    settle();
    before(if ordering == Ordering::SeqCst { Op::Fence } else { Op::Local });
    execution::with(|execution| execution.fence(ordering));
}

/// As [`std::sync::atomic::compiler_fence`]: the stores before it are made before those after it, for whom this
/// actor's death shows them. Other actors that run may still see them in another order.
///
/// # Panics
///
/// If the ordering is relaxed.
#[track_caller]
pub fn compiler_fence(ordering: Ordering) {
    assert!(ordering != Ordering::Relaxed, "a fence cannot be relaxed");
    settle();
    let line = Line::caller();
    execution::with(|execution| execution.compiler_fence(line));
}

macro_rules! atomic {
    ($name:ident, $value:ty) => {
        /// As its namesake in [`std::sync::atomic`].
        pub struct $name(Cell);

        impl $name {
            /// An atomic with its initial value.
            #[expect(clippy::cast_sign_loss, clippy::cast_lossless, reason = "bits")]
            #[allow(unfulfilled_lint_expectations)]
            pub const fn new(value: $value) -> Self {
                Self(Cell::new(value as u64))
            }

            /// As its namesake in [`std::sync::atomic`].
            #[track_caller]
            pub fn load(&self, ordering: Ordering) -> $value {
                value(self.0.load(ordering))
            }

            /// As its namesake in [`std::sync::atomic`].
            #[track_caller]
            pub fn store(&self, value: $value, ordering: Ordering) {
                self.0.store(bits(value), ordering);
            }

            /// As its namesake in [`std::sync::atomic`].
            #[track_caller]
            pub fn swap(&self, value: $value, ordering: Ordering) -> $value {
                self.update(ordering, |_| value)
            }

            #[track_caller]
            fn update(&self, ordering: Ordering, change: impl FnOnce($value) -> $value) -> $value {
                let (Ok(old) | Err(old)) =
                    self.0.modify(ordering, Ordering::Relaxed, |old| Some(bits(change(value(old)))));
                value(old)
            }

            /// As its namesake in [`std::sync::atomic`].
            ///
            /// # Errors
            ///
            /// The value that is there, if it is another one.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let change = |old| (old == bits(current)).then_some(bits(new));
                self.0.modify(success, failure, change).map(value).map_err(value)
            }

            /// As its namesake in [`std::sync::atomic`]. It does not fail without a reason.
            ///
            /// # Errors
            ///
            /// The value that is there, if it is another one.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }

            /// The value, without synchronization: no other actor can have it.
            pub fn into_inner(self) -> $value {
                value(self.0.peek())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(<$value>::default())
            }
        }

        /// The newest value, which an actor need not see.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let newest: $value = value(self.0.peek());
                fmt::Debug::fmt(&newest, f)
            }
        }
    };
}

/// A value of an atomic as the bits that the memory keeps.
trait Bits {
    fn to_bits(self) -> u64;
    fn from_bits(bits: u64) -> Self;
}

fn bits<V: Bits>(value: V) -> u64 {
    value.to_bits()
}

fn value<V: Bits>(bits: u64) -> V {
    V::from_bits(bits)
}

macro_rules! integers {
    ($($name:ident: $value:ty),*) => {
        $(
            atomic!($name, $value);

            impl Bits for $value {
                #[allow(clippy::cast_sign_loss, clippy::cast_lossless, reason = "bits")]
                fn to_bits(self) -> u64 {
                    self as u64
                }

                #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "they were its bits")]
                fn from_bits(bits: u64) -> Self {
                    bits as Self
                }
            }

            impl $name {
                /// As its namesake in [`std::sync::atomic`].
                #[track_caller]
                pub fn fetch_add(&self, value: $value, ordering: Ordering) -> $value {
                    self.update(ordering, |old| old.wrapping_add(value))
                }

                /// As its namesake in [`std::sync::atomic`].
                #[track_caller]
                pub fn fetch_sub(&self, value: $value, ordering: Ordering) -> $value {
                    self.update(ordering, |old| old.wrapping_sub(value))
                }

                /// As its namesake in [`std::sync::atomic`].
                #[track_caller]
                pub fn fetch_max(&self, value: $value, ordering: Ordering) -> $value {
                    self.update(ordering, |old| old.max(value))
                }

                /// As its namesake in [`std::sync::atomic`].
                #[track_caller]
                pub fn fetch_min(&self, value: $value, ordering: Ordering) -> $value {
                    self.update(ordering, |old| old.min(value))
                }

                /// As its namesake in [`std::sync::atomic`].
                #[track_caller]
                pub fn fetch_or(&self, value: $value, ordering: Ordering) -> $value {
                    self.update(ordering, |old| old | value)
                }

                /// As its namesake in [`std::sync::atomic`].
                #[track_caller]
                pub fn fetch_and(&self, value: $value, ordering: Ordering) -> $value {
                    self.update(ordering, |old| old & value)
                }
            }
        )*
    };
}

integers!(AtomicI32: i32, AtomicU32: u32, AtomicI64: i64, AtomicU64: u64, AtomicUsize: usize, AtomicU8: u8);
atomic!(AtomicBool, bool);

impl Bits for bool {
    fn to_bits(self) -> u64 {
        self.into()
    }

    fn from_bits(bits: u64) -> Self {
        bits != 0
    }
}

impl AtomicU64 {
    /// A call of the kernel, whose state it stands for: `act` returns the next value.
    #[track_caller]
    pub(crate) fn call<R>(&self, act: impl FnOnce() -> (R, u64)) -> R {
        self.0.act(Op::Write, |execution, location| {
            let (result, value) = act();
            execution.call_table(location, value);
            result
        })
    }
}

impl AtomicU32 {
    /// The location, for those who sleep on it.
    #[track_caller]
    pub(crate) fn location(&self) -> usize {
        execution::with(|execution| self.0.location(execution))
    }
}
