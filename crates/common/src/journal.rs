//! The record of one run: who said, did, waited, held and died, and when.
//!
//! Every event is one line of JSON, written by one append to an anonymous file that all processes
//! of the run share. So an event survives the death of its writer in the next instruction, lines
//! of several processes never mix, and nothing is left on disk after the run. Times are
//! nanoseconds on one monotonic clock since the run began, the same for all processes.
//!
//! # The lines
//!
//! Every line has `t` (when), `pid` and `tid` (which process and thread), `actor` (its name, in the
//! run's language) and `kind`. This is version [`VERSION`], which the first line bears as `version`:
//!
//! What a line of a section's code made bears that line as `at`: `crates/race/src/lib.rs:123`. (An `end` bears none: its
//! `begin` does. Nor does what the toolkit did by itself.) Where the journal is shown as it happens, a `claim`, `say`, `ready`
//! or `check` has its text in the other language as `other`, and a `born` the child's name, where the code has both.
//!
//! | `kind` | what happened | further keys |
//! |---|---|---|
//! | `run` | the run began | `version`, `section`, `seed`, `speed`, `lang` |
//! | `scene` | a scene began | `text`: its name |
//! | `claim` | something was claimed before the act | `text`, `expected` |
//! | `say` | the actor said something | `text` |
//! | `born` | a process or thread began; written by the process's parent, by a thread itself | `child`, `child_pid`, `child_tid`, `parent`: the pid of who started it |
//! | `ended` | it ended; written by who reaped the process, by a thread itself | `child`, `child_pid`, `child_tid`, `exit`: `code 0`, `signal SIGKILL`; `returned` for a thread; `unknown` if the kernel reaped it |
//! | `pause` | the actor pauses | `ns`: for how long at most |
//! | `ready` | a program is ready for others | `text`: for what |
//! | `begin` | the actor begins a span | `span`, `doing`, `on`; `shared`: true, if others may hold the same lock meanwhile |
//! | `end` | it ends one | `span`; `how`, unless it is the usual end: `timed out`, `interrupted`; `panicked` for a lock or for work; `returned` for work that was not done |
//! | `mark` | something happened at this instant | `what`, `on`, and what the table below says |
//! | `figure` | a number was measured | `text`: its name, `value`, `unit`; `measure` of what `subject`, if it stands beside others |
//! | `check` | a claim was held against what was seen | `text`, `expected`, `observed`, `held` |
//!
//! Locks, queues and gates write `begin`, `end` and `mark` by themselves; servers do by [`connection`].
//! `on` says which it is: a lock on a file by the file's name, a client by its port (`client 51234`), everything
//! else by its place among all of its kind in the run (`mutex 1`, `queue 2`, `gate 1`, `barrier 1`).
//!
//! | `doing` | from | to |
//! |---|---|---|
//! | `wait-lock` | the lock is somebody else's | it is this actor's, or given up |
//! | `hold-lock` | right after it was taken | right before it is free: of one lock, no two that are not `shared` overlap |
//! | `wait-put`, `wait-get` | falling asleep at a full or empty queue | the value is in or out, or it is given up |
//! | `wait-join` | falling asleep, because values are not done | all are done, or it is given up |
//! | `work` | a [`Delivery`](crate::queue::Delivery) was taken | it is done, or goes back |
//! | `wait-gate` | a gate is closed, or somebody is missing at a barrier | it opens, all are there, or it is given up |
//! | `connection` | a thread serves a client, and nobody else | the connection is closed |
//!
//! What does not block is no wait: a put that finds room writes nothing.
//!
//! | `what` | written by | further keys |
//! |---|---|---|
//! | `handed over` | who gets a value from a queue for the first time | `from_pid`, `from_tid`: who put it, `from_t`: when |
//! | `redelivered` | who gets it again | `from_pid`: the last who died with it, if somebody did |
//! | `dead letter` | who gave a value up | `from_pid`: the last who died with it, if that is why |
//! | `owner died` | who got a mutex whose holder died, or panicked, inside | `from_pid`: that holder |
//! | `exits` | a process that ends by itself, right before it does; `on` is empty | `exit`: `code 0`. Until somebody reaps it (`ended`) it is a zombie |
//! | `accepted` | who accepts a client | |
//! | `closed` | who closed a client's connection | `received`, `sent`: how many bytes came and went |
//! | `record full` | who found no room for its event in a [bounded](Journal::bounded) journal; it ends here | |
//!
//! # How to read it
//!
//! - A `span` is a number that is unique within its `pid` and `tid`. An `end` bears the `pid`, `tid` and `actor` of its
//!   `begin`, even where another thread has ended it.
//! - The spans of an actor nest as its guards and deliveries do. Who lets go of the first lock while it
//!   holds a second one has spans that overlap.
//! - The `t` of an actor rise from line to line. Lines of different actors stand in the order in which they
//!   were written, which is nearly the order of their times.
//! - A span without an `end` was cut by its actor's death, or by the end of the run. The death is known by `ended`, which is
//!   when somebody learnt of it: the kernel may have freed a dead holder's lock, and a queue may have
//!   handed its delivery to somebody else, a moment before.

mod bound;
pub mod connection;
mod doing;
mod line;
mod recorder;
mod span;

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
use bound::Bound;

pub(crate) use bound::MOST;
pub use doing::Doing;
pub(crate) use line::At;
pub use recorder::Recording;
pub(crate) use recorder::{Here, forget, here, is_on, is_shown};
pub(crate) use span::{Made, Span, SpanHere, Thing, What, begin, exits};

/// The version of the kinds and keys described above. It changes when a reader would have to.
pub const VERSION: u32 = 1;

/// The longest line, in bytes: what a pipe takes in one piece.
pub const LINE: usize = 4096;

/// What happened. Closed: a reader may rely on knowing all of them. What each bears is [said above](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The run began.
    Run,
    /// A scene began.
    Scene,
    /// Something was claimed before the act.
    Claim,
    /// An actor said something.
    Say,
    /// A process or thread began.
    Born,
    /// A process or thread ended.
    Ended,
    /// An actor pauses.
    Pause,
    /// A program is ready for others.
    Ready,
    /// An actor begins a span.
    Begin,
    /// An actor ends a span.
    End,
    /// Something happened at this instant.
    Mark,
    /// A number was measured.
    Figure,
    /// A claim was held against what was seen.
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
    /// `None` for a run without an end that nobody wants a record of.
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
        // Appending, so that each write lands whole behind all others, whoever writes.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND)).map_err(refused)?;
        Ok(Self { file: Some(Arc::new(file.into())), bound: None, began: Instant::now() })
    }

    /// A journal that keeps nothing: for a server, which may run for ever.
    #[must_use]
    pub fn forgetful() -> Self {
        Self { file: None, bound: None, began: Instant::now() }
    }

    /// An empty journal that keeps the first `most` bytes and then no more: for a server that somebody wants
    /// a picture of. When it is full, its last line is a mark that says so, `record full`, and `program`
    /// says so on standard error, once.
    ///
    /// # Errors
    ///
    /// As [`Journal::new`].
    pub fn bounded(program: &'static str, most: u64) -> Result<Self, Error> {
        Ok(Self { bound: Some(Bound::new(program, most)?), ..Self::new()? })
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

    /// Has every lock, queue and gate that is made from now on, as long as the result lives, write
    /// down who waits for it, who holds it and who works on what came out of it. `main` is what this
    /// process is called; those that are forked from it have names of their own.
    ///
    /// A stage does this for its own run.
    ///
    /// ```
    /// use common::journal::{Journal, Kind};
    /// use common::mutex::SharedMutex;
    ///
    /// let journal = Journal::new()?;
    /// let recording = journal.watch("main")?;
    /// let mutex = SharedMutex::new(0)?;
    /// *mutex.lock()? += 1;
    /// drop(recording);
    /// *mutex.lock()? += 1; // nobody hears of it
    /// let events = journal.events_since(0)?;
    /// let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    /// assert_eq!(kinds, [Kind::Begin, Kind::End]);
    /// assert_eq!((&events[0].data["doing"], &events[0].data["on"]), (&"hold-lock".into(), &"mutex 1".into()));
    /// # Ok::<(), common::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory for it.
    pub fn watch(&self, main: &str) -> Result<Recording, Error> {
        Recording::start(self, main, false)
    }

    /// Whether anything is kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    fn since_began(&self, when: Instant) -> u64 {
        u64::try_from(when.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Appends whole lines in one piece, so that those of several processes do not mix.
    fn append(&self, lines: &[u8]) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut full = Vec::new();
        let lines = self.bound.as_ref().map_or(lines, |bound| bound.admit(lines, &mut full));
        file.as_ref().write_all(lines)
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

    /// The lines themselves, torn ones too.
    pub(crate) fn lines_since(&self, mark: u64) -> Result<Vec<u8>, Error> {
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        let length = usize::try_from(self.mark()?.saturating_sub(mark)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, mark).map_err(unreadable)?;
        Ok(bytes)
    }
}

/// The line of a section's code at `at`, as an event bears it; `None` if it is nobody's.
pub(crate) fn line(at: At) -> Option<String> {
    line::of(at).map(|(path, number)| format!("{path}:{number}"))
}

fn unreadable(source: io::Error) -> Error {
    Error::refused("read", "the journal", source)
}
