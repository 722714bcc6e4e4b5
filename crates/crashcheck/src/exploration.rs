//! One execution of a model, from its set-up to its check.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::bounds::{Bounds, Limits};
use crate::choices::{Choice, Choices};
use crate::event::{Event, What};
use crate::execution::{self, Course, Execution, Failure, MAIN, Status};
use crate::learned::Learned;
use crate::report::Violation;
use crate::schedule::Schedule;
use crate::sys::Fiber;
use crate::{consistency, trace};

/// One of the actors of a model: a name, and what it does with what was set up.
pub struct Actor<'a, C> {
    name: &'a str,
    run: &'a dyn Fn(&C),
}

impl<'a, C> Actor<'a, C> {
    /// An actor.
    pub fn new(name: &'a str, run: &'a dyn Fn(&C)) -> Self {
        Self { name, run }
    }
}

impl<C> fmt::Debug for Actor<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Actor").field(&self.name).finish()
    }
}

/// How an execution ended, for the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Of each actor, in the model's order, whether it was killed, and others or the check could tell that from its end.
    pub dead: Vec<bool>,
    /// Of each actor, whether it waits for ever: [`Model::may_hang`](crate::Model::may_hang).
    pub hung: Vec<bool>,
    /// How often time had to pass because no actor could go on.
    pub ticks: u32,
}

/// What an exploration runs.
pub(crate) struct Plot<'a, C> {
    pub(crate) set_up: &'a dyn Fn() -> C,
    pub(crate) actors: &'a [Actor<'a, C>],
    pub(crate) check: &'a dyn Fn(&C, &Outcome) -> Result<(), String>,
}

/// An execution that is over.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(crate) struct Ended {
    /// It was broken off when what it looked for was known.
    pub(crate) is_look: bool,
    pub(crate) is_redundant: bool,
    pub(crate) is_seen: bool,
    pub(crate) is_consistent: bool,
    pub(crate) steps: u64,
    pub(crate) choices: Choices,
    pub(crate) learned: Learned,
    failure: Option<Failure>,
    /// What it took of its bounds.
    used: Bounds,
    names: Rc<[String]>,
    events: Vec<Event>,
}

impl Ended {
    pub(crate) fn fingerprint(&self) -> u64 {
        trace::fingerprint(&self.names, &self.events)
    }

    /// Whether it breaks a promise.
    pub(crate) fn is_broken(&self) -> bool {
        self.failure.is_some() && self.is_consistent && !self.is_redundant && !self.is_seen
    }

    /// How it breaks a promise. Its events have to be there.
    pub(crate) fn violation(&self, bounds: Bounds) -> Option<Violation> {
        let failure = self.failure.clone().filter(|_| self.is_broken())?;
        let path: Vec<Choice> = self.choices.path().to_vec();
        let schedule = Schedule { fingerprint: self.fingerprint(), bounds, path };
        Some(Violation::new(failure, &schedule, self.used, &self.names, &self.events))
    }
}

/// The names of the actors, main's first.
pub(crate) fn labels<C>(plot: &Plot<'_, C>) -> Rc<[String]> {
    std::iter::once("main").chain(plot.actors.iter().map(|actor| actor.name)).map(str::to_owned).collect()
}

/// Runs the actors once, on the course that the choices say.
pub(crate) fn run<C>(
    plot: &Plot<'_, C>,
    labels: &Rc<[String]>,
    course: Course,
    bounds: Bounds,
    limits: Limits,
) -> Ended {
    let _ends = EndsIfItPanics;
    execution::begin(Execution::new(Rc::clone(labels), course, bounds, limits));
    let context = (plot.set_up)();
    crate::state::is_part(&context);
    execution::with(|execution| {
        execution.show_the_set_up();
        execution.is_starting = true;
    });
    {
        let mut fibers: Vec<Fiber<'_>> = plot.actors.iter().map(|actor| fiber(actor.run, &context)).collect();
        for (index, fiber) in fibers.iter_mut().enumerate() {
            execution::with(|execution| execution.current = index + 1);
            fiber.resume();
        }
        execution::with(|execution| {
            execution.is_starting = false;
            execution.current = MAIN;
            if execution.failure.is_none() {
                execution.go_on(MAIN);
            }
        });
        while let Some(actor) = execution::with(|execution| (!execution.is_over).then_some(execution.current)) {
            fibers[actor - 1].resume();
        }
    }
    let outcome = execution::with(|execution| {
        execution.return_to_main();
        let dead = execution.actors[1..].iter().map(|actor| actor.status == Status::Dead).collect();
        let hung = execution.actors[1..].iter().map(crate::execution::Actor::is_there).collect();
        Outcome { dead, hung, ticks: execution.ticks }
    });
    let is_look = execution::with(Execution::keep_look);
    let is_consistent = execution::with(|execution| {
        let is_weak = execution.is_weak;
        !is_weak
            || execution.is_seen
            || execution.memory.has_kept_its_promises() && consistency::has_total_order(&execution.events)
    });
    let counts = execution::with(|execution| {
        let is_known = execution.is_redundant || execution.is_seen || is_look;
        execution.failure.is_none() && !is_known && !execution.learned.is_surprised
    });
    if counts && is_consistent {
        let result = catch_unwind(AssertUnwindSafe(|| (plot.check)(&context, &outcome)));
        let message = match result {
            Ok(Ok(())) => None,
            Ok(Err(message)) => Some(message),
            Err(panic) => Some(format!("it panicked: {}", message_of(&*panic))),
        };
        if let Some(message) = message {
            execution::with(|execution| execution.fail(Failure::Check { message }));
        }
    }
    drop(context);
    let at_end = execution::with(|execution| std::mem::take(&mut execution.at_end));
    at_end.0.into_iter().rev().for_each(|act| act());
    let execution = execution::take();
    Ended {
        is_look,
        is_redundant: execution.is_redundant,
        is_seen: execution.is_seen,
        is_consistent,
        steps: execution.steps,
        used: execution.used(bounds),
        choices: execution.choices,
        learned: execution.learned,
        failure: execution.failure,
        names: execution.labels,
        events: execution.events,
    }
}

/// A set-up that panics, or what it made as it is dropped, leaves no execution behind for the next exploration.
struct EndsIfItPanics;

impl Drop for EndsIfItPanics {
    fn drop(&mut self) {
        if execution::is_running() {
            drop(execution::take());
        }
    }
}

/// An actor as a fiber. Whatever it does, it comes to its end.
fn fiber<'a, C>(run: &'a dyn Fn(&C), context: &'a C) -> Fiber<'a> {
    Fiber::new(move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(context))) {
            let message = message_of(&*panic);
            execution::with(|execution| {
                let actor = execution.labels[execution.current].clone();
                execution.note(What::Panics);
                execution.fail(Failure::Panicked { actor, message });
            });
        }
        crate::atomic::settle();
        execution::with(Execution::end);
    })
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a value that is no text".to_owned())
}
