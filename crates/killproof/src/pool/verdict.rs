//! What the keeper says of the whole pool, in memory that it shares with the owner. The keeper alone writes it, once.

use std::io;

use super::entries::{self, WORD, words_of};
use super::errors::{PoolError, TaskDeath};
use super::outcome;
use crate::error::{Error, Phrase};
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::memory::{ShmBox, ShmSlice};
use crate::process::{Death, RestartLimit};

/// In bytes.
const ROOM: usize = 1 << 12;

/// How the pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
enum Kind {
    /// All workers were started. Before that the word is 0.
    Works = 1,
    /// Workers died without a task: the deaths.
    GaveUp = 2,
    /// An `init` failed: the number of the worker, and the cause.
    NotBegun = 3,
    /// The system gives no process: the number of its error.
    Refused = 4,
}

/// What the keeper found.
pub(super) enum Finding<'a> {
    Works,
    GaveUp(&'a [TaskDeath]),
    NotBegun { worker: u32, cause: &'a str },
    Refused(&'a Error),
}

pub(super) struct Verdict {
    kind: ShmBox<AtomicU64>,
    words: ShmSlice<AtomicU64>,
}

impl Verdict {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { kind: ShmBox::new(AtomicU64::new(0))?, words: ShmSlice::new(words_of(ROOM))? })
    }

    /// By the keeper. The caller wakes the owner.
    pub(super) fn give(&self, finding: &Finding<'_>) {
        let (kind, mut bytes) = match finding {
            Finding::Works => (Kind::Works, Vec::new()),
            // The last ones, if they are too many.
            Finding::GaveUp(deaths) => {
                let omitted = deaths.len().saturating_sub(outcome::MAX_DEATHS as usize);
                (Kind::GaveUp, outcome::deaths(&deaths[omitted..]))
            }
            Finding::NotBegun { worker, cause } => (Kind::NotBegun, [&worker.to_ne_bytes(), cause.as_bytes()].concat()),
            Finding::Refused(error) => (Kind::Refused, error.to_string().into_bytes()),
        };
        bytes.truncate(ROOM);
        entries::store_entry(&self.words, 0, &bytes);
        self.kind.store(kind as u64, Ordering::Release);
    }

    /// Whether all workers were started.
    pub(super) fn works(&self) -> bool {
        self.kind.load(Ordering::Acquire) == Kind::Works as u64
    }

    /// Why the pool is over.
    #[inline]
    pub(super) fn error(&self, limit: RestartLimit) -> Option<PoolError> {
        let kind = self.kind.load(Ordering::Acquire);
        (kind > Kind::Works as u64).then(|| self.read(kind, limit))
    }

    #[cold]
    fn read(&self, kind: u64, limit: RestartLimit) -> PoolError {
        let mut bytes = Vec::with_capacity(ROOM + WORD);
        let length = entries::load_entry(&self.words, &mut bytes);
        bytes.truncate(length);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if kind == Kind::GaveUp as u64 {
            let name = |death: TaskDeath| Death { name: worker_name(death.worker), pid: death.pid, exit: death.exit };
            return PoolError::GaveUp { limit, deaths: outcome::read_deaths(&bytes).into_iter().map(name).collect() };
        }
        if kind == Kind::NotBegun as u64 {
            let (worker, cause) = bytes
                .split_first_chunk()
                .map_or((0, &bytes[..]), |(worker, cause)| (u32::from_ne_bytes(*worker), cause));
            return PoolError::NotBegun { worker, cause: text(cause) };
        }
        PoolError::Failed(Error::Unusable { operation: "keep a pool", cause: Phrase::name(text(&bytes)) })
    }
}

/// What a worker is called, from 1.
pub(super) fn worker_name(worker: u32) -> String {
    format!("worker {worker}")
}
