//! One process or thread with a name, and what it can do: say, pause, draw a random number, start others.

use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use crate::cli::Speed;
use crate::error::Error;
use crate::interrupt;
use crate::journal::{self, At, Event, Journal, Kind};
use crate::lang::{self, Lang};
use crate::process::{self, Child, Exit, IntoExit, OnEnd, Process};
use crate::queue::Queue;
use crate::view::View;

/// What all actors of one run share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) lang: Lang,
    pub(crate) speed: Speed,
    pub(crate) seed: u64,
    pub(crate) journal: Journal,
    pub(crate) view: View,
    /// The first error of a child, with its exit code, for whoever joins it.
    pub(crate) failures: Queue<(u8, String)>,
}

/// One process or thread with a name.
///
/// It has random numbers of its own, drawn from the run's seed, the scene, and its place in the
/// family (the third actor of main, say): a generator that `fork` copied would give every child the
/// same numbers, and one that went by the name would give others in another language.
#[derive(Debug)]
pub struct Actor {
    pub(crate) run: Arc<Run>,
    name: String,
    /// Where its random numbers, and those of the actors that it makes, come from.
    seed: u64,
    /// How many actors it has made.
    made: Cell<u64>,
    random: RefCell<Xoshiro256PlusPlus>,
}

impl Actor {
    /// The main actor of a scene.
    pub(crate) fn main(run: Arc<Run>, scene: &str, name: String) -> Self {
        let seed = fnv1a(&[&run.seed.to_le_bytes(), scene.as_bytes()]);
        Self::new(run, name, seed)
    }

    fn new(run: Arc<Run>, name: String, seed: u64) -> Self {
        let random = RefCell::new(Xoshiro256PlusPlus::seed_from_u64(seed));
        Self { run, name, seed, made: Cell::new(0), random }
    }

    /// Its name, in the run's language.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the actor that is, or last was, the process with this id: of a dead one, too.
    ///
    /// # Errors
    ///
    /// As [`Journal::name_of`].
    pub fn name_of(&self, pid: i32) -> Result<Option<String>, Error> {
        self.run.journal.name_of(pid)
    }

    /// The run's language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.run.lang
    }

    /// The run's speed: what the notes' delays are divided by.
    #[must_use]
    pub fn speed(&self) -> Speed {
        self.run.speed
    }

    /// Says one line. It is on its way to the terminal (and in the journal) when this returns.
    ///
    /// # Errors
    ///
    /// [`Error::OutputClosed`] if nobody reads it; [`Error::Refused`] if it cannot be written.
    #[track_caller]
    pub fn say(&self, text: impl Into<String>) -> Result<(), Error> {
        self.tell(Kind::Say, Some(text.into()), Map::new()).map(|_| ())
    }

    /// Says that others may come now: `listening on 127.0.0.1:8005`, as a line of its own.
    ///
    /// # Errors
    ///
    /// As [`Actor::say`].
    #[track_caller]
    pub fn ready(&self, text: impl Into<String>) -> Result<(), Error> {
        self.tell(Kind::Ready, Some(text.into()), Map::new()).map(|_| ())
    }

    /// Pauses for the notes' `delay`, divided by the run's speed.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`], as soon as the run is asked to end.
    #[track_caller]
    pub fn pause(&self, delay: Duration) -> Result<(), Error> {
        let delay = self.run.speed.scale(delay);
        if delay.is_zero() {
            return interrupt::check();
        }
        let nanos = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        self.tell(Kind::Pause, None, object(json!({ "ns": nanos })))?;
        interrupt::sleep(delay)
    }

    /// Pauses for a random whole number of the notes' seconds, divided by the run's speed:
    /// Python's `time.sleep(random.randint(1, 5))`.
    ///
    /// # Errors
    ///
    /// As [`Actor::pause`].
    #[track_caller]
    pub fn pause_random(&self, seconds: RangeInclusive<u64>) -> Result<(), Error> {
        self.pause(Duration::from_secs(self.random(seconds)))
    }

    /// A random whole number out of `range`, both ends included: Python's `random.randint`.
    ///
    /// # Panics
    ///
    /// If the range is empty.
    #[must_use]
    pub fn random(&self, range: RangeInclusive<u64>) -> u64 {
        self.random.borrow_mut().random_range(range)
    }

    /// Another actor of the same run, to be used in another thread.
    #[must_use]
    pub fn other(&self, name: impl Into<String>) -> Self {
        self.made.set(self.made.get() + 1);
        let seed = fnv1a(&[&self.seed.to_le_bytes(), &self.made.get().to_le_bytes()]);
        Self::new(Arc::clone(&self.run), name.into(), seed)
    }

    /// A process that will be an actor of this run; [`Process::start`] starts it.
    ///
    /// It is followed ([`Actor::follow`]). An error that the closure returns is told to whoever joins it with [`Actor::join`].
    #[track_caller]
    pub fn process<'f, R: IntoExit>(
        &self,
        name: impl Into<String>,
        closure: impl FnOnce(&Self) -> R + Send + 'f,
    ) -> Process<'f> {
        let name = name.into();
        let actor = self.other(name.clone());
        let body = move || closure(&actor).into_exit().unwrap_or_else(|error| actor.hand_on(&error));
        self.follow(Process::new(name, body))
    }

    /// Makes a process an actor of this run: its birth and its end are recorded, and it is tied to
    /// this process, so that nothing of a failed or killed run is left ([`Process::untied`] lets it live).
    #[track_caller]
    pub fn follow<'f>(&self, process: Process<'f>) -> Process<'f> {
        let name = process.name().to_owned();
        let other = other_name(&name);
        let (run, parent, at) = (Arc::clone(&self.run), self.name.clone(), Location::caller());
        // What the parent writes down cannot be lost by a child that is killed before it says a word.
        let on_start = Box::new(move |pid, began| -> OnEnd {
            let me = nix::unistd::getpid().as_raw();
            let mut data = object(json!({ "child": name, "child_pid": pid, "child_tid": pid, "parent": me }));
            data.extend(other);
            let _ = tell_at(&run, began, &parent, Kind::Born, None, data, at);
            note_end(run, parent, name, pid)
        });
        process.tied().on_start(on_start)
    }

    /// A handle on an orphan of this run that this process adopted; its end is recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is no such process.
    pub fn adopted(&self, pid: i32, name: impl Into<String>) -> Result<Child, Error> {
        let name = name.into();
        let note = note_end(Arc::clone(&self.run), self.name.clone(), name.clone(), pid);
        Ok(process::adopted(pid, name)?.on_end(note))
    }

    /// Starts a thread of this process that is an actor of this run.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no thread.
    #[track_caller]
    pub fn thread<'scope, R: Send + 'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        name: impl Into<String>,
        closure: impl FnOnce(&Self) -> R + Send + 'scope,
    ) -> Result<ScopedJoinHandle<'scope, R>, Error> {
        self.thread_by(thread::Builder::new(), scope, name, closure)
    }

    /// As [`Actor::thread`], with a stack as `builder` says: where there are thousands of threads, it
    /// matters how much memory each reserves.
    ///
    /// # Errors
    ///
    /// As [`Actor::thread`].
    #[track_caller]
    pub fn thread_by<'scope, R: Send + 'scope>(
        &self,
        builder: thread::Builder,
        scope: &'scope Scope<'scope, '_>,
        name: impl Into<String>,
        closure: impl FnOnce(&Self) -> R + Send + 'scope,
    ) -> Result<ScopedJoinHandle<'scope, R>, Error> {
        let name = name.into();
        let (actor, other, at) = (self.other(name.clone()), other_name(&name), Location::caller());
        let body = move || {
            let me = nix::unistd::getpid().as_raw();
            let tid = nix::unistd::gettid().as_raw();
            let mut data = object(json!({ "child": actor.name, "child_pid": me, "child_tid": tid, "parent": me }));
            data.extend(other);
            let _ = tell(&actor.run, &actor.name, Kind::Born, None, data, at);
            let result = closure(&actor);
            let data = json!({ "child": actor.name, "child_pid": me, "child_tid": tid, "exit": "returned" });
            let _ = actor.tell(Kind::Ended, None, object(data));
            result
        };
        let spawned = builder.name(name.clone()).spawn_scoped(scope, body);
        spawned.map_err(|source| Error::refused("start", name, source))
    }

    /// Joins a process that must succeed.
    ///
    /// # Errors
    ///
    /// The error that it ended with, if it did not; otherwise as [`Child::join`].
    pub fn join(&self, child: &mut Child) -> Result<(), Error> {
        match child.join()? {
            exit if exit.success() => Ok(()),
            exit => Err(self.why(child.name(), exit)),
        }
    }

    /// Joins processes that must all succeed.
    ///
    /// # Errors
    ///
    /// As [`Actor::join`], for the first that did not.
    pub fn join_all(&self, children: &mut [Child]) -> Result<(), Error> {
        children.iter_mut().try_for_each(|child| self.join(child))
    }

    fn why(&self, name: &str, exit: Exit) -> Error {
        if exit == Exit::Code(Error::OutputClosed.code().into()) {
            return Error::OutputClosed;
        }
        match self.run.failures.try_get() {
            Ok((code, message)) => Error::Relayed { message, code },
            Err(_) => Error::Child { name: name.to_owned(), exit },
        }
    }

    /// Leaves an error for whoever joins this process. The first one is told, the others are its echoes.
    fn hand_on(&self, error: &Error) -> u8 {
        if !matches!(error, Error::OutputClosed | Error::Interrupted(_)) {
            let _ = self.run.failures.try_put((error.code(), error.to_string()));
        }
        error.code()
    }

    #[track_caller]
    pub(crate) fn tell(&self, kind: Kind, text: Option<String>, data: Map<String, Value>) -> Result<Event, Error> {
        tell(&self.run, &self.name, kind, text, data, Location::caller())
    }
}

/// Joins a thread and returns what it returned. If it panicked, so does whoever joins it.
///
/// # Panics
///
/// With the thread's own panic.
pub fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// The key that has a child's name in the other language, where that is known.
fn other_name(name: &str) -> Option<(String, Value)> {
    lang::other(name).map(|other| ("other".to_owned(), other.into()))
}

/// Writes down the end of a process, when it is reaped by `parent`.
fn note_end(run: Arc<Run>, parent: String, name: String, pid: i32) -> OnEnd {
    Box::new(move |exit| {
        let exit = exit.map_or_else(|| "unknown".to_owned(), |exit| exit.to_string());
        let data = json!({ "child": name, "child_pid": pid, "child_tid": pid, "exit": exit });
        let _ = tell(&run, &parent, Kind::Ended, None, object(data), Location::caller());
    })
}

fn tell(
    run: &Run,
    actor: &str,
    kind: Kind,
    text: Option<String>,
    data: Map<String, Value>,
    at: At,
) -> Result<Event, Error> {
    tell_at(run, Instant::now(), actor, kind, text, data, at)
}

fn tell_at(
    run: &Run,
    when: Instant,
    actor: &str,
    kind: Kind,
    text: Option<String>,
    mut data: Map<String, Value>,
    at: At,
) -> Result<Event, Error> {
    if (run.journal.is_kept() || run.view.is_journal())
        && let Some(line) = journal::line(at)
    {
        data.insert("at".to_owned(), line.into());
    }
    if run.view.is_journal()
        && let Some(text) = &text
        && let Some(other) = lang::other(text)
    {
        data.insert("other".to_owned(), other.into());
    }
    let event = run.journal.record(when, actor, kind, text, data)?;
    run.view.show(&event)?;
    Ok(event)
}

/// The keys of a JSON object that was written as a literal.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// FNV-1a, 64 bits, <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>: the same on every
/// machine and in every version, which the standard library's hasher does not promise.
fn fnv1a(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter().copied().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
