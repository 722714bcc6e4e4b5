//! Every wait of the toolkit that another process could end, in a situation in which none does.

use std::io::{PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;

use killproof::error::Error;
use killproof::interrupt;
use killproof::mutex::SharedMutex;
use killproof::process::Process;
use killproof::queue::{JoinableQueue, Queue};
use killproof::sync::{Barrier, Condvar, Event, RwLock, Semaphore};

use crate::{PATIENCE, wait_for};

struct Objects {
    event: Event,
    barrier: Barrier,
    semaphore: Semaphore,
    empty: Queue<u8>,
    full: Queue<u8>,
    tasks: JoinableQueue<u8>,
    undone: JoinableQueue<u8>,
    silent: (PipeReader, PipeWriter),
    condvar: Condvar,
    shelf: SharedMutex<u8>,
    locked: SharedMutex<u8>,
    read: RwLock<u8>,
    written: RwLock<u8>,
}

impl Objects {
    fn new() -> Result<Self, Error> {
        let (full, undone) = (Queue::new(1)?, JoinableQueue::new(1)?);
        full.put(1)?;
        undone.put(1)?;
        Ok(Self {
            event: Event::new()?,
            barrier: Barrier::new(2)?,
            semaphore: Semaphore::new(0)?,
            empty: Queue::new(1)?,
            full,
            tasks: JoinableQueue::new(1)?,
            undone,
            silent: pipe().expect("a pipe"),
            condvar: Condvar::new()?,
            shelf: SharedMutex::new(0)?,
            locked: SharedMutex::new(0)?,
            read: RwLock::new(0)?,
            written: RwLock::new(0)?,
        })
    }

    /// Holds the locks.
    fn hold(&self, are_held: &Event) -> Result<(), Error> {
        let _guards = (self.locked.lock()?, self.read.read()?, self.written.write()?);
        are_held.set();
        Event::new()?.wait(PATIENCE)
    }
}

/// A wait that ends by an error, if at all.
type Wait<'a> = &'a dyn Fn() -> Result<(), Error>;

/// `waits` gets a function that calls its argument with the name of each wait, and with the wait.
pub(crate) fn with_every_wait(waits: impl FnOnce(&(dyn Fn(&dyn Fn(&str, Wait<'_>)) + Sync))) {
    let objects = Objects::new().expect("memory");
    let are_held = Event::new().expect("memory");
    let holder = Process::new("holder", || objects.hold(&are_held)).kill_on_drop().start().expect("a holder");
    wait_for(&holder, "the locks are held", || are_held.is_set());
    let Objects {
        event,
        barrier,
        semaphore,
        empty,
        full,
        tasks,
        undone,
        silent,
        condvar,
        shelf,
        locked,
        read,
        written,
    } = &objects;
    let put_down = || shelf.lock().expect("no holder died");
    waits(&|each| {
        each("event", &|| event.wait(PATIENCE));
        each("barrier", &|| barrier.wait(PATIENCE));
        each("acquire", &|| semaphore.acquire().map(drop));
        each("acquire_timeout", &|| semaphore.acquire_timeout(PATIENCE).map(drop));
        each("get", &|| empty.get().map(drop).map_err(Error::from));
        each("get_timeout", &|| empty.get_timeout(PATIENCE).map(drop).map_err(Error::from));
        each("put", &|| full.put(2).map_err(Error::from));
        each("put_timeout", &|| full.put_timeout(2, PATIENCE).map_err(Error::from));
        each("get of a delivery", &|| tasks.get().map(drop).map_err(Error::from));
        each("join of a queue", &|| undone.join().map(drop).map_err(Error::from));
        each("join_timeout of a queue", &|| undone.join_timeout(PATIENCE).map(drop).map_err(Error::from));
        each("sleep", &|| interrupt::sleep(PATIENCE));
        each("read of a pipe", &|| interrupt::wait_readable(&[silent.0.as_fd()], Some(PATIENCE)).map(drop));
        each("wait", &|| condvar.wait(shelf, put_down()).map(drop).map_err(Error::from));
        each("wait_timeout", &|| condvar.wait_timeout(shelf, put_down(), PATIENCE).map(drop).map_err(Error::from));
        each("write", &|| read.write().map(drop).map_err(Error::from));
        each("write_timeout", &|| read.write_timeout(PATIENCE).map(drop).map_err(Error::from));
        each("read", &|| written.read().map(drop).map_err(Error::from));
        each("read_timeout", &|| written.read_timeout(PATIENCE).map(drop).map_err(Error::from));
        each("lock", &|| locked.lock().map(drop).map_err(Error::from));
        each("lock_timeout", &|| locked.lock_timeout(PATIENCE).map(drop).map_err(Error::from));
    });
    drop(holder);
}
