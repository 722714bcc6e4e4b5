//! Why a `join` returned with values that are not done.

use std::fmt;

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::queue::lease_info::LeaseInfo;

/// Why [`join`](crate::queue::JoinableQueue::join) returned with values that are not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Every process that ever took a value from the queue is dead, and no other has come for a while. Start
    /// a consumer, and join again.
    #[error("{unfinished} values are not done, and every consumer is dead")]
    Abandoned {
        /// How many values are not done.
        unfinished: usize,
    },
    /// This process was asked to end while it waited.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
}

/// Why [`join_timeout`](crate::queue::JoinableQueue::join_timeout) returned with values that are not done.
///
/// ```
/// use std::time::Duration;
/// use killproof::queue::{JoinTimeoutError, JoinableQueue};
///
/// let dishes = JoinableQueue::new(1)?;
/// dishes.put("rice".to_owned())?;
/// let eaten_slowly = dishes.get()?;
/// let Err(JoinTimeoutError::TimedOut { unfinished: 1, leases }) = dishes.join_timeout(Duration::ZERO) else {
///     panic!("the rice is not done")
/// };
/// assert_eq!(leases[0].pid, i32::try_from(std::process::id())?);
/// # eaten_slowly.done();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinTimeoutError {
    /// Values were not done in time: some wait, the others are leased.
    #[error("{unfinished} values are not done; {}", Holders(.leases))]
    TimedOut {
        /// How many values are not done.
        unfinished: usize,
        /// Which consumers hold values, the one that has held its value longest first.
        leases: Vec<LeaseInfo>,
    },
    /// Every process that ever took a value from the queue is dead, and no other has come for a while. Start
    /// a consumer, and join again.
    #[error("{unfinished} values are not done, and every consumer is dead")]
    Abandoned {
        /// How many values are not done.
        unfinished: usize,
    },
    /// This process was asked to end while it waited.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
}

/// How many leases a message lists.
const LISTED: usize = 3;

/// The first leases, as a sentence.
struct Holders<'a>(&'a [LeaseInfo]);

impl fmt::Display for Holders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no consumer holds one");
        }
        for (number, lease) in self.0.iter().take(LISTED).enumerate() {
            let and = if number == 0 { "" } else { ", " };
            write!(f, "{and}process {} holds one since {:.1} s", lease.pid, lease.held_for.as_secs_f64())?;
        }
        match self.0.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, ", and {more} more are held"),
        }
    }
}

impl From<JoinError> for JoinTimeoutError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Abandoned { unfinished } => Self::Abandoned { unfinished },
            JoinError::Interrupted(signal) => Self::Interrupted(signal),
        }
    }
}

impl From<JoinError> for Error {
    fn from(error: JoinError) -> Self {
        JoinTimeoutError::from(error).into()
    }
}

impl From<JoinTimeoutError> for Error {
    fn from(error: JoinTimeoutError) -> Self {
        match error {
            JoinTimeoutError::Interrupted(signal) => Self::Interrupted(signal),
            JoinTimeoutError::Abandoned { unfinished } => Self::Abandoned { operation: "join", unfinished },
            late @ JoinTimeoutError::TimedOut { .. } => {
                Self::Unusable { operation: "join a queue", cause: late.to_string() }
            }
        }
    }
}
