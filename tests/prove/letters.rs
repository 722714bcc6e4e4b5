//! Scenarios of messages that become dead letters, and of what is decided about them.

use crashcheck::{Model, Report};

use super::dish::UNREADABLE;
use super::history::Did;
use super::used::{Program, Used, explore, me};

fn with_a_letter(capacity: usize, filled: &[u8]) -> Used {
    let used = Used::new(capacity, 1, filled);
    used.kill_the_first();
    used
}

/// A dead letter is discarded, and a producer waits for its room.
pub(crate) fn the_room_of_a_letter(model: &Model) -> Report {
    let set_up = || with_a_letter(2, &[1, 2]);
    let discards = |used: &Used| used.discard_the_first();
    let puts = |used: &Used| used.put(3);
    explore(model, set_up, &[("discarder", &discards), ("producer", &puts)])
}

/// A dead letter is retried, and a consumer waits for it.
pub(crate) fn a_letter_that_is_waited_for(model: &Model) -> Report {
    let set_up = || with_a_letter(1, &[1]);
    let retries = |used: &Used| used.retry_the_first();
    let gets = |used: &Used| used.get_all(1);
    explore(model, set_up, &[("retrier", &retries), ("consumer", &gets)])
}

/// One consumer is at work, and another one rejects what it cannot read, of which the joiner knows nothing: the joiner
/// waits for the one that is at work.
pub(crate) fn a_letter_beside_a_lease(model: &Model) -> Report {
    let holds = |used: &Used| used.get_and_hold();
    let rejects = |used: &Used| {
        used.put(UNREADABLE);
        used.get_all(1);
    };
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    let set_up = || Used::new(2, 100, &[1]);
    explore(&model, set_up, &[("consumer", &holds), ("rejects", &rejects), ("joiner", &joins)])
}

/// The same, and the one that rejects dies meanwhile. Whichever process repairs what it left, the joiner waits.
pub(crate) fn a_repair_of_a_letter(model: &Model) -> Report {
    let holds = |used: &Used| used.get_and_hold();
    let rejects = |used: &Used| {
        used.put(UNREADABLE);
        used.get_all(1);
    };
    let looks = |used: &Used| drop(used.queue.dead_letters().expect("dead letters"));
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    let actors: [(&str, Program<'_>); 4] =
        [("consumer", &holds), ("rejects", &rejects), ("looks", &looks), ("joiner", &joins)];
    explore(&model, || Used::new(2, 100, &[1]), &actors)
}

/// The last message that is to be done becomes a dead letter, because its holder panics, and a process waits that
/// joins.
pub(crate) fn a_panic_while_one_joins(model: &Model) -> Report {
    let panics = |used: &Used| used.panic_with_one();
    let joins = |used: &Used| used.join();
    explore(model, || Used::new(1, 1, &[1]), &[("consumer", &panics), ("joiner", &joins)])
}

/// The same, because it cannot be read.
pub(crate) fn a_rejection_while_one_joins(model: &Model) -> Report {
    let gets = |used: &Used| used.get_all(1);
    let joins = |used: &Used| used.join();
    explore(model, || Used::new(1, 100, &[UNREADABLE]), &[("consumer", &gets), ("joiner", &joins)])
}

/// One process has a letter, another one discards the message, and the next one in its slot becomes a dead letter, too:
/// the first process decides nothing about that.
pub(crate) fn a_letter_of_before(model: &Model) -> Report {
    let discards = |used: &Used| {
        for letter in used.queue.dead_letters().expect("dead letters") {
            let value = letter.value().expect("a dish").0;
            used.history.note(Did::BeginsToDecide(me(), value));
            used.history.note(Did::Discarded(me(), value, letter.discard()));
        }
    };
    let replaces = |used: &Used| {
        used.discard_the_first();
        used.put(2);
        used.panic_with_one();
    };
    explore(model, || with_a_letter(1, &[1]), &[("discarder", &discards), ("other", &replaces)])
}

/// One process lists the letters, and another one discards the message and puts the next one into its slot: that one
/// is no letter.
pub(crate) fn no_letter(model: &Model) -> Report {
    let lists = |used: &Used| {
        for letter in used.queue.dead_letters().expect("dead letters") {
            assert_eq!(letter.value().expect("a dish").0, 1, "a letter about a message that no holder died with");
        }
    };
    let replaces = |used: &Used| {
        used.discard_the_first();
        used.put(2);
    };
    explore(model, || with_a_letter(1, &[1]), &[("lists", &lists), ("other", &replaces)])
}

/// One consumer is at work, and a dead letter is discarded: a process that joins waits for the one at work.
pub(crate) fn a_letter_discarded_beside_a_lease(model: &Model) -> Report {
    let holds = |used: &Used| used.get_and_hold();
    let discards = |used: &Used| used.discard_the_first();
    let joins = |used: &Used| used.join();
    let model = model.clone().time_may_pass();
    let set_up = || with_a_letter(2, &[1, 2]);
    explore(&model, set_up, &[("consumer", &holds), ("discarder", &discards), ("joiner", &joins)])
}
