//! What a violation shows: a column for each actor, a line for each step.

use crashcheck::atomic::Ordering::{Acquire, Relaxed, Release};
use crashcheck::atomic::{AtomicU64, fence};
use crashcheck::robust::RobustMutex;
use crashcheck::{Actor, Model, Oddity, Outcome, Row, Violation};

use super::{in_order, passes};

/// What a violation shows below its failure and its schedule, without the lines of the source.
fn picture(violation: &Violation) -> Vec<String> {
    let text = violation.to_string();
    let without_source = |line: &str| {
        let sources = ["crashcheck/pictures.rs:", "tests/crashcheck.rs:"];
        let source = sources.iter().filter_map(|source| line.find(source)).min();
        line[..source.unwrap_or(line.len())].trim_end().to_owned()
    };
    let above = |line: &&str| !line.starts_with("schedule ");
    text.lines().skip_while(above).skip(1).map(without_source).collect()
}

/// A message that is passed by two relaxed stores.
fn old_message(model: &Model) -> Violation {
    let writes = |[message, is_there]: &[AtomicU64; 2]| {
        message.store(7, Relaxed);
        is_there.store(1, Relaxed);
    };
    let reads = |[message, is_there]: &[AtomicU64; 2]| {
        if is_there.load(Acquire) == 1 {
            assert_eq!(message.load(Relaxed), 7, "the message"); // the old one
        }
    };
    let actors = [Actor::new("writer", &writes), Actor::new("reader", &reads)];
    model.explore(Default::default, &actors, passes).violation.expect("an old message")
}

#[test]
fn an_old_value_is_marked_with_the_step_that_it_is_not_of() {
    let violation = old_message(&Model::new().preemptions(2).stale(2));
    let expected = [
        "        writer                 reader",
        "    1   store a0 := 7 Relaxed",
        "    2   store a1 := 1 Relaxed",
        "    3   ends",
        "    4                          load a1: 1 Acquire ← 2",
        "    5 !                        load a0: 0 Relaxed (old: 1 newer) ← not 1",
        "    6                          panics",
        "← 3, not 7: it saw what step 3 did, although step 7 had changed that",
        "!: a weakly ordered machine showed an old value, or stores in another order",
    ];
    assert_eq!(picture(&violation), expected, "{violation}");
    let old = &violation.steps[4];
    assert_eq!((old.actor, old.name.as_str(), old.oddity), (2, "reader", Some(Oddity::Stale)));
    assert_eq!((old.saw, old.missed), (None, Some(0)));
    assert_eq!(old.source, "assert_eq!(message.load(Relaxed), 7, \"the message\"); // the old one");
    assert_eq!(violation.steps[3].saw, Some(1));
}

#[test]
fn a_death_is_marked_and_frees_a_mutex_for_the_next_owner() {
    let works = |(mutex, halves): &(RobustMutex, [AtomicU64; 2])| {
        let _ = mutex.lock();
        assert_eq!(halves[0].load(Relaxed), halves[1].load(Relaxed), "the halves");
        halves[0].fetch_add(1, Relaxed);
        halves[1].fetch_add(1, Relaxed);
        mutex.unlock();
    };
    let actors = [Actor::new("first", &works), Actor::new("second", &works)];
    let model = Model::new().preemptions(1).deaths(1);
    let violation = model.explore(Default::default, &actors, passes).violation.expect("halves");
    assert_eq!((violation.preemptions, violation.deaths), (0, 1), "{violation}");
    let expected = [
        "        first                     second",
        "    1   lock l0: taken",
        "    2   load a0: 0 Relaxed",
        "    3   load a1: 0 Relaxed",
        "    4   change a0: 0 → 1 Relaxed",
        "    5 ✗ is killed",
        "    6                             lock l0: taken, its owner died ← 5",
        "    7                             load a0: 1 Relaxed ← 4",
        "    8                             load a1: 0 Relaxed",
        "    9                             panics",
        "← 3: it saw what step 3 did",
    ];
    assert_eq!(picture(&violation), expected, "{violation}");
}

#[test]
fn a_store_that_outdates_what_an_interrupted_actor_has_read_is_marked() {
    let counts = |[count, finished]: &[AtomicU64; 2]| {
        let seen = count.load(Relaxed);
        count.store(seen + 1, Relaxed);
        assert!(finished.fetch_add(1, Relaxed) == 0 || count.load(Relaxed) == 2, "a lost update");
    };
    let actors = [Actor::new("first", &counts), Actor::new("second", &counts)];
    let violation = Model::new().preemptions(1).explore(Default::default, &actors, passes).violation;
    let violation = violation.expect("a lost update");
    assert_eq!(violation.steps[2].outdates, Some(0), "{violation}");
    let is_marked = |line: &String| line.starts_with("    3 ") && line.ends_with("store a0 := 1 Relaxed ↛ 1");
    assert!(picture(&violation).iter().any(is_marked), "{violation}");
}

#[test]
fn two_locks_in_two_orders_are_shown_with_the_owners_that_are_waited_for() {
    let (there, back) = (in_order(0), in_order(1));
    let actors = [Actor::new("there", &there), Actor::new("back", &back)];
    let violation = Model::new().preemptions(1).explore(Default::default, &actors, passes).violation;
    let expected = [
        "        there               back",
        "    1   lock l0: taken",
        "    2                       lock l1: taken",
        "    3   lock l1: waits ← 2",
        "    4                       lock l0: waits ← 1",
        "← 3: it saw what step 3 did",
    ];
    assert_eq!(picture(&violation.expect("a deadlock")), expected);
}

#[test]
fn a_long_execution_is_folded_where_no_other_actor_took_note() {
    let writes = |words: &[AtomicU64; 3]| {
        (0..60).for_each(|value| words[2].store(value, Relaxed));
        words[0].store(1, Relaxed);
        fence(Release);
        words[1].store(1, Relaxed);
    };
    let reads = |words: &[AtomicU64; 3]| assert_eq!(words[1].load(Relaxed), 0, "it is there");
    let set_up = || {
        let words: [AtomicU64; 3] = Default::default();
        (0..9).for_each(|value| words[2].store(value, Relaxed));
        words
    };
    let actors = [Actor::new("writer", &writes), Actor::new("reader", &reads)];
    let violation = Model::new().explore(set_up, &actors, passes).violation.expect("it is there");
    let rows = violation.rows();
    let expected = [
        Row::Folded { actor: 0, first: 0, count: 9 },
        Row::Folded { actor: 1, first: 9, count: 58 },
        Row::Step(67),
        Row::Step(68),
        Row::Step(69),
        Row::Step(70),
        Row::Step(71),
        Row::Step(72),
        Row::Step(73),
        Row::Step(74),
    ];
    assert_eq!(rows, expected, "{violation}");
    assert!(violation.to_string().contains("… 58 steps"), "{violation}");
    let whole = format!("{violation:#}");
    let numbers = whole.lines().filter(|line| line.trim_start().starts_with(|letter: char| letter.is_ascii_digit()));
    assert_eq!(numbers.count(), violation.steps.len());
}

/// The fewest of each that a violation takes, within bounds that allow more.
fn smallest(program: &dyn Fn(&[AtomicU64; 3]), model: &Model) -> [u32; 3] {
    let actors = [Actor::new("first", program), Actor::new("second", program)];
    let check = |[_, _, broken]: &[AtomicU64; 3], _: &Outcome| {
        if broken.load(Relaxed) == 0 { Ok(()) } else { Err("broken".to_owned()) }
    };
    let violation = model.explore(Default::default, &actors, check).violation.expect("broken");
    [violation.preemptions, violation.deaths, violation.stale]
}

#[test]
fn a_violation_is_minimal_in_preemptions_deaths_and_old_values() {
    let wide = Model::new().preemptions(3).deaths(2).stale(2);
    // An update is lost: one preemption, and neither a death nor an old value, although an old value would do as well.
    let loses = |[count, finished, broken]: &[AtomicU64; 3]| {
        let seen = count.load(Relaxed);
        count.store(seen + 1, Relaxed);
        if finished.fetch_add(1, Relaxed) == 1 && count.load(Relaxed) == 1 {
            broken.store(1, Relaxed);
        }
    };
    assert_eq!(smallest(&loses, &wide), [1, 0, 0]);
    // Only a death leaves the first word without the second.
    let leaves = |[first, second, broken]: &[AtomicU64; 3]| {
        if first.load(Acquire) > second.load(Acquire) && !crashcheck::actor::is_alive(1) {
            broken.store(1, Relaxed);
        }
        first.store(1, Release);
        second.store(1, Release);
    };
    assert_eq!(smallest(&leaves, &wide), [0, 1, 0]);
}
