//! The record of one run: who said, did, held and died, and when.
//!
//! Every event is one line of JSON, written by one append to an anonymous file that all processes
//! of the run share. So an event survives the death of its writer in the next instruction, lines
//! of several processes never mix, and nothing is left on disk after the run. Times are
//! nanoseconds on one monotonic clock since the run began, the same for all processes.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Instant;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;

/// The longest line, in bytes: what a pipe takes in one piece.
pub const LINE: usize = 4096;

/// What happened. Closed: a reader may rely on knowing all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The run began; with `section`, `seed`, `speed` and `lang`.
    Run,
    /// A scene began; `text` is its name.
    Scene,
    /// Something was claimed before the act; with `expected`.
    Claim,
    /// An actor said `text`.
    Say,
    /// A process or thread began: `child`, `child_pid`, `child_tid`, and `parent`, the pid of who
    /// started it. Written by a process's parent, by a thread itself.
    Born,
    /// A process or thread ended: `child`, `child_pid`, `child_tid`, and `exit`: `code 0`, `signal
    /// SIGKILL`; `returned` for a thread. Written by who reaped the process, by a thread itself.
    Ended,
    /// An actor pauses; with `ns`, for how long at most.
    Pause,
    /// A program is ready for others: `text` says for what ("listening on 127.0.0.1:8005").
    Ready,
    /// A number was measured; with `value` and `unit`.
    Figure,
    /// A claim was held against what was seen; with `expected`, `observed` and `held`.
    Check,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since the run began, on one monotonic clock for all processes.
    pub t: u64,
    /// Process id of the writer.
    pub pid: i32,
    /// Thread id of the writer.
    pub tid: i32,
    /// Its name, in the run's language.
    pub actor: String,
    /// What happened.
    pub kind: Kind,
    /// In words, in the run's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Further keys, by kind.
    #[serde(flatten)]
    pub data: Map<String, Value>,
}

impl Event {
    /// The event as one line of JSON, without the newline, of at most [`LINE`] bytes with it.
    ///
    /// A text that is too long ends in `…`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default(); // maps and strings: cannot fail
        let mut event = None;
        while line.len() >= LINE {
            let event: &mut Self = event.get_or_insert_with(|| self.clone());
            let Some(text) = event.text.as_mut().filter(|text| text.len() > 8) else { break };
            text.truncate(text.floor_char_boundary(text.len() / 2));
            text.push('…');
            line = serde_json::to_string(event).unwrap_or_default();
        }
        line
    }
}

/// The journal of one run. Cloned and forked handles append to the same record.
///
/// ```
/// use std::time::Instant;
/// use common::journal::{Journal, Kind};
/// use common::process::Process;
///
/// let journal = Journal::new()?;
/// let speak = || journal.record(Instant::now(), "child", Kind::Say, Some("hello".into()), Default::default()).map(drop);
/// let mut child = Process::new("child", speak).start()?;
/// child.kill()?; // now, before it spoke, or after: a line is there whole or not at all
/// child.join()?;
/// assert!(journal.events_since(0)?.len() <= 1);
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Journal {
    /// `None` for a run without an end, whose record would grow without one.
    file: Option<Arc<File>>,
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
        // Appending, so that each write lands whole behind all others, whoever writes.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND)).map_err(refused)?;
        Ok(Self { file: Some(Arc::new(file.into())), began: Instant::now() })
    }

    /// A journal that keeps nothing: for a server, which may run for ever.
    #[must_use]
    pub fn forgetful() -> Self {
        Self { file: None, began: Instant::now() }
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
            t: u64::try_from(when.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX),
            pid: nix::unistd::getpid().as_raw(),
            tid: nix::unistd::gettid().as_raw(),
            actor: actor.to_owned(),
            kind,
            text,
            data,
        };
        if let Some(file) = &self.file {
            write_line(file.as_ref(), &event.line())
                .map_err(|source| Error::refused("write to", "the journal", source))?;
        }
        Ok(event)
    }

    /// How far the record goes by now: a mark for [`Journal::events_since`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn mark(&self) -> Result<u64, Error> {
        let length = self.file.as_ref().map_or(Ok(0), |file| file.metadata().map(|metadata| metadata.len()));
        length.map_err(unreadable)
    }

    /// What was recorded since `mark`, in the order in which it was written. A line that is not an
    /// event is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn events_since(&self, mark: u64) -> Result<Vec<Event>, Error> {
        let lines = self.lines_since(mark)?;
        Ok(lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// The name of the process that has this id, or was the last to have it: of a dead one, too.
    /// `None` if the record knows of no such birth.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the record cannot be read.
    pub fn name_of(&self, pid: i32) -> Result<Option<String>, Error> {
        // Nearly all lines are about something else: only those that have the number are read as events.
        let number = format!("\"child_tid\":{pid}");
        let lines = self.lines_since(0)?;
        let lines = lines.rsplit(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
        let mut events = lines.filter(|line| line.contains(&number)).filter_map(|line| serde_json::from_str(line).ok());
        let is_its_birth =
            |event: &Event| event.kind == Kind::Born && event.data.get("child_tid").is_some_and(|child| *child == pid);
        let birth = events.find(is_its_birth);
        Ok(birth.and_then(|birth| Some(birth.data.get("child")?.as_str()?.to_owned())))
    }

    fn lines_since(&self, mark: u64) -> Result<Vec<u8>, Error> {
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        let length = usize::try_from(self.mark()?.saturating_sub(mark)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, mark).map_err(unreadable)?;
        Ok(bytes)
    }
}

fn unreadable(source: io::Error) -> Error {
    Error::refused("read", "the journal", source)
}

/// Writes a line and its end in one piece, so that lines of several processes do not mix.
pub(crate) fn write_line(mut file: impl Write, line: &str) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    file.write_all(&bytes)
}
