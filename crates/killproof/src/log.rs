//! An append-only log of records in memory that forked processes share.
//!
//! Any process appends, any process reads, and none waits for another: there is no lock. A record whose
//! `append` has returned is whole, whatever happens to its writer afterwards. A writer that is killed in the
//! middle of an `append` leaves a *hole*: readers pass over it and count it, and the other writers go on
//! behind it. A writer that is stopped there leaves one until it goes on. The memory grows as it is needed, also
//! after the fork, and has no name that could be left behind.
//!
#![doc = include_str!("log/README.md")]

mod entry;

use std::fmt;
use std::io;

use crate::crashpoint::{CrashPoint, hit};
use crate::error::{Error, Phrase};
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::memory::{GrowingWords, ShmBox, growing};
use entry::{Entry, State, WORD};

/// The longest record, in bytes.
pub const MAX_RECORD: usize = 1 << 19;

/// An append-only log of records between processes.
///
/// Unlike a [`Queue`](crate::queue::Queue) it keeps what was read, and has no lock: an `append` waits for no
/// other process. Unlike a file that is opened for appending it needs no system call for most records, and a
/// kill in the middle of a long one does not glue the next one to it.
///
/// ```
/// use killproof::{log::Log, process::Process};
///
/// let log = Log::new()?;
/// let speak = || log.append(b"from the child").map_err(killproof::Error::from);
/// Process::new("child", speak).start()?.join()?;
/// log.append(b"from the parent")?;
///
/// let mut records = Vec::new();
/// let read = log.read_since(0, |record| records.push(record.to_vec()))?;
/// assert_eq!(records, [b"from the child".as_slice(), b"from the parent"]);
/// assert_eq!(read.holes, 0);
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct Log {
    words: GrowingWords,
    /// Where the next record begins, in words; or where an earlier one does, because its writer has not come
    /// to change this. It never goes back. Of a closed log it is where the last record begins.
    end: ShmBox<AtomicU64>,
    /// In bytes.
    limit: u64,
    /// Where a record begins, in words: how far the last reader of this process came. A child has its own copy,
    /// which is as true.
    came_to: AtomicU64,
}

/// Why a record was not appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The log has come to its [limit](Log::with_limit), and keeps no more. A last record may
    /// [say so](Log::append_last).
    Full,
    /// The log [has its last record](Log::append_last), and takes none any more.
    Closed,
    /// The record is longer than [`MAX_RECORD`]. Split it.
    TooLarge {
        /// Its size, in bytes.
        size: usize,
    },
    /// The system gives no more memory.
    Refused(io::Error),
}

impl AppendError {
    /// The reason, as a part of a message.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Full => "the log is full".into(),
            Self::Closed => "the log has its last record".into(),
            Self::TooLarge { size } => {
                let words =
                    ["a record of {} byte is above the limit of {}", "a record of {} bytes is above the limit of {}"];
                Phrase::counted(*size, words, [(*size).into(), MAX_RECORD.into()])
            }
            Self::Refused(source) => Phrase::cause(source),
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(source) => Self::refused("append to", "a log", source),
            other => Self::Unusable { operation: "append to a log", cause: other.phrase() },
        }
    }
}

/// What a reader of a log passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Read {
    /// How many records were begun and are not whole: their writers were killed in the middle, or are still
    /// at it.
    pub holes: u64,
    /// The log has its last record.
    pub is_closed: bool,
    /// That record is a hole.
    pub last_is_hole: bool,
}

impl Log {
    /// An empty log.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory, or no descriptor.
    pub fn new() -> Result<Self, Error> {
        Self::with_limit(u64::MAX)
    }

    /// An empty log that keeps the first `bytes` and no more. Each record takes 8 bytes beside its own, and
    /// up to 7 that fill its last word.
    ///
    /// # Errors
    ///
    /// Those of [`Log::new`].
    pub fn with_limit(bytes: u64) -> Result<Self, Error> {
        let make = || -> io::Result<Self> {
            let words = GrowingWords::new()?;
            // Refused now, rather than at the first record.
            words.words(0, 1)?;
            Ok(Self { words, end: ShmBox::new(AtomicU64::new(0))?, limit: bytes, came_to: AtomicU64::new(0) })
        };
        make().map_err(|source| Error::refused("make", "a log", source))
    }

    /// Appends a record. When this returns, every reader finds it, whole.
    ///
    /// # Errors
    ///
    /// [`AppendError`] lists them. Nothing was appended then.
    #[inline]
    pub fn append(&self, record: &[u8]) -> Result<(), AppendError> {
        self.append_as(State::Reserved, record)
    }

    /// Appends a record after which the log takes no other, whatever its limit is. Returns true to the one
    /// caller of all processes whose record it is.
    ///
    /// # Errors
    ///
    /// [`AppendError::TooLarge`] and [`AppendError::Refused`].
    pub fn append_last(&self, record: &[u8]) -> Result<bool, AppendError> {
        match self.append_as(State::ReservedLast, record) {
            Err(AppendError::Closed) => Ok(false),
            appended => appended.map(|()| true),
        }
    }

    /// How far the log goes by now, in bytes: an offset for [`Log::read_since`]. Every record whose `append`
    /// has returned is before it, but the [last one](Log::append_last).
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire) * WORD
    }

    /// Calls `each` with every whole record that begins at `offset` or later, in the order in which their
    /// places were taken. Of the records that are appended meanwhile the first one may be among them, so `each` may
    /// append to the log.
    ///
    /// The time does not grow with what was read before: a reader that comes again with the [`end`](Log::end) that
    /// it had before goes on from there.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives this process no room to map the log.
    pub fn read_since(&self, offset: u64, mut each: impl FnMut(&[u8])) -> Result<Read, Error> {
        let mut read = Read::default();
        let mut record = Vec::new();
        let until = self.end.load(Ordering::Acquire);
        let mut at = self.place_before(offset / WORD);
        while at <= until && at < self.words.len() {
            let entry = self.entry(at).map_err(|source| Error::refused("read", "a log", source))?;
            let Some(entry) = entry else { break };
            let from = std::mem::replace(&mut at, entry.end());
            self.came_to.store(from, Ordering::Relaxed);
            read.is_closed = entry.state.is_last();
            if from * WORD < offset {
                continue;
            }
            match entry.state {
                State::Skipped => {}
                State::Reserved | State::ReservedLast => {
                    read.holes += 1;
                    read.last_is_hole = read.is_closed;
                }
                State::Whole | State::WholeLast => {
                    let words = self.words.words(from, entry.end());
                    entry.read(words.map_err(|source| Error::refused("read", "a log", source))?, &mut record);
                    each(&record);
                }
            }
            if read.is_closed {
                break;
            }
        }
        Ok(read)
    }

    /// The last place known at or before this word where a record begins. (Where a segment begins one does; at an
    /// offset of another log, say, none need begin.)
    fn place_before(&self, word: u64) -> u64 {
        let came_to = self.came_to.load(Ordering::Relaxed);
        let (_, first) = growing::segment_of(word);
        if (first..=word).contains(&came_to) { came_to } else { first }
    }

    #[inline]
    fn append_as(&self, state: State, record: &[u8]) -> Result<(), AppendError> {
        if record.len() > MAX_RECORD {
            return Err(AppendError::TooLarge { size: record.len() });
        }
        let (entry, words) = self.reserve(state, record.len())?;
        Entry::write(words, record);
        hit(CrashPoint::LogWritten);
        // After all of the record: a reader that sees this sees the record.
        words[0].store(entry.whole().header(), Ordering::Release);
        hit(CrashPoint::LogCommitted);
        Ok(())
    }

    /// Takes the place behind the last record. Its header is what takes it, in one step with its length, so
    /// every other process knows from then on where the next record begins.
    #[inline]
    fn reserve(&self, state: State, length: usize) -> Result<(Entry, &[AtomicU64]), AppendError> {
        let mut at = self.end.load(Ordering::Acquire);
        loop {
            let mut entry = Entry::new(at, state, length);
            if entry.end() * WORD > self.limit && !state.is_last() {
                return Err(if self.is_closed_at(at)? { AppendError::Closed } else { AppendError::Full });
            }
            let rest = growing::segment_end(at);
            if entry.end() > rest {
                entry = Entry::skip(at, rest);
            }
            let touched = if entry.state == State::Skipped { at + 1 } else { entry.end() };
            let words = self.words.words(at, touched).map_err(AppendError::Refused)?;
            let taken = words[0].compare_exchange(0, entry.header(), Ordering::AcqRel, Ordering::Acquire);
            let found = match taken {
                Ok(_) if entry.state != State::Skipped => {
                    hit(CrashPoint::LogReserved);
                    if !entry.state.is_last() {
                        self.advance(at, entry.end());
                        hit(CrashPoint::LogAdvanced);
                    }
                    return Ok((entry, words));
                }
                Ok(_) => entry,
                Err(header) => Entry::of(at, header),
            };
            if found.state.is_last() {
                return Err(AppendError::Closed);
            }
            self.advance(at, found.end());
            hit(CrashPoint::LogSkipped);
            at = found.end();
        }
    }

    /// What stands at this word; `None` if nothing does.
    fn entry(&self, at: u64) -> io::Result<Option<Entry>> {
        let header = self.words.words(at, at + 1)?[0].load(Ordering::Acquire);
        Ok((header != 0).then(|| Entry::of(at, header)))
    }

    fn is_closed_at(&self, at: u64) -> Result<bool, AppendError> {
        let entry = self.entry(at).map_err(AppendError::Refused)?;
        Ok(entry.is_some_and(|entry| entry.state.is_last()))
    }

    /// The next record begins at `to`. Another process may have come further.
    #[inline]
    fn advance(&self, from: u64, to: u64) {
        let _ = self.end.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("end", &self.end()).finish_non_exhaustive()
    }
}
