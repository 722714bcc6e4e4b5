//! Many threads that begin together: all of them, or none if the system refuses one.

use std::hint;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};

use common::actor::{Actor, joined};
use common::journal::wait;
use common::stage::Stage;
use common::{Error, interrupt, limits};

use crate::words;

/// The threads wait here until the last one was started. True: they begin. False: the system refused
/// one of them, and they end.
///
/// At a [`std::sync::Barrier`] the others would wait for ever for the thread that was refused.
type Start = OnceLock<bool>;

/// In bytes. So small that the C library keeps the stacks of a crowd for the next one.
const STACK: usize = 64 << 10;

type Thread<'scope> = ScopedJoinHandle<'scope, Result<(), Error>>;

/// Runs `work` in `threads` threads, each an actor of the run with a name, and joins them.
pub(crate) fn actors(
    stage: &Stage,
    threads: u32,
    work: impl Fn(&Actor) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let start = Start::new();
    let body = |actor: &Actor| {
        let waiting = start.get().is_none().then(|| wait::for_event(words::start().in_lang(actor.lang())));
        let begins = *start.wait();
        drop(waiting);
        if begins { work(actor) } else { Ok(()) }
    };
    thread::scope(|scope| all_or_none(&start, threads, |i| stage.thread(scope, words::thread(i), body), ""))
}

/// Where threads meet by twos.
///
/// Threads that wait for one event wake one after the other, and each is done long before the next one
/// begins. So each thread waits a moment here for a second one, and both go on side by side. A thread
/// that meets no other in time goes on alone.
#[derive(Default)]
pub(crate) struct Pairs(AtomicU32);

impl Pairs {
    pub(crate) fn meet(&self) {
        /// Some microseconds: about as long as the next thread takes to wake.
        const MOMENT: u32 = 2_000;
        let complete = (self.0.fetch_add(1, Relaxed) | 1) + 1;
        for _ in 0..MOMENT {
            if self.0.load(Relaxed) >= complete {
                return;
            }
            hint::spin_loop();
        }
    }
}

/// Runs `work` in `threads` threads and joins them. The journal has no line of them: writing one for
/// each birth would take longer than the work. It has one for the wait of main for all of them.
pub(crate) fn plain(stage: &Stage, threads: u32, work: impl Fn() -> Result<(), Error> + Sync) -> Result<(), Error> {
    let (start, work) = (Start::new(), &work);
    let crowd = words::crowd().in_lang(stage.lang());
    let go = &start;
    thread::scope(|scope| {
        let spawn = |i| {
            let body = move || if *go.wait() { work() } else { Ok(()) };
            limits::allow_one_more_thread()?;
            let spawned = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, body);
            spawned.map_err(|source| Error::refused("start", words::thread(i), source))
        };
        all_or_none(&start, threads, spawn, &crowd)
    })
}

/// `crowd` is the name of all threads, if none has its own.
fn all_or_none<'scope>(
    start: &Start,
    threads: u32,
    mut spawn: impl FnMut(u32) -> Result<Thread<'scope>, Error>,
    crowd: &str,
) -> Result<(), Error> {
    let spawn_next = |i| {
        interrupt::check()?;
        spawn(i)
    };
    let started: Result<Vec<_>, Error> =
        limits::allow_threads(threads).map_err(Error::from).and_then(|()| (1..=threads).map(spawn_next).collect());
    start.get_or_init(|| started.is_ok());
    let _waiting = (!crowd.is_empty()).then(|| wait::for_thread(crowd));
    // Each is joined before the first error is returned.
    let results: Vec<_> = started?.into_iter().map(joined).collect();
    results.into_iter().collect()
}
