//! Scenarios in which a consumer ends with what it holds or returns it, lives on while others wait, or waits as the
//! queue is closed.

use crashcheck::{Model, Report, actor};

use super::used::{LONG, Program, Used, explore};

/// From 1 and 2 to 2, 3 and 4, where the slot of 3 comes before that of 2.
fn change_the_slots(used: &Used) {
    used.get_done();
    used.put(3);
    used.put(4);
}

/// What an actor gets that is alone.
fn gets_in_order(used: &Used) {
    let mut last = 0;
    for _ in 1..=3 {
        let Some(delivery) = used.get() else { return };
        let value = used.done_of(delivery);
        assert!(value > last, "{value} came back after {last}");
        last = value;
    }
}

/// A consumer ends with two leases. They come back together, in their order, and before what was put after them.
pub(crate) fn two_leases_of_one(model: &Model) -> Report {
    let takes_two = |used: &Used| {
        change_the_slots(used);
        (1..=2).for_each(|_| used.get_and_leak());
    };
    let comes_later = |used: &Used| {
        if !actor::is_alive(1) {
            gets_in_order(used);
        }
    };
    explore(model, || Used::new(3, 100, &[1, 2]), &[("holder", &takes_two), ("successor", &comes_later)])
}

/// A consumer returns two messages, one after the other, in either order.
pub(crate) fn two_returns(model: &Model) -> Report {
    let returns = |used: &Used| {
        change_the_slots(used);
        let deliveries = [used.get(), used.get()];
        deliveries.into_iter().for_each(drop);
        let [first, second] = [used.get(), used.get()];
        drop(second);
        drop(first);
        gets_in_order(used);
    };
    explore(model, || Used::new(3, 100, &[1, 2]), &[("returner", &returns)])
}

/// The only consumer holds its lease for long: a process that joins waits for it.
pub(crate) fn the_last_consumer_lives(model: &Model) -> Report {
    let holds = |used: &Used| used.get_and_hold();
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    explore(&model, || Used::new(1, 100, &[1]), &[("consumer", &holds), ("joiner", &joins)])
}

/// A successor has the place of a dead consumer, and lives on. What the dead one held goes to another consumer
/// meanwhile. (The model's queues have places for three, and main has the first one.)
pub(crate) fn a_place_that_stays_used(model: &Model) -> Report {
    let set_up = || {
        let used = Used::new(4, 100, &[1, 2, 3, 4]).crowded();
        used.get_done();
        used
    };
    let takes = |used: &Used| used.get_and_leak();
    let gets = |used: &Used| {
        used.get_all(2);
        used.event.set();
    };
    let comes_later = |used: &Used| {
        if actor::is_alive(1) {
            return;
        }
        let Some(delivery) = used.get() else { return };
        let is_in_time = used.event.wait(LONG).is_ok();
        assert!(is_in_time || !actor::is_alive(2), "what a dead consumer held came back after its successor's end");
        used.done(delivery);
    };
    let model = model.clone().time_may_pass();
    explore(&model, set_up, &[("first", &takes), ("second", &gets), ("successor", &comes_later)])
}

/// Two consumers wait, and the queue is closed. The one that gets nothing learns that none comes when the other one is
/// done.
pub(crate) fn close_and_two_consumers(model: &Model) -> Report {
    let puts = |used: &Used| {
        used.put(1);
        used.queue.close();
    };
    let drains = |used: &Used| while used.get_done() {};
    explore(model, || Used::new(1, 100, &[]), &[("producer", &puts), ("one", &drains), ("other", &drains)])
}

/// A consumer is at work on what a dead one held. A process that looks after leases, and sees a part of this one as it
/// was before, takes it from none.
pub(crate) fn a_lease_after_another(model: &Model) -> Report {
    let takes = |used: &Used| used.get_and_leak();
    let gets = |used: &Used| {
        if !actor::is_alive(1) {
            used.get_and_hold();
        }
    };
    let looks = |used: &Used| {
        if !actor::is_alive(1) {
            drop(used.queue.try_get());
        }
    };
    let model = model.clone().time_may_pass();
    explore(&model, || Used::new(1, 100, &[1]), &[("first", &takes), ("second", &gets), ("looks", &looks)])
}

/// One consumer is at work, and another one dies with a message of which the joiner knows nothing. Whichever process
/// repairs what the dead one left, the joiner waits for the one that is at work.
pub(crate) fn a_repair_beside_a_lease(model: &Model) -> Report {
    let holds = |used: &Used| used.get_and_hold();
    let puts_and_gets = |used: &Used| {
        used.put(2);
        used.get_all(1);
    };
    let looks = |used: &Used| drop(used.queue.try_get());
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    let actors: [(&str, Program<'_>); 4] =
        [("consumer", &holds), ("other", &puts_and_gets), ("looks", &looks), ("joiner", &joins)];
    explore(&model, || Used::new(2, 100, &[1]), &actors)
}
