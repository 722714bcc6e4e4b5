//! One process or thread with a name, and what it can do: say, pause, draw a random number, start others.

mod failures;
mod outcome;
mod run;

pub use failures::Failures;
pub use outcome::Outcome;
pub(crate) use run::{Run, object};

use run::{in_words, note_end, tell, tell_at};

use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use journal::{Event, Kind};
use killproof::observe::Location as At;
use killproof::process::{self, Child, OnEnd, Process, Task};
use killproof::{interrupt, limits};

use crate::error::Error;
use crate::lang::Lang;
use crate::pace::Speed;
use crate::view;
use crate::words::Text;

/// One process or thread with a name.
///
/// It has random numbers of its own, drawn from the run's seed, the scene, and its place in the
/// family (the third actor of main, say): a generator that `fork` copied would give every child the
/// same numbers, and one that went by the name would give others in another language.
#[derive(Debug)]
pub struct Actor {
    pub(crate) run: Arc<Run>,
    /// In the run's language.
    name: String,
    /// Where its random numbers, and those of the actors that it makes, come from.
    seed: u64,
    /// How many actors it has made.
    made: Cell<u64>,
    random: RefCell<Xoshiro256PlusPlus>,
}

impl Actor {
    /// The main actor of a scene.
    pub(crate) fn main(run: Arc<Run>, scene: &str, name: &Text) -> Self {
        let seed = fnv1a(&[&run.seed.to_le_bytes(), scene.as_bytes()]);
        Self::new(run, name, seed)
    }

    fn new(run: Arc<Run>, called: &Text, seed: u64) -> Self {
        let name = called.in_lang(run.lang);
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
    /// As [`journal::Journal::name_of`].
    pub fn name_of(&self, pid: i32) -> Result<Option<String>, Error> {
        Ok(self.run.journal.name_of(pid)?)
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
    /// [`Error::OutputClosed`] if it has no reader; [`Error::Refused`] if it cannot be written.
    #[track_caller]
    pub fn say(&self, text: impl Into<Text>) -> Result<(), Error> {
        self.tell(Kind::Say, Some(&text.into()), Map::new()).map(|_| ())
    }

    /// Says that others may come now: `listening on 127.0.0.1:8005`, as a line of its own.
    ///
    /// # Errors
    ///
    /// As [`Actor::say`].
    #[track_caller]
    pub fn ready(&self, text: impl Into<Text>) -> Result<(), Error> {
        self.tell(Kind::Ready, Some(&text.into()), Map::new()).map(|_| ())
    }

    /// Pauses for the notes' `delay`, divided by the run's speed.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`], as soon as the run is asked to end.
    #[track_caller]
    pub fn pause(&self, delay: Duration) -> Result<(), Error> {
        let delay = self.run.speed.scale(delay);
        if delay.is_zero() {
            return Ok(interrupt::check()?);
        }
        let nanos = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        self.tell(Kind::Pause, None, object(json!({ "ns": nanos })))?;
        Ok(interrupt::sleep(delay)?)
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
    pub fn other(&self, name: impl Into<Text>) -> Self {
        self.made.set(self.made.get() + 1);
        let seed = fnv1a(&[&self.seed.to_le_bytes(), &self.made.get().to_le_bytes()]);
        Self::new(Arc::clone(&self.run), &name.into(), seed)
    }

    /// A process that will be an actor of this run; [`Process::start`] starts it.
    ///
    /// It is followed ([`Actor::follow`]). An error that the closure returns reaches the parent that joins it
    /// with [`Actor::join`], and the waits of a parent that waits for something else: they end with it.
    #[track_caller]
    pub fn process<'f, R: Outcome>(
        &self,
        name: impl Into<Text>,
        closure: impl FnOnce(&Self) -> R + Send + 'f,
    ) -> Process<'f> {
        let called = name.into();
        let actor = self.other(&called);
        let process = Process::new(actor.name.clone(), move || {
            let code = actor.run.failures.code(closure(&actor));
            view::show_waiting();
            code
        });
        self.follow_as(called, process)
    }

    /// A process of a type with a `run` method ([`Task`]) that will be an actor of this run, as
    /// [`Process::from_task`] makes one that is none. It is followed, and its error reaches its parent, as those of
    /// [`Actor::process`].
    #[track_caller]
    pub fn task<'f, T>(&self, name: impl Into<Text>, task: T) -> Process<'f>
    where
        T: Task + 'f,
        T::Output: Outcome,
    {
        self.process(name, move |_| task.run())
    }

    /// Makes a process an actor of this run: its birth and its end are recorded, and it dies with this
    /// process, so that nothing of a failed or killed run is left ([`Process::independent`] lets it live).
    ///
    /// It is linked with this process, whose waits end if it fails: a process that no scene wanted to die ends
    /// the run with an error that names it, and no other one waits for it ([`Process::unlinked`] is for one
    /// whose failure the scene expects).
    #[track_caller]
    pub fn follow<'f>(&self, process: Process<'f>) -> Process<'f> {
        let called = Text::from(process.name());
        self.follow_as(called, process)
    }

    /// As [`Actor::follow`], for a process whose name is an entry of a table of words: its birth has the key.
    #[track_caller]
    pub fn follow_as<'f>(&self, name: impl Into<Text>, process: Process<'f>) -> Process<'f> {
        let called = name.into();
        let name = process.name().to_owned();
        let (run, parent, at) = (Arc::clone(&self.run), self.name.clone(), Location::caller());
        // What the parent writes down cannot be lost by a child that is killed before it says a word.
        let on_start = move |pid, began| -> OnEnd {
            let me = nix::unistd::getpid().as_raw();
            let mut data = object(json!({ "child": name, "child_pid": pid, "child_tid": pid, "parent": me }));
            data.extend(in_words(&run, &called));
            let _ = tell_at(&run, began, &parent, Kind::Born, None, data, at);
            note_end(run, parent, name, pid)
        };
        process.die_with_parent().kill_on_drop().ignore_ctrl_c().linked().on_start(on_start)
    }

    /// A handle on an orphan of this run that this process adopted; its end is recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`] if there is no such process.
    pub fn adopted(&self, pid: i32, name: impl Into<Text>) -> Result<Child, Error> {
        let name = name.into().in_lang(self.run.lang);
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
        name: impl Into<Text>,
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
        name: impl Into<Text>,
        closure: impl FnOnce(&Self) -> R + Send + 'scope,
    ) -> Result<ScopedJoinHandle<'scope, R>, Error> {
        let called = name.into();
        let (actor, words, at) = (self.other(&called), in_words(&self.run, &called), Location::caller());
        let name = actor.name.clone();
        let body = move || {
            let me = nix::unistd::getpid().as_raw();
            let tid = nix::unistd::gettid().as_raw();
            let mut data = object(json!({ "child": actor.name, "child_pid": me, "child_tid": tid, "parent": me }));
            data.extend(words);
            let _ = tell(&actor.run, &actor.name, Kind::Born, None, data, at);
            let result = closure(&actor);
            let data = json!({ "child": actor.name, "child_pid": me, "child_tid": tid, "exit": "returned" });
            let _ = actor.tell(Kind::Ended, None, object(data));
            result
        };
        limits::allow_one_more_thread()?;
        let spawned = builder.name(name.clone()).spawn_scoped(scope, body);
        spawned.map_err(|source| Error::refused("start", name, source))
    }

    /// Joins a process that must succeed.
    ///
    /// # Errors
    ///
    /// The error that it ended with, if it did not; otherwise as [`Child::join`].
    #[track_caller]
    pub fn join(&self, child: &mut Child) -> Result<(), Error> {
        self.run.failures.join(child)
    }

    /// Joins processes that must all succeed.
    ///
    /// # Errors
    ///
    /// As [`Actor::join`], for the first that did not.
    #[track_caller]
    pub fn join_all(&self, children: &mut [Child]) -> Result<(), Error> {
        for child in children {
            self.join(child)?;
        }
        Ok(())
    }

    /// What a child that failed says of its failure itself, if it did say something.
    pub(crate) fn explained(&self, error: Error) -> Error {
        self.run.failures.explained(error)
    }

    #[track_caller]
    pub(crate) fn tell(&self, kind: Kind, text: Option<&Text>, data: Map<String, Value>) -> Result<Event, Error> {
        self.tell_at(kind, text, data, Location::caller())
    }

    pub(crate) fn tell_at(
        &self,
        kind: Kind,
        text: Option<&Text>,
        data: Map<String, Value>,
        at: At,
    ) -> Result<Event, Error> {
        tell(&self.run, &self.name, kind, text, data, at)
    }
}

/// Joins a thread and returns what it returned. If it panicked, so does the caller.
///
/// # Panics
///
/// With the thread's own panic.
#[track_caller]
pub fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    // One without a name is no actor of the run. One that is finished may still have to end, on a busy machine for
    // long.
    let waiting = thread.thread().name().map(journal::wait::for_thread);
    let returned = thread.join();
    drop(waiting);
    returned.unwrap_or_else(|panic| resume_unwind(panic))
}

/// FNV-1a, 64 bits, <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>: the same on every
/// machine and in every version, which the standard library's hasher does not promise.
fn fnv1a(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter().copied().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
