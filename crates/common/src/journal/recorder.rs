//! Who writes into the journal for locks, queues and gates: on or off, and in whose name.
//!
//! A line is written into a buffer of its thread and from there by one append: no lock is taken, and
//! none is shared with another thread. What cannot be recorded keeps nobody from working: an actor
//! that has something to say is told that nobody reads it any more, or that the memory is full.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Journal;
use super::span::{THINGS, Thing};
use crate::error::Error;
use crate::shared::Shared;
use crate::{view, whoami};

/// Changes whenever what threads remember of themselves or of the recorder is true no more. 0: nobody records.
static GENERATION: AtomicU32 = AtomicU32::new(0);
/// Whether the lines go to standard output as well.
static SHOWN: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Who records. Locked only when a thread writes its first line, or its first one of a generation.
static RECORDER: Mutex<Option<Arc<Recorder>>> = Mutex::new(None);

thread_local! {
    static ME: RefCell<Option<Me>> = const { RefCell::new(None) };
}

/// An actor at an instant, as the journal names it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Here {
    pub(crate) pid: i32,
    pub(crate) tid: i32,
    pub(crate) t: u64,
}

/// While it lives, locks, queues and gates of this process and of those that it forks write into a
/// journal: [`Journal::watch`].
#[derive(Debug)]
#[must_use = "recording ends when this is dropped"]
pub struct Recording {
    made: Arc<Shared<[AtomicU32; THINGS]>>,
}

#[derive(Debug)]
struct Recorder {
    journal: Journal,
    /// Lines go to standard output as well.
    shown: bool,
    main_pid: i32,
    main: String,
    /// How many there are of each [`Thing`], in all processes of the run.
    made: Arc<Shared<[AtomicU32; THINGS]>>,
}

/// What a thread knows of itself, so that a line needs no system call but the one that writes it.
pub(super) struct Me {
    generation: u32,
    recorder: Arc<Recorder>,
    pid: i32,
    tid: i32,
    /// The part of every line that says who this is.
    pub(super) who: Arc<str>,
    line: Vec<u8>,
}

impl Recording {
    pub(crate) fn start(journal: &Journal, main: &str, shown: bool) -> Result<Self, Error> {
        // A child that went by its parent's memory would record in its parent's name.
        if !whoami::is_forgotten_by_children() {
            return Err(Error::refused("keep", "a journal", std::io::ErrorKind::OutOfMemory));
        }
        let made = Arc::new(Shared::new([const { AtomicU32::new(0) }; THINGS])?);
        let main_pid = nix::unistd::getpid().as_raw();
        let (journal, main) = (journal.clone(), main.to_owned());
        let recorder = Recorder { journal, shown, main_pid, main, made: Arc::clone(&made) };
        *recorder_slot() = Some(Arc::new(recorder));
        SHOWN.store(shown, Ordering::Relaxed);
        new_generation();
        Ok(Self { made })
    }

    /// Main has another name from now on.
    pub(crate) fn rename_main(&self, name: &str) {
        let mut slot = recorder_slot();
        let Some(now) = slot.take_if(|recorder| self.is_of(recorder)) else { return };
        let (journal, made) = (now.journal.clone(), Arc::clone(&now.made));
        let renamed = Recorder { journal, shown: now.shown, main_pid: now.main_pid, main: name.to_owned(), made };
        *slot = Some(Arc::new(renamed));
        drop(slot);
        new_generation();
    }

    fn is_of(&self, recorder: &Recorder) -> bool {
        Arc::ptr_eq(&self.made, &recorder.made)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // A younger one goes on.
        let mut slot = recorder_slot();
        if slot.take_if(|recorder| self.is_of(recorder)).is_some() {
            GENERATION.store(0, Ordering::Relaxed);
            SHOWN.store(false, Ordering::Relaxed);
        }
    }
}

/// Whether somebody records: one load.
#[inline]
pub(crate) fn is_on() -> bool {
    GENERATION.load(Ordering::Relaxed) != 0
}

/// Whether the journal is shown to a program as it happens: one load.
#[inline]
pub(crate) fn is_shown() -> bool {
    SHOWN.load(Ordering::Relaxed)
}

/// The caller, now. `None` if nobody records.
pub(crate) fn here() -> Option<Here> {
    let now = |me: &mut Me| Here { pid: me.pid, tid: me.tid, t: me.recorder.journal.since_began(Instant::now()) };
    is_on().then(|| with_me(now)).flatten()
}

impl Me {
    fn new(generation: u32) -> Option<Self> {
        let recorder = recorder_slot().clone()?;
        let (pid, tid) = (nix::unistd::getpid().as_raw(), nix::unistd::gettid().as_raw());
        let name = match std::thread::current().name() {
            Some(own) if tid != pid => own.to_owned(),
            _ if pid == recorder.main_pid => recorder.main.clone(),
            _ => whoami::name(),
        };
        let mut who = format!(r#","pid":{pid},"tid":{tid},"actor":"#);
        write!(who, "{}", serde_json::Value::from(name)).ok()?;
        who.push_str(r#","kind":""#);
        Some(Self { generation, recorder, pid, tid, who: who.into(), line: Vec::new() })
    }

    /// The next number of its kind.
    pub(super) fn number(&mut self, thing: Thing) -> u32 {
        self.recorder.made[thing as usize].fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Writes a line: when, who, and what `rest` adds.
    pub(super) fn write(&mut self, who: &str, rest: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) {
        let Self { recorder, line, .. } = self;
        line.clear();
        let _ = write!(line, r#"{{"t":{}"#, recorder.journal.since_began(Instant::now()));
        line.extend_from_slice(who.as_bytes());
        let _ = rest(line);
        line.extend_from_slice(b"}\n");
        let _ = recorder.journal.append(line);
        if recorder.shown {
            let _ = view::write_bytes(line);
        }
    }
}

/// Lends what this thread knows of itself. `None` where nobody records, or the thread is at its end.
pub(super) fn with_me<R>(work: impl FnOnce(&mut Me) -> R) -> Option<R> {
    let generation = GENERATION.load(Ordering::Relaxed);
    let lent = ME.try_with(|me| {
        let mut me = me.try_borrow_mut().ok()?;
        if me.as_ref().is_none_or(|me| me.generation != generation) {
            *me = Me::new(generation);
        }
        me.as_mut().map(work)
    });
    lent.ok().flatten()
}

fn recorder_slot() -> MutexGuard<'static, Option<Arc<Recorder>>> {
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_generation() {
    GENERATION.store(NEXT.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
}

/// Runs in the child of a fork, on its only thread: it is somebody else than its parent.
pub(crate) fn forget() {
    if is_on() {
        new_generation();
    }
}
