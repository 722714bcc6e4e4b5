//! Condition variables: waiting, without a mutex, until what it protects has changed.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::event_count::EventCount;
use crate::mutex::{LockError, LockTimeoutError, SharedMutex, SharedMutexGuard};
use crate::observe::{self, End, ObjectId, ObjectKind, Span, SpanKind};
use crate::places::TICK;
use crate::primitive::memory::{ShmBox, Zeroed};
use crate::primitive::{clock, interrupt};
use crate::shared::ShmSafe;

/// A waiter of a [`SharedMutex`] sleeps here until another process says that the value has changed.
///
/// Python's `multiprocessing.Condition`, and [`std::sync::Condvar`] between processes. A waiter gives the mutex back
/// as it falls asleep, and has it again when it returns; a notification that comes after it gave the mutex back is
/// not lost.
///
/// **Deaths.** A waiter that is killed leaves nothing behind, asleep or awake. (A waiter that is killed in Python's
/// `wait` is counted for ever, and in a condition variable of the C library in shared memory it can block the others
/// for ever.) A notification whose waiter is killed before it has the mutex again is another waiter's: every waiter
/// that slept when it came returns at most 50 ms later. A holder that dies inside is reported to a waiter that takes
/// the mutex again as by [`SharedMutex::lock`].
///
/// So a waiter may return without a notification that was meant for it, as std's may: some 20 times a second as long
/// as there are notifications. [`wait_while`](Self::wait_while) looks again by itself.
///
/// It is made before the fork, as the mutex is. The waiters sleep on a word that each notification changes: an event
/// count (Dmitry Vyukov, <https://www.1024cores.net/home/lock-free-algorithms/eventcounts>).
///
/// ```
/// use killproof::{mutex::SharedMutex, process::Process, sync::Condvar};
///
/// let dishes = SharedMutex::new(0_u32)?;
/// let served = Condvar::new()?;
/// let cook = || {
///     *dishes.lock().expect("no holder dies here") += 1;
///     served.notify_one();
/// };
/// let mut cook = Process::new("cook", cook).start()?;
/// let guard = dishes.lock()?;
/// let mut guard = served.wait_while(&dishes, guard, |dishes| *dishes == 0)?;
/// *guard -= 1;
/// # drop(guard);
/// # cook.join()?;
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct Condvar {
    changed: ShmBox<EventCount>,
    id: ObjectId,
}

/// Whether a wait of a [`Condvar`] ended by its time-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was up before a notification came, or before the condition was met.
    #[must_use]
    pub fn timed_out(self) -> bool {
        self.0
    }
}

/// Why a sleep ended without a notification.
enum Unnotified {
    TimedOut,
    Interrupted(Signal),
}

impl Condvar {
    /// A condition variable without waiters. It belongs to no mutex: each wait names one.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new() -> Result<Self, Error> {
        let changed = ShmBox::new(EventCount::zeroed());
        let changed = changed.map_err(|source| Error::refused("share", "a condition variable", source))?;
        Ok(Self { changed, id: ObjectId::new(ObjectKind::Condvar) })
    }

    /// Wakes one waiter, if there is one. The others return as well, at most 50 ms later: see [`Condvar`].
    ///
    /// The caller need not hold the mutex. Where it has changed the value, it does so with the mutex held, before.
    pub fn notify_one(&self) {
        self.changed.notify_one_after_fence();
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.changed.notify_all();
    }

    /// Gives `mutex` back, sleeps until a notification comes, and takes the mutex again.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMutex::lock`]: [`LockError::OwnerDied`] *with* the mutex; without it
    /// [`LockError::Interrupted`], also if the request to end comes while it sleeps.
    ///
    /// # Panics
    ///
    /// If `guard` is not one of `mutex`.
    #[track_caller]
    pub fn wait<'a, T: ShmSafe>(
        &self,
        mutex: &'a SharedMutex<T>,
        guard: SharedMutexGuard<'a, T>,
    ) -> Result<SharedMutexGuard<'a, T>, LockError<'a, T>> {
        match self.sleep(mutex, guard, None, Location::caller()) {
            // It has no time-out.
            Ok(()) | Err(Unnotified::TimedOut) => mutex.lock(),
            Err(Unnotified::Interrupted(signal)) => Err(LockError::Interrupted(signal)),
        }
    }

    /// [Waits](Self::wait) as long as `condition` holds. It is asked with the mutex held, the first time at once.
    ///
    /// # Errors
    ///
    /// Those of [`Condvar::wait`].
    ///
    /// # Panics
    ///
    /// If `guard` is not one of `mutex`.
    #[track_caller]
    pub fn wait_while<'a, T: ShmSafe>(
        &self,
        mutex: &'a SharedMutex<T>,
        mut guard: SharedMutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Result<SharedMutexGuard<'a, T>, LockError<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(mutex, guard)?;
        }
        Ok(guard)
    }

    /// [Waits](Self::wait) for at most `timeout`, and takes the mutex again in either case.
    ///
    /// The time is kept although a holder of the mutex is stopped (SIGSTOP): a waiter whose time is up waits for the
    /// mutex for 100 ms at most.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMutex::lock_timeout`]: [`LockTimeoutError::OwnerDied`] *with* the mutex; without it
    /// [`LockTimeoutError::TimedOut`], if the mutex was not free in time, and [`LockTimeoutError::Interrupted`].
    ///
    /// # Panics
    ///
    /// If `guard` is not one of `mutex`.
    #[track_caller]
    pub fn wait_timeout<'a, T: ShmSafe>(
        &self,
        mutex: &'a SharedMutex<T>,
        guard: SharedMutexGuard<'a, T>,
        timeout: Duration,
    ) -> Result<(SharedMutexGuard<'a, T>, WaitTimeoutResult), LockTimeoutError<'a, T>> {
        let began = clock::now();
        let slept = self.sleep(mutex, guard, Some(timeout), Location::caller());
        let timed_out = match slept {
            Ok(()) => false,
            Err(Unnotified::TimedOut) => true,
            Err(Unnotified::Interrupted(signal)) => return Err(LockTimeoutError::Interrupted(signal)),
        };
        let left = timeout.saturating_sub(clock::elapsed(began)).max(2 * TICK);
        Ok((mutex.lock_timeout(left)?, WaitTimeoutResult(timed_out)))
    }

    /// [Waits](Self::wait) as long as `condition` holds, for at most `timeout`. The result says that the time was up if
    /// the condition still holds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::{mutex::SharedMutex, sync::Condvar};
    ///
    /// let (dishes, served) = (SharedMutex::new(0_u32)?, Condvar::new()?);
    /// let guard = dishes.lock()?;
    /// let (guard, waited) =
    ///     served.wait_timeout_while(&dishes, guard, Duration::from_millis(1), |dishes| *dishes == 0)?;
    /// assert!(waited.timed_out() && *guard == 0);
    /// # Ok::<(), killproof::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Condvar::wait_timeout`].
    ///
    /// # Panics
    ///
    /// If `guard` is not one of `mutex`.
    #[track_caller]
    pub fn wait_timeout_while<'a, T: ShmSafe>(
        &self,
        mutex: &'a SharedMutex<T>,
        mut guard: SharedMutexGuard<'a, T>,
        timeout: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Result<(SharedMutexGuard<'a, T>, WaitTimeoutResult), LockTimeoutError<'a, T>> {
        let began = clock::now();
        loop {
            if !condition(&mut guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let left = timeout.saturating_sub(clock::elapsed(began));
            if left.is_zero() {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            (guard, _) = self.wait_timeout(mutex, guard, left)?;
        }
    }

    /// Gives the mutex back and sleeps.
    fn sleep<T: ShmSafe>(
        &self,
        mutex: &SharedMutex<T>,
        guard: SharedMutexGuard<'_, T>,
        timeout: Option<Duration>,
        at: observe::Location,
    ) -> Result<(), Unnotified> {
        assert!(guard.is_of(mutex), "a wait at a condition variable was given the guard of another mutex");
        let began = clock::now();
        // With the mutex held: a notification of a process that takes the mutex after this changes the sequence.
        let sequence = self.changed.announce();
        drop(guard);
        let mut wait = Span::none();
        loop {
            let left = timeout.map_or(TICK, |timeout| timeout.saturating_sub(clock::elapsed(began)));
            if left.is_zero() {
                wait.ends(End::TimedOut);
                return Err(Unnotified::TimedOut);
            }
            if wait.is_none() {
                wait = self.id.begin(SpanKind::WaitNotify, at);
            }
            if self.changed.sleep(sequence, left.min(TICK)) {
                return Ok(());
            }
            if let Some(signal) = interrupt::requested() {
                wait.ends(End::Interrupted);
                return Err(Unnotified::Interrupted(signal));
            }
        }
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}
