//! Scenarios of events that are cleared and of barriers that are used again.

use std::time::Duration;

use crashcheck::atomic::{AtomicU64, Ordering};
use crashcheck::{Actor, Model, Report};
use killproof::Error;
use killproof::sync::{Barrier, Event};

/// Longer than any execution lasts in which no wait is in vain: time passes in ticks then.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);

/// Two processes answer each other, each by an event that the other one clears.
pub(crate) fn cleared(model: &Model) -> Report {
    struct Run {
        events: [Event; 2],
        message: AtomicU64,
    }
    let asks = |run: &Run| {
        for round in 1..=2 {
            run.message.store(round, Ordering::Relaxed);
            run.events[0].set();
            if run.events[1].wait(PATIENCE).is_err() {
                assert!(!crashcheck::actor::is_alive(2), "a wait for an event that was set timed out");
                return;
            }
            run.events[1].clear();
        }
    };
    let answers = |run: &Run| {
        for round in 1..=2 {
            if run.events[0].wait(PATIENCE).is_err() {
                assert!(!crashcheck::actor::is_alive(1), "a wait for an event that was set timed out");
                return;
            }
            assert_eq!(run.message.load(Ordering::Relaxed), round, "what came before the event is not seen");
            run.events[0].clear();
            run.events[1].set();
        }
    };
    let set_up = || Run { events: [(); 2].map(|()| Event::new().expect("an event")), message: AtomicU64::new(0) };
    model.explore(set_up, &[Actor::new("asks", &asks), Actor::new("answers", &answers)], |_, _| Ok(()))
}

/// A process clears an event, looks for work, and waits where there is none. Another one brings work, and sets the event.
pub(crate) fn looked_behind(model: &Model) -> Report {
    struct Run {
        event: Event,
        work: AtomicU64,
    }
    let brings = |run: &Run| {
        run.work.store(1, Ordering::Relaxed);
        run.event.set();
    };
    let looks = |run: &Run| {
        run.event.clear();
        let is_there = || run.work.load(Ordering::Relaxed) == 1;
        if is_there() {
            return;
        }
        match run.event.wait(PATIENCE) {
            Ok(()) => assert!(is_there(), "the event was set, and what came before it is not seen"),
            Err(_) => assert!(!crashcheck::actor::is_alive(1), "work was there, and was not seen"),
        }
    };
    let set_up = || {
        let event = Event::new().expect("an event");
        event.set();
        Run { event, work: AtomicU64::new(0) }
    };
    model.explore(set_up, &[Actor::new("brings", &brings), Actor::new("looks", &looks)], |_, _| Ok(()))
}

/// Two parties meet twice, and one of them is elected each time.
pub(crate) fn twice(model: &Model) -> Report {
    struct Run {
        barrier: Barrier,
        /// How often each party has come.
        came: [AtomicU64; 2],
        leaders: [AtomicU64; 2],
    }
    let party = |me: usize| {
        move |run: &Run| {
            for round in 0..2 {
                run.came[me].store(round as u64 + 1, Ordering::Relaxed);
                let Ok(result) = run.barrier.elect(PATIENCE) else {
                    assert!(!crashcheck::actor::is_alive(2 - me), "a party that was not alone timed out");
                    return;
                };
                run.leaders[round].fetch_add(result.is_leader().into(), Ordering::Relaxed);
                assert!(run.came[1 - me].load(Ordering::Relaxed) > round as u64, "a party passed alone");
            }
        }
    };
    let set_up =
        || Run { barrier: Barrier::new(2).expect("a barrier"), came: Default::default(), leaders: Default::default() };
    let (one, other) = (party(0), party(1));
    model.explore(set_up, &[Actor::new("one", &one), Actor::new("other", &other)], |run, outcome| {
        match run.leaders.each_ref().map(|leaders| leaders.load(Ordering::Relaxed)) {
            [1, 1] => Ok(()),
            [0 | 1, 0 | 1] if outcome.dead.contains(&true) => Ok(()),
            leaders => Err(format!("{leaders:?} leaders")),
        }
    })
}

/// A party that does not come aborts or resets the barrier, and the others do not wait for it.
pub(crate) fn broken(model: &Model) -> Report {
    let waits = |barrier: &Barrier| match barrier.wait(PATIENCE) {
        Ok(()) => panic!("two parties of three have passed"),
        Err(Error::Unusable { .. }) => {}
        // It came after the reset, or the one that breaks the barrier is dead.
        Err(error) => assert!(!crashcheck::actor::is_alive(3), "{error}"),
    };
    let breaks = |barrier: &Barrier| {
        barrier.abort();
        barrier.reset();
    };
    let actors = [Actor::new("one", &waits as _), Actor::new("other", &waits as _), Actor::new("breaks", &breaks)];
    model.clone().time_may_pass().explore(
        || Barrier::new(3).expect("a barrier"),
        &actors,
        |barrier, outcome| {
            let left = barrier.waiting();
            if left == 0 || outcome.dead.contains(&true) {
                Ok(())
            } else {
                Err(format!("{left} are counted, and none waits"))
            }
        },
    )
}
