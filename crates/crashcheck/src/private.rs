//! Memory that each actor has for itself, as a process has that was forked: a copy of what it was before.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::execution;
use crate::view::ACTORS;

/// A value of which each actor has a copy of its own. The copy is made of what was set up, when an actor first
/// uses it. No other actor sees it, so its accesses are no choices.
pub struct Private<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    before: T,
    execution: u64,
    own: [Option<T>; ACTORS],
}

impl<T: Clone> Private<T> {
    /// A value that each actor has a copy of.
    pub const fn new(value: T) -> Self {
        Self { state: Mutex::new(State { before: value, execution: 0, own: [const { None }; ACTORS] }) }
    }

    /// Uses the copy of the actor that runs. Outside of a model there is one copy.
    pub fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> R {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !execution::is_running() {
            return run(&mut state.before);
        }
        let (number, actor) = execution::with(|execution| (execution.number, execution.current));
        if state.execution != number {
            (state.execution, state.own) = (number, [const { None }; ACTORS]);
        }
        let set_up = state.own[execution::MAIN].clone().unwrap_or_else(|| state.before.clone());
        run(state.own[actor].get_or_insert(set_up))
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|value| f.debug_tuple("Private").field(value).finish())
    }
}
