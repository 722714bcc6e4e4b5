//! Executions at random: each choice by itself, and by priorities (PCT).

use std::cell::RefCell;

use crashcheck::atomic::AtomicU64;
use crashcheck::atomic::Ordering::{Acquire, Relaxed, Release};
use crashcheck::{Actor, Model, Outcome, Report, actor};

use super::passes;

/// The steps of the second actor before it can harm the first one.
const FAR: u64 = 24;
/// The steps of an execution of `interrupted_twice`, at most.
const STEPS: u64 = FAR + 9;
/// PCT finds the fault within this number of executions on average: two actors, and a depth of 3.
const EXPECTED: u64 = 2 * STEPS * STEPS;

/// A fault of depth 3: the first actor is interrupted between two neighbouring steps, and the second one, after a long
/// way, between two of its own.
fn interrupted_twice(model: &Model) -> Report {
    let first = |[flag, answer, _]: &[AtomicU64; 3]| {
        flag.store(1, Relaxed);
        assert_eq!(answer.load(Relaxed), 0, "interrupted twice");
        flag.store(0, Relaxed);
    };
    let second = |[flag, answer, way]: &[AtomicU64; 3]| {
        (0..FAR).for_each(|step| way.store(step, Relaxed));
        let seen = flag.load(Relaxed);
        answer.store(seen, Relaxed);
        answer.store(0, Relaxed);
    };
    model.explore(Default::default, &[Actor::new("first", &first), Actor::new("second", &second)], passes)
}

#[test]
fn pct_finds_a_fault_of_depth_3_within_its_expected_number_and_chance_does_not() {
    assert!(interrupted_twice(&Model::new().preemptions(9).random(1, 2 * EXPECTED)).violation.is_none());
    let seeds = 1..=8;
    let executions = |seed| {
        let report = interrupted_twice(&Model::new().pct(seed, 20 * EXPECTED, 3));
        let violation = report.violation.expect("it is found");
        assert_eq!((violation.preemptions, violation.deaths, violation.stale), (2, 0, 0), "{violation}");
        report.complete
    };
    let mean = seeds.clone().map(executions).sum::<u64>() / seeds.count() as u64;
    assert!(mean <= EXPECTED, "{mean} of {EXPECTED}");
}

#[test]
fn pct_finds_no_fault_that_is_deeper_than_it() {
    // With one change of priority, no actor is interrupted twice, and no two actors once each.
    assert!(interrupted_twice(&Model::new().pct(1, 4 * EXPECTED, 2)).violation.is_none());
}

/// What an exploration tried, execution by execution: what each of three actors saw of the others.
fn tried(model: &Model) -> Vec<String> {
    let tried = RefCell::new(Vec::new());
    let runs = |[word, seen]: &[AtomicU64; 2]| {
        let me = actor::current() as u64;
        let old = word.load(Acquire);
        word.store(old * 10 + me, Release);
        seen.fetch_add(word.load(Relaxed), Relaxed);
    };
    let actors = [Actor::new("first", &runs), Actor::new("second", &runs), Actor::new("third", &runs)];
    model.explore(<[AtomicU64; 2]>::default, &actors, |words, outcome| {
        tried.borrow_mut().push(format!("{words:?} {outcome:?}"));
        Ok(())
    });
    tried.into_inner()
}

#[test]
fn the_same_seed_tries_the_same_executions_and_another_one_others() {
    let samples: [&dyn Fn(u64) -> Model; 2] =
        [&|seed| Model::new().preemptions(2).deaths(1).stale(2).random(seed, 300), &|seed| {
            Model::new().deaths(1).stale(2).pct(seed, 300, 3)
        }];
    for sample in samples {
        let first = tried(&sample(1));
        assert_eq!(first.len(), 300);
        assert_eq!(first, tried(&sample(1)));
        assert_ne!(first, tried(&sample(2)));
    }
}

#[test]
fn pct_places_deaths_and_old_values_within_their_bounds() {
    // The message is old only if the store before it is, and the writer has died in between.
    let writes = |[message, is_there, done]: &[AtomicU64; 3]| {
        message.store(1, Relaxed);
        is_there.store(1, Relaxed);
        done.store(1, Release);
    };
    let reads = |[message, is_there, _]: &[AtomicU64; 3]| {
        let is_dead = !actor::is_alive(1);
        assert!(!(is_dead && is_there.load(Relaxed) == 1 && message.load(Relaxed) == 0), "who sees a death sees all");
        if is_there.load(Relaxed) == 1 {
            assert_eq!(message.load(Relaxed), 1, "an old message");
        }
    };
    let found = |model: Model| {
        let actors = [Actor::new("writer", &writes), Actor::new("reader", &reads)];
        model.explore(Default::default, &actors, |[.., done]: &[AtomicU64; 3], outcome| {
            if outcome.dead[0] && done.load(Relaxed) == 0 { Err("not done".to_owned()) } else { Ok(()) }
        })
    };
    assert!(found(Model::new().pct(1, 500, 2)).violation.is_none());
    let of_a_death = found(Model::new().deaths(1).pct(1, 500, 2)).violation.expect("a death");
    assert_eq!((of_a_death.preemptions, of_a_death.deaths, of_a_death.stale), (0, 1, 0), "{of_a_death}");
    let of_an_old_value = found(Model::new().stale(1).pct(1, 500, 2)).violation.expect("an old value");
    assert_eq!((of_an_old_value.deaths, of_an_old_value.stale), (0, 1), "{of_an_old_value}");
}

#[test]
fn what_is_found_at_random_is_made_smaller_and_replayed() {
    for model in [Model::unbounded().random(5, 2_000), Model::new().pct(5, 2_000, 4)] {
        let count = |counter: &AtomicU64| {
            let seen = counter.load(Relaxed);
            counter.store(seen + 1, Relaxed);
        };
        let actors = [Actor::new("first", &count), Actor::new("second", &count)];
        let counted = |counter: &AtomicU64, _: &Outcome| match counter.load(Relaxed) {
            2 => Ok(()),
            other => Err(format!("{other} of 2")),
        };
        let violation = model.explore(AtomicU64::default, &actors, counted).violation.expect("a lost update");
        assert_eq!((violation.preemptions, violation.stale), (1, 0), "{violation}");
        let only = model.only(&violation.schedule).expect("a schedule");
        let again = only.explore(AtomicU64::default, &actors, counted);
        assert_eq!((again.executions, again.refused), (1, None));
        assert_eq!(again.violation.expect("the same").steps, violation.steps);
    }
}
