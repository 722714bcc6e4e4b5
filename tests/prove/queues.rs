//! Scenarios of a queue: two or three actors, each a short program.

use crashcheck::{Actor, Model, Report};

use super::history::Used;

type Program<'a> = &'a dyn Fn(&Used);

/// Explores actors on a queue of a capacity that has messages in it already.
fn explore(model: &Model, capacity: usize, filled: &[u8], programs: &[(&str, Program<'_>)]) -> Report {
    let actors: Vec<Actor<'_, Used>> = programs.iter().map(|(name, run)| Actor::new(name, *run)).collect();
    model.clone().may_hang().explore(|| Used::new(capacity, 100, filled), &actors, Used::check)
}

/// Gets and acknowledges so many messages, or all that come.
fn times(count: usize, used: &Used) {
    for _ in 0..count {
        if !used.get_done() {
            return;
        }
    }
}

pub(crate) fn put_and_get(model: &Model) -> Report {
    let puts = |used: &Used| (1..=2).for_each(|value| used.put(value));
    let gets = |used: &Used| times(2, used);
    explore(model, 2, &[], &[("producer", &puts), ("consumer", &gets)])
}

pub(crate) fn put_and_get_one_place(model: &Model) -> Report {
    let puts = |used: &Used| (1..=2).for_each(|value| used.put(value));
    let gets = |used: &Used| times(2, used);
    explore(model, 1, &[], &[("producer", &puts), ("consumer", &gets)])
}

pub(crate) fn two_consumers(model: &Model) -> Report {
    let gets = |used: &Used| times(1, used);
    explore(model, 2, &[1, 2], &[("one", &gets), ("other", &gets)])
}

pub(crate) fn two_producers(model: &Model) -> Report {
    let puts = |value: u8| move |used: &Used| used.put(value);
    let gets = |used: &Used| times(1, used);
    explore(model, 2, &[], &[("one", &puts(1)), ("other", &puts(2)), ("consumer", &gets)])
}

pub(crate) fn return_and_get(model: &Model) -> Report {
    let returns = |used: &Used| {
        used.get_and_return();
        used.get_done();
    };
    let gets = |used: &Used| times(1, used);
    explore(model, 2, &[1, 2], &[("returner", &returns), ("consumer", &gets)])
}

pub(crate) fn close_and_drain(model: &Model) -> Report {
    let puts = |used: &Used| {
        used.put(1);
        used.queue.close();
    };
    let drains = |used: &Used| while used.get_done() {};
    explore(model, 2, &[], &[("producer", &puts), ("consumer", &drains)])
}

pub(crate) fn join_one(model: &Model) -> Report {
    let gets = |used: &Used| times(2, used);
    let joins = |used: &Used| used.join();
    explore(model, 2, &[1, 2], &[("consumer", &gets), ("joiner", &joins)])
}

pub(crate) fn full(model: &Model) -> Report {
    let puts = |used: &Used| used.put(2);
    let gets = |used: &Used| times(1, used);
    explore(model, 1, &[1], &[("producer", &puts), ("one", &gets), ("other", &gets)])
}
