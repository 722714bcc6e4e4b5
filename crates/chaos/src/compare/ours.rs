//! The same scenarios with `common`. Each returns how long the others waited for what they wanted.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use common::gate::{Gate, PATIENCE};
use common::mutex::{LockError, SharedMutex};
use common::process::{Child, Process, adopted};
use common::queue::{JoinableQueue, Queue};
use common::shared::Shared;
use common::{Error, interrupt, procfs};

use super::DEADLINE;

/// How long somebody would live who is about to be killed.
const FOREVER: Duration = Duration::from_hours(1);

/// A consumer is killed that holds an item. `join` returns, because another one does it.
pub(super) fn join() -> Result<Option<Duration>, Error> {
    let queue = JoinableQueue::<u32>::with_max_message(4, 8)?;
    let holds = Gate::new()?;
    let hold = || -> Result<(), Error> {
        let _item = queue.get()?;
        holds.open();
        interrupt::sleep(FOREVER)
    };
    let mut holder = Process::new("holder", hold).tied().start()?;
    queue.put(1)?;
    holds.wait(PATIENCE)?;
    let work = || -> Result<(), Error> {
        loop {
            queue.get()?.done();
        }
    };
    let _survivor = Process::new("survivor", work).tied().start()?;
    kill(&mut holder)?;
    let began = Instant::now();
    Ok(queue.join_timeout(DEADLINE)?.map(|_| began.elapsed()))
}

/// A process is killed that waits in `get`. Others get what is put then.
pub(super) fn get() -> Result<Option<Duration>, Error> {
    let queue = Queue::<u32>::with_max_message(4, 8)?;
    let about_to = Gate::new()?;
    let wait = || -> Result<(), Error> {
        about_to.open();
        queue.get().map(|_| ()).map_err(Error::from)
    };
    let mut getter = Process::new("getter", wait).tied().start()?;
    about_to.wait(PATIENCE)?;
    // There is nothing to get, so if it sleeps it sleeps there.
    let began = Instant::now();
    while procfs::status(getter.pid())?.is_some_and(|status| status.state != 'S') {
        interrupt::check()?;
        if began.elapsed() > PATIENCE {
            return Err(Error::Stalled { what: "a getter to sleep".to_owned(), seconds: PATIENCE.as_secs_f64() });
        }
    }
    kill(&mut getter)?;
    queue.put(1)?;
    let began = Instant::now();
    Ok(queue.get_timeout(DEADLINE).ok().map(|_| began.elapsed()))
}

/// A process is killed that holds a lock. The next one gets it, and is told who died.
pub(super) fn lock() -> Result<Option<Duration>, Error> {
    let mutex = SharedMutex::new(0_u32)?;
    let inside = Gate::new()?;
    let hold = || -> Result<(), Error> {
        let _guard = mutex.lock()?;
        inside.open();
        interrupt::sleep(FOREVER)
    };
    let mut holder = Process::new("holder", hold).tied().start()?;
    inside.wait(PATIENCE)?;
    kill(&mut holder)?;
    let began = Instant::now();
    match mutex.lock_timeout(DEADLINE) {
        Err(LockError::OwnerDied(died)) => Ok((died.holder().pid == holder.pid()).then(|| began.elapsed())),
        _ => Ok(None),
    }
}

/// The parent of a daemon is killed. The daemon ends by itself.
pub(super) fn daemon() -> Result<Option<Duration>, Error> {
    let (born, pid) = (Gate::new()?, Shared::new(AtomicI32::new(0))?);
    let parent = || -> Result<(), Error> {
        let live = || -> Result<(), Error> {
            pid.store(nix::unistd::getpid().as_raw(), Ordering::SeqCst);
            born.open();
            interrupt::sleep(FOREVER)
        };
        let _daemon = Process::new("daemon", live).daemon().start()?;
        interrupt::sleep(FOREVER)
    };
    let mut parent = Process::new("parent", parent).tied().start()?;
    born.wait(PATIENCE)?;
    kill(&mut parent)?;
    let began = Instant::now();
    // An orphan's new parent is this process.
    let mut daemon = adopted(pid.load(Ordering::SeqCst), "daemon")?;
    Ok(daemon.join_timeout(DEADLINE)?.map(|_| began.elapsed()))
}

fn kill(child: &mut Child) -> Result<(), Error> {
    child.kill()?;
    child.join().map(|_| ())
}
