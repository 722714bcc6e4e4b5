//! The scenarios with `common`. Each function returns how long the other processes waited for what they
//! wanted, or `None` if in vain.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::actor::Failures;
use common::mutex::{LockTimeoutError, SharedMutex};
use common::pace::PATIENCE;
use common::pool::{Pending, Pool, PoolError};
use common::process::{Child, Process, adopted};
use common::queue::{JoinTimeoutError, JoinableQueue, Queue};
use common::shared::Shared;
use common::sync::Event;
use common::{Error, interrupt, procfs};
use nix::sys::signal::{Signal, raise};

use super::DEADLINE;
use crate::words;
use crate::workers::bound_to_this_process;

/// How many tasks a pool runs whose worker is killed.
const TASKS: u64 = 40;

/// How long a victim would live if it were not killed.
const FOREVER: Duration = Duration::from_hours(1);

/// A consumer that holds an item is killed. `join` returns, because another consumer does the work.
pub(super) fn join(failures: &Failures) -> Result<Option<Duration>, Error> {
    let queue = JoinableQueue::<u32>::builder(4).max_message(8).build()?;
    let holds = Event::new()?;
    let hold = || -> Result<(), Error> {
        let _item = queue.get()?;
        holds.set();
        Ok(interrupt::sleep(FOREVER)?)
    };
    let mut holder = bound_to_this_process(failures.process("holder", hold)).linked().start()?;
    queue.put(1)?;
    holds.wait(PATIENCE)?;
    let work = || -> Result<(), Error> {
        loop {
            queue.get()?.done();
        }
    };
    let _survivor = bound_to_this_process(failures.process("survivor", work)).linked().start()?;
    kill(&mut holder)?;
    let began = Instant::now();
    match queue.join_timeout(DEADLINE) {
        Err(JoinTimeoutError::TimedOut { .. }) => Ok(None),
        joined => Ok(joined.map(|_| Some(began.elapsed()))?),
    }
}

/// A process that waits in `get` is killed. Another process gets the next item.
pub(super) fn get(failures: &Failures) -> Result<Option<Duration>, Error> {
    let queue = Queue::<u32>::builder(4).max_message(8).build()?;
    let about_to = Event::new()?;
    let wait = || -> Result<(), Error> {
        about_to.set();
        queue.get().map(|_| ()).map_err(Error::from)
    };
    let mut getter = bound_to_this_process(failures.process("getter", wait)).linked().start()?;
    about_to.wait(PATIENCE)?;
    // The queue is empty, so a getter that sleeps is in `get`.
    let began = Instant::now();
    while procfs::status(getter.pid())?.is_some_and(|status| status.state != 'S') {
        interrupt::check()?;
        if began.elapsed() > PATIENCE {
            return Err(Error::timed_out(words::getter_asleep(), PATIENCE.as_secs_f64()));
        }
    }
    kill(&mut getter)?;
    queue.put(1)?;
    let began = Instant::now();
    Ok(queue.get_timeout(DEADLINE).ok().map(|_| began.elapsed()))
}

/// A lock holder is killed. The next one gets the lock, and hears which process died.
pub(super) fn lock(failures: &Failures) -> Result<Option<Duration>, Error> {
    let mutex = SharedMutex::new(0_u32)?;
    let inside = Event::new()?;
    let hold = || -> Result<(), Error> {
        let _guard = mutex.lock()?;
        inside.set();
        Ok(interrupt::sleep(FOREVER)?)
    };
    let mut holder = bound_to_this_process(failures.process("holder", hold)).linked().start()?;
    inside.wait(PATIENCE)?;
    kill(&mut holder)?;
    let began = Instant::now();
    match mutex.lock_timeout(DEADLINE) {
        Err(LockTimeoutError::OwnerDied(died)) => Ok((died.holder().pid == holder.pid()).then(|| began.elapsed())),
        _ => Ok(None),
    }
}

/// The parent of a daemon is killed. The daemon ends by itself.
pub(super) fn daemon(failures: &Failures) -> Result<Option<Duration>, Error> {
    let (born, pid) = (Event::new()?, Shared::new(AtomicI32::new(0))?);
    let parent = || -> Result<(), Error> {
        let live = || -> Result<(), Error> {
            pid.store(nix::unistd::getpid().as_raw(), Ordering::SeqCst);
            born.set();
            Ok(interrupt::sleep(FOREVER)?)
        };
        let _daemon = Process::new("daemon", live).daemon().start()?;
        Ok(interrupt::sleep(FOREVER)?)
    };
    let mut parent = bound_to_this_process(failures.process("parent", parent)).linked().start()?;
    born.wait(PATIENCE)?;
    kill(&mut parent)?;
    let began = Instant::now();
    // This process is the new parent of the orphan.
    let mut daemon = adopted(pid.load(Ordering::SeqCst), "daemon")?;
    Ok(daemon.join_timeout(DEADLINE)?.map(|_| began.elapsed()))
}

/// A worker of a pool is killed with a task. `map` returns, because another worker runs the task.
pub(super) fn map(failures: &Failures) -> Result<Option<Duration>, Error> {
    in_a_pool(failures, |pool| Ok(pool.map(0..TASKS)?.len() as u64))
}

/// The same. Each task that was submitted has its result.
pub(super) fn submit(failures: &Failures) -> Result<Option<Duration>, Error> {
    in_a_pool(failures, |pool| {
        let tasks = (0..TASKS).map(|number| pool.submit(number)).collect::<Result<Vec<_>, _>>()?;
        Ok(tasks.into_iter().flat_map(Pending::wait).count() as u64)
    })
}

/// `tasks` has a pool run [`TASKS`] tasks, one of which kills its worker once, and returns how many have a result.
fn in_a_pool(
    failures: &Failures,
    tasks: fn(&Pool<'_, u64, u64>) -> Result<u64, PoolError>,
) -> Result<Option<Duration>, Error> {
    let (was_killed, results) = (Shared::new(AtomicBool::new(false))?, Shared::new(AtomicU64::new(0))?);
    let own = || -> Result<(), Error> {
        let pool = Pool::new(2, |number: u64| {
            if number == 10 && !was_killed.swap(true, Ordering::SeqCst) {
                // As the kernel does when memory is short. It does not come back.
                let _ = raise(Signal::SIGKILL);
            }
            number
        })?;
        results.store(tasks(&pool)?, Ordering::SeqCst);
        Ok(())
    };
    let began = Instant::now();
    // A process of its own: no call of a pool has a deadline, and this one waits no longer than its own.
    let mut owner = bound_to_this_process(failures.process("owner", own)).linked().start()?;
    let is_over = owner.join_timeout(DEADLINE)?.is_some();
    let has_all = was_killed.load(Ordering::SeqCst) && results.load(Ordering::SeqCst) == TASKS;
    Ok((is_over && has_all).then(|| began.elapsed()))
}

fn kill(child: &mut Child) -> Result<(), Error> {
    child.kill()?;
    child.join()?;
    Ok(())
}
