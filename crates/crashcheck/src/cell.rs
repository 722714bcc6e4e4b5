//! A plain value in shared memory: two accesses of it, one of them to write, need an order.

use std::fmt;
use std::panic::Location as Line;
use std::sync::{Mutex, PoisonError};

use crate::execution::{self, Failure, MAIN};
use crate::view::{ACTORS, ActorId};

/// A value that is read and written without synchronization. Two accesses of it, one of them to write, of which
/// neither happens before the other, are a data race, and break the model.
pub struct Cell<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    value: T,
    execution: u64,
    written: Option<Access>,
    read: [Option<Access>; ACTORS],
}

#[derive(Clone, Copy)]
struct Access {
    actor: ActorId,
    at: u32,
    line: &'static Line<'static>,
}

impl<T: Copy> Cell<T> {
    /// A cell with its initial value.
    pub const fn new(value: T) -> Self {
        Self { state: Mutex::new(State { value, execution: 0, written: None, read: [None; ACTORS] }) }
    }

    /// Reads it.
    #[track_caller]
    pub fn get(&self) -> T {
        self.access(|state, access| {
            state.read[access.actor] = Some(access);
            let raced = state.written;
            (state.value, raced)
        })
    }

    /// Writes it.
    #[track_caller]
    pub fn set(&self, value: T) {
        self.access(|state, access| {
            let raced = state.read.iter().flatten().chain(&state.written).find(|other| !is_before(other)).copied();
            state.written = Some(access);
            state.value = value;
            ((), raced)
        });
    }

    #[track_caller]
    fn access<R>(&self, act: impl FnOnce(&mut State<T>, Access) -> (R, Option<Access>)) -> R {
        let line = Line::caller();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (access, number) = execution::with(|execution| {
            let actor = execution.current;
            execution.actors[actor].line = line;
            if execution.is_plain || execution.learned.remembers() && !execution.learned.has_cells {
                execution.learned.has_cells = true;
                execution.surprise();
            }
            let at = execution.actors[actor].observer.count();
            (Access { actor, at, line }, execution.number)
        });
        if state.execution != number {
            (state.execution, state.written, state.read) = (number, None, [None; ACTORS]);
        }
        let (result, raced) = act(&mut state, access);
        if let Some(other) = raced.filter(|other| access.actor != MAIN && !is_before(other)) {
            execution::with(|execution| {
                let describe = |access: Access| format!("{} at {}", execution.labels[access.actor], access.line);
                let accesses = [describe(other), describe(access)];
                execution.fail(Failure::DataRace { accesses });
            });
        }
        result
    }
}

/// Whether the actor that runs has seen the other's access.
fn is_before(access: &Access) -> bool {
    execution::with(|execution| execution.actors[execution.current].observer.view.clock[access.actor] >= access.at)
}

impl<T: fmt::Debug> fmt::Debug for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Cell").field(&state.value).finish()
    }
}
