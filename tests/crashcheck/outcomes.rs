//! All outcomes of a small program: what its actors read, over every execution.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crashcheck::{Actor, Model, Report, state};

/// The registers of a litmus test, which its actors write: `r[0]`, `r[1]`, ...
pub(crate) type Registers = RefCell<Vec<u64>>;

/// What is set up for each execution: the memory and the registers.
pub(crate) struct Run<M> {
    pub(crate) memory: M,
    pub(crate) registers: Registers,
}

impl<M> Run<M> {
    pub(crate) fn set(&self, register: usize, value: u64) {
        state::note(&(register, value));
        let mut registers = self.registers.borrow_mut();
        if registers.len() <= register {
            registers.resize(register + 1, 0);
        }
        registers[register] = value;
    }
}

/// What an actor does.
pub(crate) type Program<'a, M> = &'a dyn Fn(&Run<M>);

/// Every outcome of the actors, and the report of the exploration that found them. `last` adds to the registers what
/// the memory has in the end. No outcome is lost if states are remembered.
pub(crate) fn outcomes<M>(
    model: &Model,
    memory: impl Fn() -> M,
    actors: &[Program<'_, M>],
    last: impl Fn(&M) -> Vec<u64>,
) -> (BTreeSet<Vec<u64>>, Report) {
    let explore = |model: &Model| explore(model, &memory, actors, &last);
    for model in [model.clone(), model.clone().preemptions(2).stale(2), model.clone().preemptions(3).stale(1).deaths(1)]
    {
        assert_eq!(explore(&model).0, explore(&model.clone().remember_states()).0);
    }
    explore(model)
}

fn explore<M>(
    model: &Model,
    memory: &dyn Fn() -> M,
    actors: &[Program<'_, M>],
    last: &dyn Fn(&M) -> Vec<u64>,
) -> (BTreeSet<Vec<u64>>, Report) {
    let found = RefCell::new(BTreeSet::new());
    let registers = || RefCell::new(Vec::new());
    let actors: Vec<Actor<'_, Run<M>>> = actors.iter().map(|run| Actor::new("actor", *run)).collect();
    let report = model.explore(
        || Run { memory: memory(), registers: registers() },
        &actors,
        |run, _| {
            let mut outcome = run.registers.borrow().clone();
            outcome.extend(last(&run.memory));
            found.borrow_mut().insert(outcome);
            Ok(())
        },
    );
    assert!(report.violation.is_none(), "{:?}", report.violation);
    assert!(report.is_exhausted);
    (found.into_inner(), report)
}
