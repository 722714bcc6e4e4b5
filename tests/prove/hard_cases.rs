//! Scenarios of a queue in which a message cannot be done, time runs out, or no consumer is left.

use std::time::Duration;

use crashcheck::{Model, Report, actor};

use super::dish::UNREADABLE;
use super::used::{Program, Used, explore};

/// The consumer rejects the message that it cannot read, and `join` reports a dead letter.
pub(crate) fn unreadable(model: &Model) -> Report {
    // The error of the first is no end.
    let gets = |used: &Used| (1..=2).for_each(|_| used.get_all(1));
    let joins = |used: &Used| used.join();
    explore(model, || Used::new(2, 100, &[UNREADABLE, 1]), &[("consumer", &gets), ("joiner", &joins)])
}

/// A holder's death makes its message a dead letter, which is none of those that are to be done.
pub(crate) fn a_message_that_kills(model: &Model) -> Report {
    let gets = |used: &Used| used.get_all(1);
    let joins = |used: &Used| used.join();
    explore(model, || Used::new(2, 1, &[1, 2]), &[("one", &gets), ("other", &gets), ("joiner", &joins)])
}

/// Two processes decide about one dead letter, and a third one consumes.
pub(crate) fn dead_letters(model: &Model) -> Report {
    let set_up = || {
        let used = Used::new(2, 1, &[1, 2]);
        used.kill_the_first();
        used
    };
    let discards = |used: &Used| used.discard_the_first();
    let retries = |used: &Used| used.retry_the_first();
    let gets = |used: &Used| used.get_all(1);
    explore(model, set_up, &[("discarder", &discards), ("retrier", &retries), ("consumer", &gets)])
}

/// The consumer holds what the producer and the joiner wait for, and longer than they wait.
pub(crate) fn put_and_join_time_out(model: &Model) -> Report {
    let gets = |used: &Used| {
        let Some(delivery) = used.get_within() else { return };
        drop(used.get_within());
        used.done(delivery);
    };
    let puts = |used: &Used| used.put_within(2);
    let joins = |used: &Used| used.join_within();
    let model = model.clone().time_may_pass();
    explore(&model, || Used::new(1, 100, &[1]), &[("consumer", &gets), ("producer", &puts), ("joiner", &joins)])
}

/// Two consumers wait for one message, and no longer than they may.
pub(crate) fn get_times_out(model: &Model) -> Report {
    let gets = |used: &Used| used.get_within().into_iter().for_each(|delivery| used.done(delivery));
    let puts = |used: &Used| used.put(1);
    let model = model.clone().time_may_pass();
    explore(&model, || Used::new(1, 100, &[]), &[("producer", &puts), ("one", &gets), ("other", &gets)])
}

/// The only consumer ends with its lease. What waits for it learns so.
pub(crate) fn no_consumer_is_left(model: &Model) -> Report {
    let takes = |used: &Used| used.get_and_leak();
    let puts = |used: &Used| used.put(2);
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    explore(&model, || Used::new(1, 100, &[1]), &[("consumer", &takes), ("producer", &puts), ("joiner", &joins)])
}

/// A consumer holds its message for longer than a lease lasts, and another one gets it.
pub(crate) fn a_lease_that_lasts_too_long(model: &Model) -> Report {
    let holds = |used: &Used| {
        let Some(delivery) = used.get() else { return };
        drop(used.get_within());
        used.done(delivery);
    };
    let gets = |used: &Used| used.get_all(1);
    let model = model.clone().time_may_pass();
    let set_up = || Used::limited(2, Duration::from_millis(50), &[1, 2]);
    explore(&model, set_up, &[("slow", &holds), ("quick", &gets)])
}

/// A consumer takes the place of a dead one, and what that one held is not its own. (The model's queues have places
/// for three.)
pub(crate) fn a_place_used_again(model: &Model) -> Report {
    let set_up = || {
        let used = Used::new(3, 100, &[1, 2, 3]);
        // Main takes the first place, and lives.
        used.get_done();
        used
    };
    let takes = |used: &Used| used.get_and_leak();
    let gets = |used: &Used| used.get_all(1);
    let comes_later = |used: &Used| {
        if !actor::is_alive(1) {
            used.get_all(1);
        }
    };
    let actors: [(&str, Program<'_>); 3] = [("first", &takes), ("second", &gets), ("successor", &comes_later)];
    explore(&model.clone().time_may_pass(), set_up, &actors)
}
