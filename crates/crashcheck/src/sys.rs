//! Stacks that the checker switches between: an actor is a coroutine, so that a switch costs some ten nanoseconds
//! and no kernel thread.
//!
//! All unsafe code of the crate is here.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

/// The size of an actor's stack, in bytes. The kernel makes pages of it only when they are used.
const STACK: usize = 256 * 1024;

thread_local! {
    /// The way back of the coroutine that runs on this thread, or null.
    static YIELDER: Cell<*const Yielder<(), ()>> = const { Cell::new(ptr::null()) };
    /// Stacks of actors that are over.
    static STACKS: Cell<Vec<DefaultStack>> = const { Cell::new(Vec::new()) };
}

/// A function that can be left in its middle and gone on with.
pub(crate) struct Fiber<'a> {
    /// `None` only while it is dropped.
    coroutine: Option<Coroutine<(), (), (), DefaultStack>>,
    borrows: PhantomData<&'a ()>,
}

impl<'a> Fiber<'a> {
    /// A fiber that runs `body` when it is resumed. `body` may not unwind.
    ///
    /// # Panics
    ///
    /// If the system has no memory for another stack.
    pub(crate) fn new(body: impl FnOnce() + 'a) -> Self {
        let stack = take_stack().unwrap_or_else(|| DefaultStack::new(STACK).expect("memory for a stack"));
        let run = |yielder: &Yielder<(), ()>, ()| {
            YIELDER.set(yielder);
            body();
        };
        // SAFETY: what `body` borrows lives for `'a`, and a `Fiber<'a>` cannot outlive that. When it is dropped, its
        // stack is given away, and nothing runs on it again.
        let coroutine = unsafe { Coroutine::with_stack_unchecked(stack, run) };
        Self { coroutine: Some(coroutine), borrows: PhantomData }
    }

    /// Goes on with it until it suspends itself or ends. Returns whether it has ended.
    pub(crate) fn resume(&mut self) -> bool {
        let coroutine = self.coroutine.as_mut().expect("a fiber that is not dropped");
        let outer = YIELDER.replace(ptr::null());
        let has_ended = coroutine.resume(()).as_return().is_some();
        YIELDER.set(outer);
        has_ended
    }
}

impl Drop for Fiber<'_> {
    /// Gives its stack away. If it has not ended, what is on the stack is forgotten, as a killed process forgets it:
    /// no destructor runs, and memory that only the stack points to is lost to the program.
    fn drop(&mut self) {
        let Some(mut coroutine) = self.coroutine.take() else { return };
        if !coroutine.done() {
            // SAFETY: values that are forgotten are allowed in safe code, and nothing outside of the stack points
            // into it: the one pointer there was, `YIELDER`, is set by a fiber when it is resumed.
            unsafe { coroutine.force_reset() };
        }
        let mut stacks = STACKS.take();
        stacks.push(coroutine.into_stack());
        STACKS.set(stacks);
    }
}

/// Leaves the fiber that runs. Returns when it is resumed.
///
/// # Panics
///
/// If no fiber runs.
pub(crate) fn suspend() {
    let yielder = YIELDER.get();
    assert!(!yielder.is_null(), "no actor runs");
    // SAFETY: a fiber sets it to its own `Yielder` when it begins and when it is resumed, and `resume` takes it away
    // when the fiber is left. So it is the one of the fiber that runs, whose stack holds it.
    let yielder = unsafe { &*yielder };
    yielder.suspend(());
    YIELDER.set(yielder);
}

fn take_stack() -> Option<DefaultStack> {
    let mut stacks = STACKS.take();
    let stack = stacks.pop();
    STACKS.set(stacks);
    stack
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fibers_take_turns() {
        let said = Cell::new(0);
        let mut first = Fiber::new(|| {
            said.set(said.get() * 10 + 1);
            suspend();
            said.set(said.get() * 10 + 3);
        });
        let mut second = Fiber::new(|| said.set(said.get() * 10 + 2));
        assert!(!first.resume());
        assert!(second.resume());
        assert!(first.resume());
        assert_eq!(said.get(), 123);
    }

    #[test]
    fn what_a_fiber_holds_is_forgotten_with_it() {
        struct Counts<'a>(&'a Cell<u32>);
        impl Drop for Counts<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let dropped = Cell::new(0);
        let mut fiber = Fiber::new(|| {
            let _value = Counts(&dropped);
            suspend();
        });
        assert!(!fiber.resume());
        drop(fiber);
        assert_eq!(dropped.get(), 0);
    }
}
