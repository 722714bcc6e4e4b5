//! How an execution breaks a promise.

use std::fmt;

use crate::plural::plural;

/// What is wrong with an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An actor panicked: an assertion of its failed.
    Panicked {
        /// The actor's name.
        actor: String,
        /// What it said.
        message: String,
    },
    /// No actor can go on, and no time-out ends a wait.
    Deadlock {
        /// Who waits for what, an actor each.
        waiting: Vec<String>,
    },
    /// Actors spin, and no other actor can end that.
    Livelock {
        /// Who spins, or waits.
        waiting: Vec<String>,
    },
    /// A wait had to be ended by its time-out, although no actor had died: a wake-up was lost.
    LostWakeUp {
        /// Who was asleep.
        asleep: Vec<String>,
    },
    /// An actor did more than the model's limit of steps.
    NotEnding {
        /// The actor's name.
        actor: String,
        /// Where it was.
        place: String,
        /// How many steps the execution had.
        steps: u64,
    },
    /// Two actors touched a plain cell, one of them to write, and neither access happened before the other.
    DataRace {
        /// The accesses: actor and place.
        accesses: [String; 2],
    },
    /// An operation was done that the system would refuse or leave undefined.
    Misused {
        /// What it was.
        what: String,
    },
    /// The check of the model did not hold.
    Check {
        /// What it said.
        message: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { actor, message } => write!(f, "{actor} panicked: {message}"),
            Self::Deadlock { waiting } => write!(f, "deadlock: {}", waiting.join(", ")),
            Self::Livelock { waiting } => write!(f, "livelock: {}", waiting.join(", ")),
            Self::LostWakeUp { asleep } => write!(f, "lost wake-up: {}", asleep.join(", ")),
            Self::NotEnding { actor, place, steps } => {
                let noun = plural(*steps, "step", "steps");
                write!(f, "{actor} does not end: after {steps} {noun} it is at {place}")
            }
            Self::DataRace { accesses: [first, second] } => write!(f, "data race: {first}, {second}"),
            Self::Misused { what } => f.write_str(what),
            Self::Check { message } => write!(f, "the check does not hold: {message}"),
        }
    }
}
