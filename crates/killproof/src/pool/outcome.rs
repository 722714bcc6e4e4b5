//! What a worker or the keeper says of a task, and how the owner reads it.

use serde::de::DeserializeOwned;

use super::errors::{TaskDeath, TaskError};
use crate::process::Exit;
use crate::queue::{DecodeError, codec};

/// How many deaths of one task the keeper counts at most.
pub(super) const MAX_DEATHS: u32 = 64;

/// In bytes, of a death.
const EACH: usize = 16;

/// The largest entry of the keeper, in bytes.
pub(super) const LARGEST: usize = MAX_DEATHS as usize * EACH;

/// What an entry of a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The result, serialised.
    Value = 0,
    /// The length of the place, the place, and what the panic says.
    Panicked = 1,
    /// Why the result cannot be sent.
    Unserialisable = 2,
    /// Why the input cannot be read.
    Undecodable = 3,
    /// The size and the limit.
    TooLarge = 4,
    /// By the keeper: the deaths.
    Killed = 5,
    /// By the keeper: the limit.
    TimedOut = 6,
}

/// The content of [`Kind::Panicked`].
pub(super) fn panicked(place: Option<&str>, message: &str) -> Vec<u8> {
    let place = place.unwrap_or_default();
    let length = u32::try_from(place.len()).unwrap_or(0);
    [&length.to_ne_bytes(), &place.as_bytes()[..length as usize], message.as_bytes()].concat()
}

/// The content of [`Kind::TooLarge`].
pub(super) fn too_large(size: usize, limit: usize) -> Vec<u8> {
    [(size as u64).to_ne_bytes(), (limit as u64).to_ne_bytes()].concat()
}

/// The content of [`Kind::Killed`], and of what the keeper says when it gives up.
pub(super) fn deaths(deaths: &[TaskDeath]) -> Vec<u8> {
    let of_one = |death: &TaskDeath| {
        // A code is below 2^16, and a signal below 2^8.
        let exit = match death.exit {
            Exit::Code(code) => code,
            ended => 1 << 16 | ended.signal().unwrap_or(0),
        };
        [death.pid, death.worker.cast_signed(), exit, death.attempt.cast_signed()].map(i32::to_ne_bytes).concat()
    };
    deaths.iter().flat_map(of_one).collect()
}

pub(super) fn read_deaths(bytes: &[u8]) -> Vec<TaskDeath> {
    let of_one = |bytes: &[u8; EACH]| {
        let word = |at: usize| {
            let bytes = bytes[at * 4..].first_chunk().copied().unwrap_or_default();
            i32::from_ne_bytes(bytes)
        };
        let exit = match word(2) {
            code if code < 1 << 16 => Exit::Code(code),
            signal => Exit::by_signal(signal & 0xffff),
        };
        TaskDeath { pid: word(0), worker: word(1).cast_unsigned(), exit, attempt: word(3).cast_unsigned() }
    };
    bytes.as_chunks().0.iter().map(of_one).collect()
}

/// What the owner returns of a task.
pub(super) fn read<R: DeserializeOwned>(task: u64, kind: u8, bytes: &[u8]) -> Result<R, TaskError> {
    const VALUE: u8 = Kind::Value as u8;
    if kind == VALUE {
        let cause = |error: DecodeError| TaskError::Undecodable { task, cause: error.to_string() };
        return codec::decode::<R, DecodeError>(bytes).map_err(cause);
    }
    Err(read_error(task, kind, bytes))
}

#[cold]
fn read_error(task: u64, kind: u8, bytes: &[u8]) -> TaskError {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let number = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().map_or(0, u64::from_ne_bytes);
    match kind {
        kind if kind == Kind::Panicked as u8 => {
            let (length, rest) = bytes
                .split_first_chunk()
                .map_or((0, bytes), |(length, rest)| (u32::from_ne_bytes(*length) as usize, rest));
            let (place, message) = rest.split_at_checked(length).unwrap_or((&[], rest));
            let place = (!place.is_empty()).then(|| text(place));
            TaskError::Panicked { task, message: text(message), place }
        }
        kind if kind == Kind::Unserialisable as u8 => TaskError::Unserialisable { task, cause: text(bytes) },
        kind if kind == Kind::TooLarge as u8 => TaskError::TooLarge { task, size: number(0), limit: number(8) },
        kind if kind == Kind::Killed as u8 => TaskError::Killed { task, deaths: read_deaths(bytes) },
        kind if kind == Kind::TimedOut as u8 => TaskError::TimedOut { task, seconds: f64::from_bits(number(0)) },
        _ => TaskError::Undecodable { task, cause: text(bytes) },
    }
}
