//! What a user gets who does it wrong, and what a violation says.

use crashcheck::atomic::Ordering::Relaxed;
use crashcheck::atomic::{AtomicU64, Ordering};
use crashcheck::robust::RobustMutex;
use crashcheck::{Actor, Failure, Model, Outcome, Report, ScheduleError, actor};

use super::passes;

fn panics<R>(run: impl FnOnce() -> R) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).err().expect("a panic");
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .expect("a text")
}

fn lost_update(bounds: &Model, first: &str) -> Report {
    let count = |counter: &AtomicU64| {
        let seen = counter.load(Relaxed);
        counter.store(seen + 1, Relaxed);
    };
    let actors = [Actor::new(first, &count), Actor::new("second", &count)];
    bounds.explore(AtomicU64::default, &actors, counted)
}

fn counted(counter: &AtomicU64, _: &Outcome) -> Result<(), String> {
    match counter.load(Relaxed) {
        2 => Ok(()),
        other => Err(format!("{other} of 2")),
    }
}

#[test]
fn a_message_that_counts_has_the_words_for_one() {
    let store = |word: &AtomicU64| word.store(1, Relaxed);
    let never = |_: &AtomicU64, _: &Outcome| Err("never".to_owned());
    let explored = || Model::new().explore(AtomicU64::default, &[Actor::new("only", &store)], never);
    let message = panics(|| explored().unwrap());
    assert!(message.starts_with("after 1 execution: the check does not hold: never\n"), "{message}");
    let ended = [0, 1, 2]
        .map(|steps| Failure::NotEnding { actor: "only".to_owned(), place: "here".to_owned(), steps }.to_string());
    let steps = ["0 steps", "1 step", "2 steps"];
    assert_eq!(ended, steps.map(|steps| format!("only does not end: after {steps} it is at here")));
}

#[test]
fn a_violation_has_the_smallest_bounds_and_says_what_is_broken_first() {
    let model = Model::new().preemptions(4).stale(2);
    let violation = lost_update(&model, "first").violation.expect("a lost update");
    assert_eq!((violation.preemptions, violation.deaths, violation.stale), (1, 0, 0));
    let text = violation.to_string();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("the check does not hold: 1 of 2"));
    assert!(lines.next().is_some_and(|line| line.starts_with("schedule c1-p1d0s0e0a0-")), "{text}");
}

#[test]
fn a_schedule_is_replayed_and_one_of_another_program_is_refused() {
    let model = Model::new().preemptions(2);
    let violation = lost_update(&model, "first").violation.expect("a lost update");
    let count = |counter: &AtomicU64| {
        let seen = counter.load(Relaxed);
        counter.store(seen + 1, Relaxed);
    };
    let adds = |counter: &AtomicU64| {
        counter.fetch_add(1, Relaxed);
    };
    let replay = |schedule: &str, run: &dyn Fn(&AtomicU64)| {
        model.replay(schedule, AtomicU64::default, &[Actor::new("first", run), Actor::new("second", run)], counted)
    };
    // The lines of this closure are others than those of `lost_update`.
    assert_eq!(replay(&violation.schedule, &count).unwrap_err(), ScheduleError::OfAnotherProgram);
    assert_eq!(replay(&violation.schedule, &adds).unwrap_err(), ScheduleError::OfAnotherProgram);
    assert_eq!(replay("1.2.3", &count).unwrap_err(), ScheduleError::Unreadable);

    let explored = model
        .explore(AtomicU64::default, &[Actor::new("first", &count), Actor::new("second", &count)], counted)
        .violation
        .expect("a lost update");
    let again = replay(&explored.schedule, &count).expect("its own schedule").expect("a lost update");
    assert_eq!(again.steps, explored.steps);
    assert_eq!(again.failure, explored.failure);
}

#[test]
fn an_actor_that_does_not_end_is_named_with_its_place() {
    let runs = |word: &AtomicU64| while word.load(Relaxed) == 0 {};
    let report = Model::new().steps(100).explore(AtomicU64::default, &[Actor::new("runner", &runs)], passes);
    match report.violation.expect("a violation").failure {
        Failure::NotEnding { actor, place, steps: 101 } => {
            assert_eq!(actor, "runner");
            assert!(place.contains("misuse.rs:"), "{place}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn an_actor_that_spins_for_ever_is_a_livelock() {
    let spins = |word: &AtomicU64| {
        while word.load(Relaxed) == 0 {
            actor::spin_loop();
        }
    };
    let report = Model::new().explore(AtomicU64::default, &[Actor::new("spinner", &spins)], passes);
    let failure = report.violation.expect("a violation").failure;
    assert_eq!(failure, Failure::Livelock { waiting: vec!["spinner spins".to_owned()] });
}

#[test]
fn a_panic_of_an_actor_and_one_of_the_check_are_violations() {
    let asserts = |word: &AtomicU64| assert_eq!(word.load(Relaxed), 1);
    let explore = |run: &dyn Fn(&AtomicU64), check: &dyn Fn(&AtomicU64, &Outcome) -> Result<(), String>| {
        Model::new()
            .explore(AtomicU64::default, &[Actor::new("actor", run)], check)
            .violation
            .expect("a violation")
            .failure
    };
    assert!(matches!(explore(&asserts, &passes), Failure::Panicked { actor, .. } if actor == "actor"));
    let failure = explore(&|_| (), &|_, _| panic!("of the check"));
    assert_eq!(failure, Failure::Check { message: "it panicked: of the check".to_owned() });
}

#[test]
fn a_mutex_of_another_actor_cannot_be_unlocked() {
    let unlocks = |mutex: &RobustMutex| mutex.unlock();
    let report = Model::new().explore(RobustMutex::new, &[Actor::new("actor", &unlocks)], passes);
    let failure = report.violation.expect("a violation").failure;
    assert_eq!(failure.to_string(), "a mutex was unlocked by an actor that has not locked it");
}

#[test]
fn an_atomic_outside_of_a_model_is_refused_with_its_place() {
    let message = panics(|| AtomicU64::new(0).load(Relaxed));
    assert!(message.contains("misuse.rs:") && message.contains("outside of a model"), "{message}");
}

#[test]
fn a_model_without_actors_and_one_with_too_many_are_refused() {
    let explore = |count: usize| {
        let nothing = |(): &()| ();
        let actors: Vec<Actor<'_, ()>> = (0..count).map(|_| Actor::new("actor", &nothing)).collect();
        Model::new().explore(|| (), &actors, passes)
    };
    assert!(panics(|| explore(0)).contains("at least one actor"));
    assert!(panics(|| explore(8)).contains("at most 7 actors"));
    explore(7).unwrap();
}

#[test]
fn a_set_up_that_panics_leaves_nothing_behind() {
    let explore = |is_bad: bool| {
        let set_up = || {
            let word = AtomicU64::new(0);
            word.store(1, Relaxed);
            assert!(!is_bad, "of the set-up");
            word
        };
        Model::new().explore(set_up, &[Actor::new("actor", &|_: &AtomicU64| ())], passes)
    };
    assert_eq!(panics(|| explore(true)), "of the set-up");
    explore(false).unwrap();
}

#[test]
fn bounds_of_zero_try_what_is_left_and_those_that_leave_nothing_are_refused() {
    // Without a preemption, one actor after the other.
    assert!(lost_update(&Model::new().preemptions(0).deaths(0).stale(0).early(0).ahead(0), "first").is_exhausted);
    let report = lost_update(&Model::new().preemptions(2).time(std::time::Duration::ZERO), "first");
    assert!(!report.is_exhausted && report.executions == 1, "{report:?}");
    assert_eq!(panics(|| Model::new().steps(0)), "an execution has 1 step at least, not 0");
    assert_eq!(panics(|| Model::new().random(1, 0)), "a sample has 1 execution at least, not 0");
    assert_eq!(panics(|| Model::new().pct(1, 0, 2)), "a sample has 1 execution at least, not 0");
    assert_eq!(panics(|| Model::new().pct(1, 9, 0)), "a fault has a depth of 1 at least, not of 0");
}

#[test]
fn a_schedule_of_another_program_is_refused_where_it_is_explored_alone() {
    let violation = lost_update(&Model::new().preemptions(2), "first").violation.expect("a lost update");
    let only = |schedule: &str| Model::new().only(schedule);
    let report = lost_update(&only(&violation.schedule).expect("a schedule"), "another");
    assert_eq!((report.refused, report.violation.is_none()), (Some(ScheduleError::OfAnotherProgram), true));
    assert!(panics(|| report.unwrap()).contains("of another program"));
    let cut = &violation.schedule[..violation.schedule.len() - 1];
    assert_eq!(only(cut).unwrap_err().to_string(), "this is no schedule: one begins with c1-");
    let again = lost_update(&only(&violation.schedule).expect("a schedule"), "first");
    assert_eq!(again.violation.expect("a lost update").steps, violation.steps);
}

#[test]
fn an_exploration_inside_of_another_is_refused() {
    let nested = |(): &()| {
        Model::new().explore(|| (), &[Actor::new("inner", &|(): &()| ())], passes);
    };
    let report = Model::new().explore(|| (), &[Actor::new("outer", &nested)], passes);
    assert!(report.violation.expect("a violation").failure.to_string().contains("inside of another"));
}

#[test]
fn the_same_seed_tries_the_same() {
    let explore = |seed: u64| lost_update(&Model::new().preemptions(1).random(seed, 1_000), "first");
    let schedule = |report: Report| report.violation.map(|violation| violation.schedule);
    assert!(schedule(explore(1)).is_some());
    assert_eq!(schedule(explore(1)), schedule(explore(1)));
    assert!(!explore(1).is_exhausted);
}

#[test]
fn an_ordering_that_an_operation_cannot_have_is_refused() {
    let loads = |word: &AtomicU64| {
        word.load(Ordering::Release);
    };
    let report = Model::new().explore(AtomicU64::default, &[Actor::new("actor", &loads)], passes);
    assert!(report.violation.expect("a violation").failure.to_string().contains("a load cannot be Release"));
}
