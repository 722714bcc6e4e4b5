//! Scenarios of a queue: two or three actors, each a short program.

use crashcheck::{Model, Report};

use super::dish::LARGE;
use super::used::{self, Program, Used};

/// Explores actors on a queue of a capacity that has messages in it already.
fn explore(model: &Model, capacity: usize, filled: &[u8], programs: &[(&str, Program<'_>)]) -> Report {
    used::explore(model, || Used::new(capacity, 100, filled), programs)
}

pub(crate) fn put_and_get(model: &Model) -> Report {
    let puts = |used: &Used| (1..=2).for_each(|value| used.put(value));
    let gets = |used: &Used| used.get_all(2);
    explore(model, 2, &[], &[("producer", &puts), ("consumer", &gets)])
}

pub(crate) fn put_and_get_one_place(model: &Model) -> Report {
    let puts = |used: &Used| (1..=2).for_each(|value| used.put(value));
    let gets = |used: &Used| used.get_all(2);
    explore(model, 1, &[], &[("producer", &puts), ("consumer", &gets)])
}

pub(crate) fn two_consumers(model: &Model) -> Report {
    let gets = |used: &Used| used.get_all(1);
    explore(model, 2, &[1, 2], &[("one", &gets), ("other", &gets)])
}

pub(crate) fn two_producers(model: &Model) -> Report {
    let puts = |value: u8| move |used: &Used| used.put(value);
    let gets = |used: &Used| used.get_all(1);
    explore(model, 2, &[], &[("one", &puts(1)), ("other", &puts(2)), ("consumer", &gets)])
}

pub(crate) fn return_and_get(model: &Model) -> Report {
    let returns = |used: &Used| {
        used.get_and_return();
        used.get_done();
    };
    let gets = |used: &Used| used.get_all(1);
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
    let gets = |used: &Used| used.get_all(2);
    let joins = |used: &Used| used.join();
    explore(model, 2, &[1, 2], &[("consumer", &gets), ("joiner", &joins)])
}

pub(crate) fn full(model: &Model) -> Report {
    let puts = |used: &Used| used.put(2);
    let gets = |used: &Used| used.get_all(1);
    explore(model, 1, &[1], &[("producer", &puts), ("one", &gets), ("other", &gets)])
}

pub(crate) fn two_producers_one_place(model: &Model) -> Report {
    let puts = |value: u8| move |used: &Used| used.put(value);
    let gets = |used: &Used| used.get_all(2);
    explore(model, 1, &[], &[("one", &puts(1)), ("other", &puts(2)), ("consumer", &gets)])
}

pub(crate) fn join_two(model: &Model) -> Report {
    let gets = |used: &Used| used.get_all(1);
    let joins = |used: &Used| used.join();
    explore(model, 2, &[1, 2], &[("one", &gets), ("other", &gets), ("joiner", &joins)])
}

/// A producer waits for room, and another process closes the queue.
pub(crate) fn close_against_put(model: &Model) -> Report {
    let puts = |used: &Used| used.put(2);
    let closes = |used: &Used| used.queue.close();
    let drains = |used: &Used| while used.get_done() {};
    explore(model, 1, &[1], &[("producer", &puts), ("closer", &closes), ("consumer", &drains)])
}

/// Messages that do not fit into a slot, and one that does.
pub(crate) fn large(model: &Model) -> Report {
    let puts = |used: &Used| [1, LARGE + 1].into_iter().for_each(|value| used.put(value));
    let gets = |used: &Used| used.get_all(2);
    explore(model, 2, &[LARGE], &[("producer", &puts), ("consumer", &gets)])
}
