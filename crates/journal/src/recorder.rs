//! Whether events are recorded, in which journal, and in whose name.
//!
//! A line is written into a buffer of its thread and appended from there: no lock is taken, and none is
//! shared with another thread. A failed append stops no primitive: an actor that has something to say gets
//! the error of a full memory or a closed output.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use killproof::Error;
use killproof::identity;
use killproof::observe::{Location, ObjectKind};
use killproof::shared::Shared;

use crate::journal::Journal;
use crate::line;

const KINDS: usize = ObjectKind::ALL.len();

/// Changes whenever what threads remember of themselves or of the recorder is no longer true. 0: nothing
/// is recorded.
static GENERATION: AtomicU32 = AtomicU32::new(0);
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Locked only when a thread writes its first line, or its first one of a generation.
static RECORDER: Mutex<Option<Arc<Recorder>>> = Mutex::new(None);

thread_local! {
    static ME: RefCell<Option<Me>> = const { RefCell::new(None) };
    /// How many recorded locks this thread holds.
    static HELD: Cell<u32> = const { Cell::new(0) };
    /// It has a lock whose holding is not recorded yet: the wait for it is just ending.
    static ACQUIRED: Cell<bool> = const { Cell::new(false) };
}

/// How a recording shows itself as it happens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Show {
    /// Called with each line that a primitive wrote. It must not wait while the caller
    /// [holds a lock](holds_a_lock).
    pub line: Option<fn(&[u8])>,
    /// Called when the caller has freed the last lock that it held: what had to wait may be shown now.
    pub unlocked: Option<fn()>,
}

/// While it lives, locks, queues, events and barriers of this process and of those that it forks write
/// into a journal: [`watch`](crate::watch).
#[derive(Debug)]
#[must_use = "recording ends when this is dropped"]
pub struct Recording {
    made: Arc<Shared<[AtomicU32; KINDS]>>,
}

#[derive(Debug)]
struct Recorder {
    journal: Journal,
    show: Show,
    main_pid: i32,
    main: String,
    /// How many objects of each kind there are, in all processes of the run.
    made: Arc<Shared<[AtomicU32; KINDS]>>,
}

/// What a thread knows of itself, so that a line needs no system call.
pub(crate) struct Me {
    generation: u32,
    recorder: Arc<Recorder>,
    pub(crate) pid: i32,
    pub(crate) tid: i32,
    /// The part of every line that says who this is.
    pub(crate) who: Arc<[u8]>,
    /// The part of the last line that said where: a loop's lines all say the same.
    place: Option<(Location, Box<[u8]>)>,
    line: Vec<u8>,
}

impl Recording {
    pub(crate) fn start(journal: &Journal, main: &str, show: Show) -> Result<Self, Error> {
        let made = Arc::new(Shared::new([const { AtomicU32::new(0) }; KINDS])?);
        let main_pid = nix::unistd::getpid().as_raw();
        let (journal, main) = (journal.clone(), main.to_owned());
        let recorder = Recorder { journal, show, main_pid, main, made: Arc::clone(&made) };
        *recorder_slot() = Some(Arc::new(recorder));
        new_generation();
        Ok(Self { made })
    }

    /// Main has another name from now on.
    pub fn rename_main(&self, name: &str) {
        let mut slot = recorder_slot();
        let Some(now) = slot.take_if(|recorder| self.is_of(recorder)) else { return };
        let (journal, made) = (now.journal.clone(), Arc::clone(&now.made));
        let renamed = Recorder { journal, show: now.show, main_pid: now.main_pid, main: name.to_owned(), made };
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
        }
        // Or this thread would keep the journal open until it writes into another one.
        let close = |me: &RefCell<Option<Me>>| {
            me.try_borrow_mut().map(|mut me| me.take_if(|me| self.is_of(&me.recorder))).ok().flatten()
        };
        drop(ME.try_with(close));
    }
}

/// Whether events are recorded: one load. For a caller that would have to find out what to record.
#[inline]
#[must_use]
pub fn is_on() -> bool {
    GENERATION.load(Ordering::Relaxed) != 0
}

/// Whether the caller holds a recorded lock: then a write to a pipe or a terminal, which may wait for its
/// reader, would make all others wait that want the lock.
#[must_use]
pub fn holds_a_lock() -> bool {
    HELD.get() > 0
}

/// The caller's wait for a lock ends with the lock.
pub(crate) fn acquired() {
    if !ACQUIRED.replace(true) {
        HELD.set(HELD.get() + 1);
    }
}

/// The caller holds a lock, which it may have waited for.
pub(crate) fn locked() {
    if !ACQUIRED.take() {
        HELD.set(HELD.get() + 1);
    }
}

/// The caller has freed a lock.
pub(crate) fn unlocked() {
    let held = HELD.get().saturating_sub(1);
    HELD.set(held);
    if held == 0
        && let Some(unlocked) = with_me(|me| me.recorder.show.unlocked).flatten()
    {
        unlocked();
    }
}

impl Me {
    fn new(generation: u32) -> Option<Self> {
        let recorder = recorder_slot().clone()?;
        let (pid, tid) = (nix::unistd::getpid().as_raw(), nix::unistd::gettid().as_raw());
        let is_main = pid == recorder.main_pid && (tid == pid || std::thread::current().name().is_none());
        let name = if is_main { recorder.main.clone() } else { identity::name() };
        let who = line::who(pid, tid, &name).into();
        Some(Self { generation, recorder, pid, tid, who, place: None, line: Vec::new() })
    }

    /// Now, in nanoseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        self.recorder.journal.since_began(Instant::now())
    }

    /// The next number of its kind.
    pub(crate) fn number(&mut self, kind: ObjectKind) -> u32 {
        self.recorder.made[kind as usize].fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Writes a line of this actor: when, who, and what `rest` adds, which gets the part that says where.
    #[inline]
    pub(crate) fn write(&mut self, at: Location, rest: impl FnOnce(&mut Vec<u8>, &[u8])) {
        if !self.place.as_ref().is_some_and(|(of, _)| ptr::eq(*of, at)) {
            self.place = Some((at, line::place(at)));
        }
        let now = self.now();
        line::begin(&mut self.line, now, &self.who);
        rest(&mut self.line, self.place.as_ref().map_or(&[], |(_, place)| place));
        self.keep();
    }

    /// Writes a line in the name of `who`, or of this actor.
    #[inline]
    pub(crate) fn write_end(&mut self, who: Option<&[u8]>, rest: impl FnOnce(&mut Vec<u8>)) {
        let now = self.now();
        line::begin(&mut self.line, now, who.unwrap_or(&self.who));
        rest(&mut self.line);
        self.keep();
    }

    #[inline]
    fn keep(&mut self) {
        line::end(&mut self.line);
        let _ = self.recorder.journal.append(&self.line);
        if let Some(show) = self.recorder.show.line {
            show(&self.line);
        }
    }
}

/// Lends what this thread knows of itself. `None` where nothing is recorded, or the thread is at its end.
pub(crate) fn with_me<R>(work: impl FnOnce(&mut Me) -> R) -> Option<R> {
    let generation = GENERATION.load(Ordering::Relaxed);
    if generation == 0 {
        return None;
    }
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

/// Runs in the child of a fork, on its only thread: its pid, name and held locks are not its parent's.
pub(crate) fn forked() {
    HELD.set(0);
    ACQUIRED.set(false);
    if is_on() {
        new_generation();
    }
}
