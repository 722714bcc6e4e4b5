//! What belongs to the state of an execution, and the checker cannot see by itself.
//!
//! Where states are [remembered](crate::Model::remember_states), an execution is broken off as soon as it comes to a
//! state that was seen before. So all that makes a difference later has to be part of the state. The modelled objects
//! are, and so is all that a living actor has learned from them. What else a check reads is [noted](note), what else
//! actors share is in a [`Table`] or in a [`Cell`](crate::cell::Cell).

use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::atomic::{AtomicU64, before};
use crate::execution::{self, Op};
use crate::hash::Digest;

/// Notes what the check will read, besides modelled objects: what an actor found, or that it has come to a point. Notes
/// have an order, and belong to the operation that the actor did last. An actor notes before it keeps: it may be killed
/// as it notes what an operation has found that no other actor can see.
///
/// ```
/// use std::cell::RefCell;
/// use crashcheck::atomic::{AtomicU64, Ordering::Relaxed};
/// use crashcheck::{Actor, Model, state};
///
/// let counts = |(counter, found): &(AtomicU64, RefCell<Vec<u64>>)| {
///     let value = counter.fetch_add(1, Relaxed);
///     state::note(&value); // the check reads `found`
///     found.borrow_mut().push(value);
/// };
/// let report = Model::new().preemptions(2).remember_states().explore(
///     || (AtomicU64::new(0), RefCell::new(Vec::new())),
///     &[Actor::new("one", &counts), Actor::new("other", &counts)],
///     |(_, found), _| if found.borrow().len() == 2 { Ok(()) } else { Err("a value is missing".to_owned()) },
/// );
/// report.unwrap();
/// ```
#[track_caller]
pub fn note(what: &impl Hash) {
    let mut digest = Digest::new(0);
    what.hash(&mut digest);
    if execution::with(|execution| execution.may_die_before_a_note()) {
        before(Op::Note);
    }
    execution::with(|execution| execution.note_for_check(digest));
}

/// Makes known where a value is that is made in a set-up. So modelled objects in it are the same ones in every
/// execution, and more states are equal. What the set-up returns is known, and what it points to is not: allocated
/// memory may be elsewhere each time. Outside of a model it does nothing.
pub fn is_part<T: ?Sized>(value: &T) {
    let (start, bytes) = (std::ptr::from_ref(value).addr(), size_of_val(value));
    if !execution::is_running() {
        return;
    }
    execution::with(|execution| {
        let by = execution.current;
        execution.names.make_known(start, bytes, by);
    });
}

/// What the kernel keeps for all actors: each use of it is one step, and all see them in one order.
pub struct Table<T> {
    /// The hash of the value.
    word: AtomicU64,
    value: Mutex<T>,
}

impl<T: Hash> Table<T> {
    /// A table with its first value.
    pub const fn new(value: T) -> Self {
        Self { word: AtomicU64::new(0), value: Mutex::new(value) }
    }

    /// Reads or changes the value, in one step. No modelled object may be used in it.
    #[track_caller]
    pub fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        self.word.call(|| {
            let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
            let result = act(&mut value);
            let mut digest = Digest::new(0);
            value.hash(&mut digest);
            (result, digest.mixed().halves().0)
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Table").field(&value).finish()
    }
}
