//! What an actor learns is part of a state, and so is what it can still come before: two states that differ in it are
//! not one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use crashcheck::atomic::Ordering::{Relaxed, Release, SeqCst};
use crashcheck::atomic::{AtomicU32, AtomicU64, fence};
use crashcheck::robust::{Locked, RobustMutex};
use crashcheck::{Actor, Model, Outcome, actor, futex};

#[derive(Default)]
struct Shared {
    words: [AtomicU64; 2],
    bell: AtomicU32,
    found: [AtomicU64; 3],
}

#[derive(Default)]
struct Gates {
    gate: RobustMutex,
    shared: Shared,
}

impl Gates {
    fn take(&self) {
        if self.gate.lock() == Ok(Locked::OwnerDied) {
            self.gate.make_consistent();
        }
    }

    fn take_and_leave(&self) {
        self.take();
        self.gate.unlock();
    }
}

/// An actor's program.
type Run<'a, S> = &'a dyn Fn(&S);

/// What the programs leave, over every execution.
fn left<S>(model: &Model, set_up: fn() -> S, runs: &[Run<'_, S>], look: fn(&S) -> Vec<u64>) -> BTreeSet<Vec<u64>> {
    let found = RefCell::new(BTreeSet::new());
    let actors: Vec<Actor<'_, S>> = runs.iter().map(|run| Actor::new("actor", *run)).collect();
    let check = |shared: &S, outcome: &Outcome| {
        let ends = outcome.dead.iter().map(|is_dead| u64::from(*is_dead)).chain([u64::from(outcome.ticks)]);
        found.borrow_mut().insert(look(shared).into_iter().chain(ends).collect());
        Ok(())
    };
    model.explore(set_up, &actors, check).unwrap();
    found.into_inner()
}

fn nothing_is_lost<S>(model: &Model, set_up: fn() -> S, runs: &[Run<'_, S>], look: fn(&S) -> Vec<u64>) {
    let all = left(&model.clone().without_reduction(), set_up, runs, look);
    for fewer in [model.clone(), model.clone().remember_states()] {
        assert_eq!(left(&fewer, set_up, runs, look), all);
    }
}

fn of_shared(shared: &Shared) -> Vec<u64> {
    let Shared { words, found, .. } = shared;
    words.iter().chain(found).map(|word| word.load(Relaxed)).collect()
}

#[test]
fn a_sleeper_knows_whether_it_was_woken_or_timed_out() {
    let sleeps = |shared: &Shared| {
        let how = futex::wait(&shared.bell, 0, Some(Duration::from_millis(1)));
        shared.words[0].load(Relaxed);
        shared.found[0].store(how as u64 + 1, Relaxed);
    };
    let model = Model::new().deaths(1).early(1).time_may_pass();
    nothing_is_lost(&model, Shared::default, &[&sleeps], of_shared);
}

#[test]
fn an_actor_knows_what_time_it_was_when_it_looked() {
    struct Timed {
        gates: [RobustMutex; 2],
        shared: Shared,
    }
    let take = |gate: &RobustMutex| {
        if gate.lock() == Ok(Locked::OwnerDied) {
            gate.make_consistent();
        }
    };
    let reads_the_clock = |timed: &Timed| {
        take(&timed.gates[0]);
        let tried = timed.gates[1].try_lock();
        if tried == Ok(Locked::OwnerDied) {
            timed.gates[1].make_consistent();
        }
        if tried.is_ok() {
            timed.gates[1].unlock();
        }
        let now = actor::now();
        timed.gates[0].unlock();
        take(&timed.gates[1]);
        timed.gates[1].unlock();
        let found = u64::try_from(now.as_millis()).expect("a short time") * 2 + u64::from(tried.is_err());
        timed.shared.found[0].store(found, Relaxed);
    };
    let lets_time_pass = |timed: &Timed| {
        take(&timed.gates[1]);
        take(&timed.gates[0]);
        futex::wait(&timed.shared.bell, 0, Some(Duration::from_millis(1)));
        timed.gates[0].unlock();
        timed.gates[1].unlock();
        timed.shared.words[0].store(1, Relaxed);
    };
    let set_up = || {
        let gates = std::array::from_fn(|_| RobustMutex::of_modelled_memory());
        Timed { gates, shared: Shared::default() }
    };
    let model = Model::new().preemptions(1).deaths(1).time_may_pass();
    nothing_is_lost(&model, set_up, &[&reads_the_clock, &lets_time_pass], |timed| of_shared(&timed.shared));
}

#[test]
fn a_death_that_takes_a_store_back_comes_between_two_looks_of_another() {
    let looks = |shared: &Shared| {
        let second = shared.words[1].load(Relaxed);
        let is_alive = actor::is_alive(2);
        let first = shared.words[0].load(Relaxed);
        shared.found[0].store(second * 100 + u64::from(is_alive) * 10 + first + 1, Relaxed);
    };
    let stores = |shared: &Shared| {
        shared.words[0].store(1, Relaxed);
        shared.words[1].store(1, Relaxed);
        shared.found[1].store(1, Release);
    };
    for preemptions in 1..=2 {
        let model = Model::new().preemptions(preemptions).deaths(1).stale(1);
        nothing_is_lost(&model, Shared::default, &[&looks, &stores], of_shared);
        let found = left(&model, Shared::default, &[&looks, &stores], of_shared);
        assert!(found.contains(&vec![0, 1, 111, 0, 0, 0, 1, 0]), "{preemptions}: {found:?}");
    }
}

#[test]
fn an_actor_dies_between_the_looks_of_two_others() {
    let stores = |shared: &Shared| shared.found[2].store(1, Relaxed);
    let looks_late = |shared: &Shared| {
        shared.words[0].store(1, Relaxed);
        let is_alive = actor::is_alive(1);
        shared.found[0].store(u64::from(is_alive) + 1, Relaxed);
        shared.words[1].store(1, Relaxed);
    };
    let looks_first = |shared: &Shared| {
        let begins = shared.words[0].load(Relaxed);
        let is_alive = actor::is_alive(1);
        let ends = shared.words[1].load(Relaxed);
        shared.found[1].store(begins * 100 + u64::from(is_alive) * 10 + ends + 1, Relaxed);
    };
    let runs: [Run<'_, Shared>; 3] = [&stores, &looks_late, &looks_first];
    let model = Model::new().preemptions(2).deaths(1);
    nothing_is_lost(&model, Shared::default, &runs, of_shared);
    let found = left(&model, Shared::default, &runs, of_shared);
    assert!(found.contains(&vec![1, 1, 1, 112, 0, 1, 0, 0, 0]), "{found:?}");
}

#[test]
fn a_death_before_a_strong_fence_hides_what_it_would_have_shown() {
    let fences = |shared: &Shared| {
        shared.words[0].store(1, Relaxed);
        fence(SeqCst);
    };
    let passes = |shared: &Shared| {
        fence(SeqCst);
        let seen = shared.words[0].load(Relaxed);
        shared.found[0].store(seen + 1, Relaxed);
    };
    let model = Model::new().deaths(1).stale(1);
    nothing_is_lost(&model, Shared::default, &[&fences, &passes], of_shared);
    let found = left(&model, Shared::default, &[&fences, &passes], of_shared);
    assert!(found.contains(&vec![1, 0, 1, 0, 0, 1, 0, 0]), "{found:?}");
}

#[test]
fn an_actor_that_waits_for_a_mutex_dies_before_another_looks_after_it() {
    let waits = |gates: &Gates| gates.take_and_leave();
    let looks = |gates: &Gates| {
        let is_alive = actor::is_alive(1);
        gates.shared.found[0].store(u64::from(is_alive) + 1, Relaxed);
    };
    let keeps = |gates: &Gates| {
        gates.take();
        gates.shared.words[0].store(1, Relaxed);
        gates.gate.unlock();
    };
    let runs: [Run<'_, Gates>; 3] = [&waits, &looks, &keeps];
    nothing_is_lost(&Model::new().preemptions(1).deaths(1), Gates::default, &runs, |gates| of_shared(&gates.shared));
}

#[test]
fn an_owner_that_dies_before_a_load_leaves_less_to_the_next_one() {
    let stores = |gates: &Gates| gates.shared.words.iter().for_each(|word| word.store(1, Relaxed));
    let owns = |gates: &Gates| {
        gates.take();
        let second = gates.shared.words[1].load(Relaxed);
        gates.shared.found[0].store(second + 1, Relaxed);
        gates.shared.words[0].load(Relaxed);
        gates.gate.unlock();
    };
    let comes_next = |gates: &Gates| {
        let taken = gates.gate.lock();
        gates.gate.make_consistent();
        let [before, first] = [&gates.shared.found[0], &gates.shared.words[0]].map(|word| word.load(Relaxed));
        gates.shared.found[1].store(u64::from(taken == Ok(Locked::OwnerDied)) * 100 + before * 10 + first + 1, Relaxed);
        gates.gate.unlock();
    };
    let runs: [Run<'_, Gates>; 3] = [&stores, &owns, &comes_next];
    let model = Model::new().deaths(1).stale(1);
    nothing_is_lost(&model, Gates::default, &runs, |gates| of_shared(&gates.shared));
    let found = left(&model, Gates::default, &runs, |gates| of_shared(&gates.shared));
    assert!(found.contains(&vec![1, 1, 2, 121, 0, 0, 1, 0, 0]), "{found:?}");
}
