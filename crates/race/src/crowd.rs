//! Many threads that begin together: all of them, or none if the system refuses one.

use std::hint;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};

use common::actor::{Actor, joined};
use common::limits;
use common::stage::Stage;
use common::{Error, interrupt, text};

/// The threads wait here until the last one was started. True: go. False: one was refused, go home.
///
/// Unlike a [`std::sync::Barrier`] it needs nobody to come: threads that wait for a thread that the
/// system never gave would wait for ever.
type Start = OnceLock<bool>;

/// Small enough for the C library to keep the stacks of a crowd for the next one.
const STACK: usize = 64 << 10;

type Thread<'scope> = ScopedJoinHandle<'scope, Result<(), Error>>;

/// Runs `work` in so many threads of the run, each an actor with a name, and joins them.
pub(crate) fn actors(
    stage: &Stage,
    threads: u32,
    work: impl Fn(&Actor) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let start = Start::new();
    let body = |actor: &Actor| if *start.wait() { work(actor) } else { Ok(()) };
    thread::scope(|scope| {
        all_or_none(&start, threads, |i| stage.thread(scope, text!(stage, "thread {i}", "线程{i}"), body))
    })
}

/// Where threads meet by twos.
///
/// Threads that wait for one gate wake one after the other, each long done when the next one
/// begins. So each waits a moment for a second one, and both leave side by side. What they do then
/// is up to them, and one that meets nobody in time goes alone.
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

/// Runs `work` in so many threads, told which one it is, and joins them. The journal does not hear
/// of them: a line for each birth would take longer than what is watched here.
pub(crate) fn plain(threads: u32, work: impl Fn(u32) -> Result<(), Error> + Sync) -> Result<(), Error> {
    let (start, work) = (Start::new(), &work);
    let go = &start;
    thread::scope(|scope| {
        all_or_none(&start, threads, |i| {
            let body = move || if *go.wait() { work(i) } else { Ok(()) };
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, body)
                .map_err(|source| Error::refused("start", format_args!("thread {i}"), source))
        })
    })
}

fn all_or_none<'scope>(
    start: &Start,
    threads: u32,
    mut spawn: impl FnMut(u32) -> Result<Thread<'scope>, Error>,
) -> Result<(), Error> {
    let spawn_next = |i| {
        interrupt::check()?;
        spawn(i)
    };
    let started: Result<Vec<_>, Error> =
        limits::allow_threads(threads).map_err(Error::from).and_then(|()| (1..=threads).map(spawn_next).collect());
    start.get_or_init(|| started.is_ok());
    // Each is joined before the first error is told.
    let results: Vec<_> = started?.into_iter().map(joined).collect();
    results.into_iter().collect()
}
