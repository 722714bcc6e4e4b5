//! One execution: its actors, what they are about to do, and who goes on.
//!
//! Each actor stands before its next operation. A turn is: choose whose operation comes next, carry it out, run that
//! actor up to the operation after it. What an actor does in between touches no other actor, so nothing is missed.

mod actor;
mod ahead;
mod contention;
mod deaths;
mod failure;
mod kernel;
mod operations;
mod state;
mod turns;

use std::cell::RefCell;
use std::panic::Location as Line;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bounds::{Bounds, Limits};
use crate::choices::Choices;
use crate::event::{Event, What};
use crate::hash::Digest;
use crate::learned::Learned;
use crate::memory::{Memory, Names};
use crate::view::{ACTORS, ActorId};

pub(crate) use crate::view::MAIN;

pub(crate) use actor::{Actor, Op, Rewoken, Status};
pub(crate) use ahead::Looks;
pub use failure::Failure;

/// How many executions there were in this process, and one.
static EXECUTIONS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static CURRENT: RefCell<Option<Execution>> = const { RefCell::new(None) };
}

/// All that one execution knows.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(crate) struct Execution {
    /// Which execution of the process it is, so that an atomic knows to whom its number belongs.
    pub(crate) number: u64,
    /// The actors' names.
    pub(crate) labels: Rc<[String]>,
    pub(crate) actors: Vec<Actor>,
    /// Who runs.
    pub(crate) current: ActorId,
    pub(crate) choices: Choices,
    pub(crate) memory: Memory,
    pub(crate) names: Names,
    pub(crate) learned: Learned,
    /// Only the newest value of each atomic can be seen, and nothing asks what happened before what: no views are kept.
    pub(crate) is_plain: bool,
    records: bool,
    pub(crate) events: Vec<Event>,
    /// The hash of all events with what happened before them, if a state has to say it.
    order: Digest,
    /// The hash of what was noted for the check.
    noted: Digest,
    locks: Vec<kernel::Lock>,
    marks: contention::Marks,
    /// What is left of the bounds.
    left: Bounds,
    /// Actors are run up to their first operation.
    pub(crate) is_starting: bool,
    /// No more choices are made: each that can go on does.
    is_settled: bool,
    /// It differs from an execution that was seen in the order of independent operations alone.
    pub(crate) is_redundant: bool,
    /// It came to a state that was seen.
    pub(crate) is_seen: bool,
    /// It read an old value, or put a store before another.
    pub(crate) is_weak: bool,
    /// Sleep sets: actors whose next operation was tried here before, and nothing since then depends on it.
    asleep: u32,
    uses_sleep_sets: bool,
    looks: Looks,
    look: Option<ahead::Look>,
    /// How many atomics there were when this execution began to look ahead.
    known_locations: usize,
    pub(crate) steps: u64,
    step_limit: u64,
    /// How often it was to be said who goes on.
    points: u32,
    pub(crate) nanos: u64,
    /// How often time had to pass because no actor could go on.
    pub(crate) ticks: u32,
    /// Time may pass only after a death: else a wake-up was lost.
    forbids_ticks: bool,
    /// After a death, actors may wait for ever.
    may_hang: bool,
    /// Deaths are tried where they make no difference, too.
    tries_all_deaths: bool,
    pub(crate) failure: Option<Failure>,
    pub(crate) is_over: bool,
    /// What is done when it is over, the last first.
    pub(crate) at_end: AtEnd,
}

/// What an execution goes by.
pub(crate) struct Course {
    pub(crate) choices: Choices,
    pub(crate) looks: Looks,
    pub(crate) learned: Learned,
    /// Its events are kept.
    pub(crate) records: bool,
}

#[derive(Default)]
pub(crate) struct AtEnd(pub(crate) Vec<Box<dyn FnOnce()>>);

impl std::fmt::Debug for AtEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at the end", self.0.len())
    }
}

impl Execution {
    pub(crate) fn new(labels: Rc<[String]>, course: Course, bounds: Bounds, limits: Limits) -> Self {
        let Course { choices, looks, learned, records } = course;
        assert!(labels.len() <= ACTORS, "an execution has at most {} actors", ACTORS - 1);
        Self {
            number: EXECUTIONS.fetch_add(1, Ordering::Relaxed),
            actors: (0..labels.len()).map(Actor::new).collect(),
            labels,
            current: MAIN,
            choices,
            memory: Memory::default(),
            names: Names::default(),
            is_plain: bounds.stale == Some(0) && bounds.ahead == 0 && !learned.has_cells && !records,
            records: records || bounds.ahead > 0 || learned.has_strong_accesses,
            learned,
            events: Vec::new(),
            order: Digest::default(),
            noted: Digest::default(),
            locks: Vec::new(),
            marks: contention::Marks::default(),
            left: bounds,
            is_starting: false,
            is_settled: false,
            is_redundant: false,
            is_seen: false,
            is_weak: false,
            asleep: 0,
            uses_sleep_sets: limits.reduces && bounds.preemptions.is_none() && bounds.stale.is_none(),
            looks,
            look: None,
            known_locations: 0,
            steps: 0,
            step_limit: limits.steps,
            points: 0,
            nanos: 0,
            ticks: 0,
            forbids_ticks: limits.forbids_ticks,
            may_hang: limits.may_hang,
            tries_all_deaths: !limits.reduces,
            failure: None,
            is_over: false,
            at_end: AtEnd::default(),
        }
    }

    /// Notes an event of the actor that runs.
    pub(crate) fn note(&mut self, what: What) {
        self.note_of(self.current, what);
    }

    pub(crate) fn note_of(&mut self, actor: ActorId, what: What) {
        if !self.is_plain {
            self.actors[actor].observer.count();
            self.keep(actor, what);
        }
    }

    /// Notes an event that was counted.
    fn keep(&mut self, actor: ActorId, what: What) {
        let clock = self.actors[actor].observer.view.clock;
        if self.learned.needs_order() {
            let digest = self.ordered(actor, &what, &clock);
            self.order.add(digest);
        }
        if self.records {
            self.events.push(Event { actor, what, clock, line: self.actors[actor].line });
        }
    }

    /// What the actor that runs learns: all that it does next depends on what it has learned so far.
    #[inline]
    pub(crate) fn learns(&mut self, word: u64) {
        self.actors[self.current].knowledge.push(word);
    }

    /// What the time is, which an actor knows from then on.
    pub(crate) fn look_at_the_clock(&mut self) -> u64 {
        self.learns(self.nanos);
        self.nanos
    }

    /// The execution turns out to need what it was not made for. It is broken off, and nothing that it shows counts.
    pub(crate) fn surprise(&mut self) {
        self.learned.is_surprised = true;
        self.is_settled = true;
        self.is_over = true;
    }

    /// Every actor sees what main saw, for it set up before they began.
    pub(crate) fn show_the_set_up(&mut self) {
        let view = self.actors[MAIN].observer.view.clone();
        for actor in &mut self.actors[1..] {
            actor.observer.learn(&view);
        }
    }

    /// How much of its bounds it took.
    pub(crate) fn used(&self, bounds: Bounds) -> Bounds {
        let left = self.left;
        let taken = |of: Option<u32>, left: Option<u32>| of.zip(left).map(|(of, left)| of - left);
        Bounds {
            preemptions: taken(bounds.preemptions, left.preemptions),
            deaths: bounds.deaths - left.deaths,
            stale: taken(bounds.stale, left.stale),
            early: bounds.early - left.early,
            ahead: bounds.ahead - left.ahead,
        }
    }

    /// Main checks when all are over, so it sees all.
    pub(crate) fn return_to_main(&mut self) {
        for actor in 1..self.actors.len() {
            let view = self.actors[actor].observer.view.clone();
            self.actors[MAIN].observer.learn(&view);
        }
        self.current = MAIN;
        if self.is_seen {
            // It was broken off in the middle, and is not checked: what is dropped now finds no lock taken.
            self.free_all_locks();
        }
    }
}

/// Makes an execution the one of this thread.
pub(crate) fn begin(execution: Execution) {
    CURRENT.with_borrow_mut(|current| *current = Some(execution));
}

/// Ends the execution of this thread.
pub(crate) fn take() -> Execution {
    CURRENT.take().expect("an execution that was begun")
}

pub(crate) fn is_running() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// The execution of this thread.
///
/// # Panics
///
/// If there is none.
#[track_caller]
pub(crate) fn with<R>(run: impl FnOnce(&mut Execution) -> R) -> R {
    let line = Line::caller();
    CURRENT.with_borrow_mut(|current| match current {
        Some(execution) => run(execution),
        None => panic!("{line}: a modelled object was used outside of a model's set-up, actors and check"),
    })
}
