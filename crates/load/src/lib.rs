#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod backoff;
mod clock;
mod connection;
mod connection_set;
mod dialer;
mod distribution;
mod engine;
mod error;
mod jitter;
mod open_files;
mod outcome;
mod plan;
mod progress;
mod schedule;

pub use backoff::Backoff;
pub use distribution::Bucket;
pub use error::Error;
pub use open_files::allow_connections;
pub use outcome::Outcome;
pub use plan::{GRACE, MAX_MESSAGE, Plan, PlanError, TIMEOUT, Until};
pub use progress::{Phase, Progress};

use engine::Engine;

/// Puts the load of `plan` on its server. Calls `watch` when a phase begins, and some twenty times a
/// second in between.
///
/// The limit of open files is raised if the load needs it ([`allow_connections`]). Connections are
/// opened a few at a time, and more slowly if the server is slow to accept them.
///
/// # Errors
///
/// [`Error::Plan`] and [`Error::TooManyConnections`] before anything has happened;
/// [`Error::Unreachable`] if no address accepts a connection, and [`Error::TooFewConnections`] if the
/// server stops accepting them before the first message. What goes wrong after the first message is
/// counted in the [`Outcome`].
pub fn drive(plan: &Plan, watch: impl FnMut(Progress)) -> Result<Outcome, Error> {
    plan.validate()?;
    allow_connections(plan.connections)?;
    Engine::new(plan, watch)?.run()
}
