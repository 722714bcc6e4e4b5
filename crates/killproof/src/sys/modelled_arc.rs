//! A counted reference of a model. A killed actor never gives its references back, so the end of the execution
//! frees what they kept.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;

/// As [`std::sync::Arc`], on one thread, and freed at the end of the execution at the latest.
pub(crate) struct Arc<T: 'static> {
    inner: NonNull<Inner<T>>,
}

struct Inner<T: 'static> {
    count: Cell<usize>,
    /// What is freed at the end: nothing, once the count was 0.
    alive: Rc<Cell<Option<NonNull<Inner<T>>>>>,
    value: T,
}

// SAFETY: all actors of a model share one thread.
unsafe impl<T: Send + Sync> Send for Arc<T> {}
// SAFETY: as for Send.
unsafe impl<T: Send + Sync> Sync for Arc<T> {}

impl<T: 'static> Arc<T> {
    pub(crate) fn new(value: T) -> Self {
        let alive = Rc::new(Cell::new(None));
        let inner = Inner { count: Cell::new(1), alive: Rc::clone(&alive), value };
        let inner = NonNull::from(Box::leak(Box::new(inner)));
        alive.set(Some(inner));
        // SAFETY: it was just leaked from a box, and is not freed yet.
        crashcheck::state::is_part(unsafe { inner.as_ref() });
        crashcheck::actor::at_end(move || free(&alive));
        Self { inner }
    }

    fn inner(&self) -> &Inner<T> {
        // SAFETY: it is freed when the last reference is dropped, or when the execution is over: references that are
        // left then are on the stacks of killed actors, which never run again.
        unsafe { self.inner.as_ref() }
    }

    pub(crate) fn ptr_eq(one: &Self, other: &Self) -> bool {
        one.inner == other.inner
    }
}

fn free<T>(alive: &Cell<Option<NonNull<Inner<T>>>>) {
    if let Some(inner) = alive.take() {
        // SAFETY: it was leaked from a box, and `alive` has forgotten it.
        drop(unsafe { Box::from_raw(inner.as_ptr()) });
    }
}

impl<T: 'static> Clone for Arc<T> {
    fn clone(&self) -> Self {
        let count = &self.inner().count;
        count.set(count.get() + 1);
        Self { inner: self.inner }
    }
}

impl<T: 'static> Drop for Arc<T> {
    fn drop(&mut self) {
        let left = self.inner().count.get() - 1;
        self.inner().count.set(left);
        if left == 0 {
            let alive = Rc::clone(&self.inner().alive);
            free(&alive);
        }
    }
}

impl<T: 'static> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner().value
    }
}

impl<T: fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
