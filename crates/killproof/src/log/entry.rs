//! One record of a log in words of shared memory: a header, and its bytes.
//!
//! Every access is an atomic one, relaxed where the header orders it, so none is undefined behaviour, not even
//! one of a reader with an offset that no log has given it.

use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::{AtomicU64, Ordering};

/// A word, in bytes.
pub(super) const WORD: u64 = size_of::<u64>() as u64;
const BYTES: usize = size_of::<u64>();

/// What a header says of what follows it. A header of 0 says that nothing does, yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// A writer has this place, and has not written all of the record.
    Reserved = 1,
    /// The same, of the last record of the log.
    ReservedLast = 2,
    /// The record is whole.
    Whole = 3,
    /// The record is whole, and the last one of the log.
    WholeLast = 4,
    /// No record is here: the next one would not have fitted.
    Skipped = 5,
}

/// A place in the log, and what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its header, in words from the beginning of the log.
    at: u64,
    pub(super) state: State,
    /// Of what follows the header, in bytes.
    length: u32,
}

impl State {
    pub(super) fn is_last(self) -> bool {
        matches!(self, Self::ReservedLast | Self::WholeLast)
    }
}

impl Entry {
    /// A record of at most [`MAX_RECORD`](super::MAX_RECORD) bytes.
    #[inline]
    pub(super) fn new(at: u64, state: State, length: usize) -> Self {
        Self { at, state, length: u32::try_from(length).unwrap_or(u32::MAX) }
    }

    /// What fills a segment up to its end.
    pub(super) fn skip(at: u64, end: u64) -> Self {
        Self::new(at, State::Skipped, usize::try_from((end - at - 1) * WORD).unwrap_or(usize::MAX))
    }

    /// What a header that is not 0 says.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of a word")]
    pub(super) fn of(at: u64, header: u64) -> Self {
        let state = match header >> 32 {
            1 => State::Reserved,
            2 => State::ReservedLast,
            3 => State::Whole,
            4 => State::WholeLast,
            _ => State::Skipped,
        };
        Self { at, state, length: header as u32 }
    }

    #[inline]
    pub(super) fn header(self) -> u64 {
        (self.state as u64) << 32 | u64::from(self.length)
    }

    /// Where the next entry begins, in words.
    #[inline]
    pub(super) fn end(self) -> u64 {
        self.at + 1 + u64::from(self.length).div_ceil(WORD)
    }

    /// The same place, with the whole record in it.
    #[inline]
    pub(super) fn whole(self) -> Self {
        let state = if self.state.is_last() { State::WholeLast } else { State::Whole };
        Self { state, ..self }
    }

    /// Writes a record behind its header, which is the first of these words. No other process writes there, and
    /// none reads before the header says that the record is whole.
    #[inline]
    pub(super) fn write(words: &[AtomicU64], record: &[u8]) {
        let (whole, rest) = record.as_chunks::<BYTES>();
        let words = &words[1..];
        for (place, (word, bytes)) in words.iter().zip(whole).enumerate() {
            word.store(u64::from_ne_bytes(*bytes), Ordering::Relaxed);
            if cfg!(feature = "crashpoints") && place == whole.len() / 2 {
                hit(CrashPoint::LogHalf);
            }
        }
        if let Some(last) = words.get(whole.len()) {
            let mut padded = [0; BYTES];
            padded[..rest.len()].copy_from_slice(rest);
            last.store(u64::from_ne_bytes(padded), Ordering::Relaxed);
        }
    }

    /// Reads the record behind the header.
    pub(super) fn read(self, words: &[AtomicU64], record: &mut Vec<u8>) {
        record.clear();
        for word in &words[1..] {
            record.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
        }
        record.truncate(self.length as usize);
    }
}
