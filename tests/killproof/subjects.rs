//! Each kind of object that processes share, and how one process uses it so that another one can tell.

use std::sync::atomic::{AtomicU32, Ordering};

use killproof::Error;
use killproof::log::Log;
use killproof::mutex::SharedMutex;
use killproof::process::failed_link;
use killproof::queue::{JoinableQueue, Queue};
use killproof::shared::Shared;
use killproof::sync::{Barrier, Condvar, Event, Permit, RwLock, Semaphore};
use nix::sys::signal::{Signal, raise};

use crate::{PATIENCE, wait_until};

/// A kind of object, and how one process uses it so that another one can tell.
pub(crate) trait Subject: Send + Sync + Sized {
    fn new() -> Self;
    fn is_used(&self);
    /// Waits until another process has used it.
    fn shows_it(&self);

    /// The process that uses it is stopped as soon as others can tell.
    fn is_used_by_one_that_stops(&self) {
        self.is_used();
        raise(Signal::SIGSTOP).expect("a signal to itself");
    }
}

impl Subject for Queue<u32> {
    fn new() -> Self {
        Self::new(4).expect("memory")
    }

    fn is_used(&self) {
        self.put(7).expect("room");
    }

    fn shows_it(&self) {
        assert_eq!(self.get_timeout(PATIENCE), Ok(7));
    }
}

impl Subject for JoinableQueue<u32> {
    fn new() -> Self {
        let queue = Self::new(4).expect("memory");
        queue.put(7).expect("room");
        queue
    }

    fn is_used(&self) {
        assert!(self.get().expect("a value").done());
    }

    fn shows_it(&self) {
        assert_eq!(self.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(0));
    }
}

impl Subject for SharedMutex<u32> {
    fn new() -> Self {
        Self::new(0).expect("memory")
    }

    fn is_used(&self) {
        *self.lock().expect("no death is reported") += 1;
    }

    fn shows_it(&self) {
        wait_until("the change", || none_has_failed() && *self.lock().expect("no death is reported") == 1);
    }
}

impl Subject for Event {
    fn new() -> Self {
        Self::new().expect("memory")
    }

    fn is_used(&self) {
        self.set();
    }

    fn shows_it(&self) {
        self.wait(PATIENCE).expect("it is set");
    }
}

/// Its parties wait for each other.
impl Subject for Barrier {
    fn new() -> Self {
        Self::new(2).expect("memory")
    }

    fn is_used(&self) {
        self.wait(PATIENCE).expect("two parties");
    }

    fn shows_it(&self) {
        self.wait(PATIENCE).expect("two parties");
    }

    fn is_used_by_one_that_stops(&self) {
        // The look comes after the arrival.
        let stops = || raise(Signal::SIGSTOP).map_err(|errno| Error::refused("stop", "this process", errno));
        self.wait_while(PATIENCE, stops).expect("two parties");
    }
}

impl Subject for Semaphore {
    fn new() -> Self {
        Self::new(1).expect("memory")
    }

    fn is_used(&self) {
        self.add_permits(1).expect("room");
    }

    fn shows_it(&self) {
        let both: Result<Vec<Permit<'_>>, _> = (0..2).map(|_| self.acquire_timeout(PATIENCE)).collect();
        assert_eq!(both.expect("two permits").len(), 2);
    }

    fn is_used_by_one_that_stops(&self) {
        self.add_permits(2).expect("room");
        let _permit = self.acquire().expect("a permit");
        raise(Signal::SIGSTOP).expect("a signal to itself");
    }
}

impl Subject for (SharedMutex<u32>, Condvar) {
    fn new() -> Self {
        (Subject::new(), Condvar::new().expect("memory"))
    }

    fn is_used(&self) {
        self.0.is_used();
        self.1.notify_one();
    }

    fn shows_it(&self) {
        let guard = self.0.lock().expect("no death is reported");
        let waited = self.1.wait_timeout_while(&self.0, guard, PATIENCE, |value| *value == 0);
        assert!(!waited.expect("no death is reported").1.timed_out());
    }
}

impl Subject for RwLock<u32> {
    fn new() -> Self {
        Self::new(0).expect("memory")
    }

    fn is_used(&self) {
        *self.write().expect("no death is reported") += 1;
    }

    fn shows_it(&self) {
        wait_until("the change", || none_has_failed() && *self.read().expect("no death is reported") == 1);
    }

    fn is_used_by_one_that_stops(&self) {
        self.is_used();
        let _guard = self.read().expect("no death is reported");
        raise(Signal::SIGSTOP).expect("a signal to itself");
    }
}

impl Subject for Shared<AtomicU32> {
    fn new() -> Self {
        Self::new(AtomicU32::new(0)).expect("memory")
    }

    fn is_used(&self) {
        self.fetch_add(1, Ordering::AcqRel);
    }

    fn shows_it(&self) {
        wait_until("the change", || none_has_failed() && self.load(Ordering::Acquire) == 1);
    }
}

impl Subject for Log {
    fn new() -> Self {
        Self::new().expect("memory")
    }

    fn is_used(&self) {
        self.append(b"used").expect("room");
    }

    fn shows_it(&self) {
        let mut records = Vec::new();
        wait_until("the record", || {
            // The record is a hole as long as its writer is at it.
            let read = self.read_since(0, |record| records.push(record.to_vec())).expect("a log");
            assert!(records.is_empty() || read.holes == 0, "{read:?}");
            none_has_failed() && !records.is_empty()
        });
        assert_eq!(records, [b"used"]);
    }
}

/// True, for a wait that looks again and again.
#[track_caller]
pub(super) fn none_has_failed() -> bool {
    failed_link().is_none_or(|failed| panic!("{failed}"))
}
