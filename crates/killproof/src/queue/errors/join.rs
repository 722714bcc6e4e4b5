//! Why a `join` returned with values that are not done.

use std::fmt;

use nix::sys::signal::Signal;

use super::interrupted;
use crate::error::{Error, Phrase, abandoned};
use crate::queue::lease_info::LeaseInfo;

/// Why [`join`](crate::queue::JoinableQueue::join) returned with values that are not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Every process that ever took a value from the queue is dead, and no other has come for a while. Start
    /// a consumer, and join again.
    #[error("{}", abandoned(*.unfinished))]
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
    TimedOut {
        /// How many values are not done.
        unfinished: usize,
        /// Which consumers hold values, the one that has held its value longest first.
        leases: Vec<LeaseInfo>,
    },
    /// Every process that ever took a value from the queue is dead, and no other has come for a while. Start
    /// a consumer, and join again.
    Abandoned {
        /// How many values are not done.
        unfinished: usize,
    },
    /// This process was asked to end while it waited.
    Interrupted(Signal),
}

/// How many leases a message lists.
const LISTED: usize = 3;

impl JoinTimeoutError {
    /// The reason, as a part of a message.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::TimedOut { unfinished, leases } => {
                let words = ["{} value is not done; {}", "{} values are not done; {}"];
                Phrase::counted(*unfinished, words, [(*unfinished).into(), holders(leases)])
            }
            Self::Abandoned { unfinished } => abandoned(*unfinished),
            Self::Interrupted(signal) => interrupted(*signal),
        }
    }
}

impl fmt::Display for JoinTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

/// The first leases, as a part of a message.
fn holders(leases: &[LeaseInfo]) -> Phrase {
    let held = |lease: &LeaseInfo| {
        let seconds = Phrase::name(format_args!("{:.1}", lease.held_for.as_secs_f64()));
        Phrase::new("process {} holds one since {} s", [lease.pid.into(), seconds])
    };
    let listed = leases.iter().take(LISTED).map(held).reduce(|first, next| Phrase::new("{}, {}", [first, next]));
    let listed = listed.unwrap_or_else(|| "no consumer holds one".into());
    match leases.len().saturating_sub(LISTED) {
        0 => listed,
        more => {
            let words = ["{}, and {} more is held", "{}, and {} more are held"];
            Phrase::counted(more, words, [listed, more.into()])
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
                Self::Unusable { operation: "join a queue", cause: late.phrase() }
            }
        }
    }
}
