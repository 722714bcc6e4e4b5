//! What becomes of a task, or of a pool, that fails.

use std::fmt;

use crate::error::{Error, Phrase, plural};
use crate::process::{Death, Exit, Failure, RestartLimit, summary};

/// The death of a worker while it ran a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskDeath {
    /// The worker's process id, which may name another process by now.
    pub pid: i32,
    /// Which worker of the pool it was, from 1.
    pub worker: u32,
    /// How it ended. A task that ends its process by itself has killed its worker as well, with code 0 or any other.
    pub exit: Exit,
    /// Which attempt at the task it was, from 1.
    pub attempt: u32,
}

impl fmt::Display for TaskDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, worker, exit, attempt } = self;
        write!(f, "worker {worker} (pid {pid}) ended with {exit} at attempt {attempt}")
    }
}

/// Why a task has no result. It is the error of this task alone: all other tasks go on.
///
/// A task is named by its number in its call, from 0: of `map` it is the place of its input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// Every worker that ran the task died, as often as [`Options::deaths`](super::Options::deaths) allows.
    #[error("task {task} killed {} {}: {}", .deaths.len(), plural(.deaths.len(), "worker", "workers"), list(.deaths))]
    Killed {
        /// The task.
        task: u64,
        /// All of these deaths, the first one first.
        deaths: Vec<TaskDeath>,
    },
    /// The task took longer than [`Options::timeout`](super::Options::timeout) allows. Its worker was killed.
    #[error("task {task} took longer than {seconds} s")]
    TimedOut {
        /// The task.
        task: u64,
        /// The limit, in seconds.
        seconds: f64,
    },
    /// The task panicked. Its worker lives on.
    #[error("task {task} panicked{}: {message}", at(.place.as_deref()))]
    Panicked {
        /// The task.
        task: u64,
        /// What the panic says.
        message: String,
        /// File, line and column, if the program's panic hook calls [`note_panic`](super::note_panic).
        place: Option<String>,
    },
    /// The input or the result has no serial form.
    #[error("task {task} cannot be sent: {cause}")]
    Unserialisable {
        /// The task.
        task: u64,
        /// Why.
        cause: String,
    },
    /// The serial form of the input or of the result is read as no value.
    #[error("task {task} cannot be read: {cause}")]
    Undecodable {
        /// The task.
        task: u64,
        /// Why.
        cause: String,
    },
    /// The serial form of the input or of the result is larger than [`Options::max_message`](super::Options::max_message).
    #[error("task {task} has a message of {size} {}, and the limit is {limit}", plural(*.size, "byte", "bytes"))]
    TooLarge {
        /// The task.
        task: u64,
        /// In bytes.
        size: u64,
        /// In bytes.
        limit: u64,
    },
    /// The task was cancelled before a worker took it.
    #[error("task {task} was cancelled")]
    Cancelled {
        /// The task.
        task: u64,
    },
}

impl TaskError {
    /// The number of the task in its call, from 0.
    #[must_use]
    pub fn task(&self) -> u64 {
        match self {
            Self::Killed { task, .. }
            | Self::TimedOut { task, .. }
            | Self::Panicked { task, .. }
            | Self::Unserialisable { task, .. }
            | Self::Undecodable { task, .. }
            | Self::TooLarge { task, .. }
            | Self::Cancelled { task } => *task,
        }
    }
}

fn list(deaths: &[TaskDeath]) -> String {
    deaths.iter().map(TaskDeath::to_string).collect::<Vec<_>>().join(", ")
}

fn at(place: Option<&str>) -> String {
    place.map_or_else(String::new, |place| format!(" at {place}"))
}

/// Why a call of a pool returned no results.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// A task has no result, and the call returns results alone: [`try_map`](super::Pool::try_map) returns those of
    /// the other tasks as well.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// Workers died before they had finished a task, and of none, more often than
    /// [`Options::restarts`](super::Options::restarts) allows.
    #[error(
        "cannot keep workers alive: {} {} without a task in {} s: {}",
        .deaths.len(),
        plural(.deaths.len(), "death", "deaths"),
        .limit.per.as_secs_f64(),
        summary(.deaths)
    )]
    GaveUp {
        /// How many restarts were allowed, and in which period.
        limit: RestartLimit,
        /// All deaths of that period, the oldest first.
        deaths: Vec<Death>,
    },
    /// A worker could not make what [`Options::init`](super::Options::init) makes.
    #[error("cannot begin worker {worker}: {cause}")]
    NotBegun {
        /// Which worker, from 1.
        worker: u32,
        /// What its `init` returned, or said in its panic.
        cause: String,
    },
    /// The pool's keeper has ended, and with it all workers: it was killed from outside.
    #[error("cannot use a pool: its keeper (pid {pid}) has ended")]
    KeeperEnded {
        /// The keeper's process id, which may name another process by now.
        pid: i32,
    },
    /// The toolkit could not go on.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Failed(error) => error,
            other => Self::Unusable { operation: "run tasks", cause: Phrase::name(other) },
        }
    }
}

/// A process may end with it: with code 1, as with the toolkit's other errors.
impl Failure for PoolError {
    fn exit_code(&self, _: &str) -> u8 {
        1
    }
}
