//! The record itself: events appended by many processes, read by any.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Instant;

use killproof::Error;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use serde_json::{Map, Value};

use crate::bound::Bound;
use crate::event::{Event, Kind};

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
    file: Option<Arc<File>>,
    /// A run without an end would fill the memory.
    bound: Option<Bound>,
    began: Instant,
}

impl Journal {
    /// An empty journal; the run begins now.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory for it.
    pub fn new() -> Result<Self, Error> {
        let refused = |errno: nix::Error| Error::refused("keep", "a journal", errno);
        let file = memfd_create(c"journal", MFdFlags::MFD_CLOEXEC).map_err(refused)?;
        // Appending, so that each write lands whole behind all others, from whichever process.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND)).map_err(refused)?;
        Ok(Self { file: Some(Arc::new(file.into())), bound: None, began: Instant::now() })
    }

    /// A journal that keeps nothing: for a server, which may run for ever.
    #[must_use]
    pub fn forgetful() -> Self {
        Self { file: None, bound: None, began: Instant::now() }
    }

    /// An empty journal that keeps the first `most` bytes and then no more: for a server of which a picture
    /// is wanted. When it is full, its last line is a mark that says so, `record full`, and `full` is
    /// called, once in the whole run.
    ///
    /// # Errors
    ///
    /// As [`Journal::new`].
    pub fn bounded(most: u64, full: fn(u64)) -> Result<Self, Error> {
        Ok(Self { bound: Some(Bound::new(most, full)?), ..Self::new()? })
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
            self.append(format!("{}\n", event.line()).as_bytes())
                .map_err(|source| Error::refused("write to", "the journal", source))?;
        }
        Ok(event)
    }

    /// Whether anything is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    pub(crate) fn since_began(&self, when: Instant) -> u64 {
        u64::try_from(when.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Appends whole lines in one piece, so that those of several processes do not mix.
    pub(crate) fn append(&self, lines: &[u8]) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut full = Vec::new();
        let lines = self.bound.as_ref().map_or(lines, |bound| bound.admit(lines, &mut full));
        file.as_ref().write_all(lines)
    }

    /// How far the record goes by now, in bytes: an offset for [`Journal::events_since`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn offset(&self) -> Result<u64, Error> {
        let length = self.file.as_ref().map_or(Ok(0), |file| file.metadata().map(|metadata| metadata.len()));
        length.map_err(unreadable)
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

    /// The lines themselves, torn ones too.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn lines_since(&self, offset: u64) -> Result<Vec<u8>, Error> {
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        let length = usize::try_from(self.offset()?.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, offset).map_err(unreadable)?;
        Ok(bytes)
    }
}

fn unreadable(source: io::Error) -> Error {
    Error::refused("read", "the journal", source)
}
