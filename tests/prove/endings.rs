//! Scenarios in which a consumer ends with what it holds, lives on while others wait, or waits as the queue is closed.

use std::time::Duration;

use crashcheck::{Actor, Model, Report, actor};

use super::dish::UNREADABLE;
use super::used::Used;

type Program<'a> = &'a dyn Fn(&Used);

/// Longer than a queue whose consumers are all dead waits for a successor, and so short that it is over twice before
/// an execution is.
const LONG: Duration = Duration::from_millis(650);

fn explore(model: &Model, set_up: impl Fn() -> Used, programs: &[(&str, Program<'_>)]) -> Report {
    let actors: Vec<Actor<'_, Used>> = programs.iter().map(|(name, run)| Actor::new(name, *run)).collect();
    model.clone().may_hang().explore(set_up, &actors, Used::check)
}

/// A consumer ends with two leases. They come back together, in their order, and before what was put after them.
pub(crate) fn two_leases_of_one(model: &Model) -> Report {
    let takes_two = |used: &Used| (1..=2).for_each(|_| used.get_and_leak());
    let comes_later = |used: &Used| {
        if !actor::is_alive(1) {
            let got: Vec<u8> = (1..=3).filter_map(|_| used.get().map(|delivery| used.done_of(delivery))).collect();
            assert_eq!(got, [1, 2, 3], "what a dead consumer held came in another order");
        }
    };
    explore(model, || Used::new(3, 100, &[1, 2, 3]), &[("holder", &takes_two), ("successor", &comes_later)])
}

/// The only consumer holds its lease for long: a process that joins waits for it.
pub(crate) fn the_last_consumer_lives(model: &Model) -> Report {
    let holds = |used: &Used| {
        let Some(delivery) = used.get() else { return };
        let _ = used.event.wait(LONG);
        used.done(delivery);
    };
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

/// A dead letter is discarded, and a producer waits for its room.
pub(crate) fn the_room_of_a_letter(model: &Model) -> Report {
    let set_up = || {
        let used = Used::new(2, 1, &[1, 2]);
        used.kill_the_first();
        used
    };
    let discards = |used: &Used| used.discard_the_first();
    let puts = |used: &Used| used.put(3);
    explore(model, set_up, &[("discarder", &discards), ("producer", &puts)])
}

/// A dead letter is retried, and a consumer waits for it.
pub(crate) fn a_letter_that_is_waited_for(model: &Model) -> Report {
    let set_up = || {
        let used = Used::new(1, 1, &[1]);
        used.kill_the_first();
        used
    };
    let retries = |used: &Used| used.retry_the_first();
    let gets = |used: &Used| used.get_all(1);
    explore(model, set_up, &[("retrier", &retries), ("consumer", &gets)])
}

/// One consumer is at work, and another one rejects what it cannot read, of which the joiner knows nothing: the joiner
/// waits for the one that is at work.
pub(crate) fn a_letter_beside_a_lease(model: &Model) -> Report {
    let holds = |used: &Used| {
        let Some(delivery) = used.get() else { return };
        let _ = used.event.wait(LONG);
        used.done(delivery);
    };
    let rejects = |used: &Used| {
        used.put(UNREADABLE);
        used.get_all(1);
    };
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    let set_up = || Used::new(2, 100, &[1]);
    explore(&model, set_up, &[("consumer", &holds), ("rejects", &rejects), ("joiner", &joins)])
}
