//! The record itself: events appended by many processes, read by any.

use std::sync::Arc;
use std::time::Instant;

use killproof::Error;
use killproof::log::{AppendError, Log, Read};
use serde_json::{Map, Value};

use crate::event::{Event, Kind};
use crate::kinds::Mark;
use crate::line;

/// The most that is kept of a run that has no end of its own, in bytes: about 100,000 events.
pub const MOST: u64 = 16 << 20;

/// The journal of one run. Cloned and forked handles append to the same record.
///
/// ```
/// use std::time::Instant;
/// use journal::{Journal, Kind};
/// use killproof::process::Process;
///
/// let journal = Journal::new()?;
/// let speak = || journal.record(Instant::now(), "child", Kind::Say, Some("hello".into()), Default::default()).map(drop);
/// let mut child = Process::new("child", speak).start()?;
/// child.kill()?; // now, before it spoke, or after: a line is there whole or not at all
/// child.join()?;
/// assert!(journal.events_since(0)?.len() <= 1);
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Journal {
    /// `None` for a run without an end of which no record is wanted.
    log: Option<Arc<Log>>,
    /// Called once, when it is full: a run without an end would fill the memory.
    full: fn(u64),
    most: u64,
    began: Instant,
}

impl Journal {
    /// An empty journal; the run begins now.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory for it.
    pub fn new() -> Result<Self, Error> {
        Self::bounded(u64::MAX, |_| ())
    }

    /// A journal that keeps nothing: for a server, which may run for ever.
    #[must_use]
    pub fn forgetful() -> Self {
        Self { log: None, full: |_| (), most: 0, began: Instant::now() }
    }

    /// An empty journal that keeps the first `most` bytes and then no more: for a server of which a picture
    /// is wanted. When it is full, its last line is a mark that says so, `record full`, and `full` is
    /// called, once in the whole run.
    ///
    /// # Errors
    ///
    /// As [`Journal::new`].
    pub fn bounded(most: u64, full: fn(u64)) -> Result<Self, Error> {
        Ok(Self { log: Some(Arc::new(Log::with_limit(most)?)), full, most, began: Instant::now() })
    }

    /// When the run began.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Records that `actor`, which is the caller, did something at this time. Returns the event.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be written.
    pub fn record(
        &self,
        when: Instant,
        actor: &str,
        kind: Kind,
        text: Option<String>,
        data: Map<String, Value>,
    ) -> Result<Event, Error> {
        let event = Event {
            t: self.since_began(when),
            pid: nix::unistd::getpid().as_raw(),
            tid: nix::unistd::gettid().as_raw(),
            actor: actor.to_owned(),
            kind,
            text,
            data,
        };
        if self.is_kept() {
            self.append(format!("{}\n", event.line()).as_bytes())?;
        }
        Ok(event)
    }

    /// Whether anything is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.log.is_some()
    }

    pub(crate) fn since_began(&self, when: Instant) -> u64 {
        u64::try_from(when.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Appends a line. The first one that finds no room is replaced by the last one of the record.
    #[inline]
    pub(crate) fn append(&self, line: &[u8]) -> Result<(), Error> {
        let Some(log) = &self.log else { return Ok(()) };
        match log.append(line) {
            Ok(()) | Err(AppendError::Closed) => Ok(()),
            Err(AppendError::Full) => self.close(log, line),
            Err(error) => Err(refused(error)),
        }
    }

    #[cold]
    fn close(&self, log: &Log, line: &[u8]) -> Result<(), Error> {
        let mut last = Vec::new();
        line::replace_kind(&mut last, line, Mark::RecordFull);
        if log.append_last(&last).map_err(refused)? {
            (self.full)(self.most);
        }
        Ok(())
    }

    /// How far the record goes by now, in bytes: an offset for [`Journal::events_since`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.log.as_ref().map_or(0, |log| log.end())
    }

    /// What was recorded since `offset`, in the order in which it was written. A line that is not an
    /// event is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn events_since(&self, offset: u64) -> Result<Vec<Event>, Error> {
        let lines = self.lines_since(offset)?;
        Ok(lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// The name of the process that has this id, or was the last to have it: of a dead one, too.
    /// `None` if the record knows of no such birth.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn name_of(&self, pid: i32) -> Result<Option<String>, Error> {
        let is_its_birth =
            |event: &Event| event.kind == Kind::Born && event.data.get("child_tid").is_some_and(|child| *child == pid);
        let birth = self.events_since(0)?.into_iter().rev().find(is_its_birth);
        Ok(birth.and_then(|birth| Some(birth.data.get("child")?.as_str()?.to_owned())))
    }

    /// The lines themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn lines_since(&self, offset: u64) -> Result<Vec<u8>, Error> {
        let (mut lines, mut last) = (Vec::new(), 0);
        let read = self.read_since(offset, |line| {
            last = lines.len();
            lines.extend_from_slice(line);
        })?;
        if read.last_is_hole && !lines.is_empty() {
            // Its writer was killed before it could say that the record is full.
            let mut full = Vec::new();
            line::replace_kind(&mut full, &lines[last..], Mark::RecordFull);
            lines.extend(full);
        }
        Ok(lines)
    }

    /// How many events are missing, because their writers were killed while they wrote them, or are still at
    /// it. Of a kill in the middle of an event nothing else is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn holes(&self) -> Result<u64, Error> {
        self.read_since(0, |_| ()).map(|read| read.holes)
    }

    fn read_since(&self, offset: u64, each: impl FnMut(&[u8])) -> Result<Read, Error> {
        self.log.as_ref().map_or_else(|| Ok(Read::default()), |log| log.read_since(offset, each))
    }
}

#[cold]
fn refused(error: AppendError) -> Error {
    match error {
        AppendError::Refused(source) => Error::refused("write to", "the journal", source),
        other => Error::Unusable { operation: "write to the journal", cause: other.phrase() },
    }
}
