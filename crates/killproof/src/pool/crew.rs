//! The owner's side of a pool: its keeper, and how the owner waits for results.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{PidfdFlags, getpid, pidfd_open};

use super::bell::{self, Bell, Ringer};
use super::desk::Desk;
use super::errors::PoolError;
use super::floor::{Floor, TICK, Wish};
use super::keeper::{self, Duty, Limits, Owner};
use super::verdict::Verdict;
use super::work::Work;
use crate::error::{Error, Phrase};
use crate::limits;
use crate::primitive::atomic::Ordering::Relaxed;
use crate::primitive::liveness::LifeLocks;
use crate::primitive::{clock, identity, interrupt, private};
use crate::process::{Child, GRACE, Process, RestartLimit};

/// How long a keeper takes beyond the grace of its workers, at most.
const BEYOND: Duration = Duration::from_secs(1);

/// The place of the owner's lock.
const OWNERS: u32 = 0;

/// The sizes of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) workers: u32,
    pub(super) places: u32,
    /// In bytes.
    pub(super) max_message: usize,
}

pub(super) struct Crew {
    pub(super) floor: Floor,
    verdict: Verdict,
    ringer: Ringer,
    /// As long as it has a reader, no write into the pipe is a SIGPIPE, whatever becomes of the keeper.
    _bell: Bell,
    /// Its end, and an exec of the owner, frees the owner's lock.
    _life: LifeLocks,
    keeper: Mutex<Child>,
    keeper_pid: i32,
    desk: Mutex<Desk>,
    restarts: RestartLimit,
    pub(super) workers: u32,
    /// The owner's.
    generation: u64,
    /// When a waiter last asked whether it should go on, by the coarse clock.
    last_check: private::AtomicU64,
    /// How long a task takes, in nanoseconds; 0: not known yet.
    pub(super) pace: private::AtomicU64,
}

impl Crew {
    /// Starts a keeper and its workers, all of them or none.
    pub(super) fn start(sizes: Sizes, limits: Limits, work: &dyn Work) -> Result<Self, PoolError> {
        let Sizes { workers, places, max_message } = sizes;
        limits::allow_processes(workers, ["worker", "workers"])?;
        let this = || Phrase::counted(workers, ["a pool of {} worker", "a pool of {} workers"], [workers.into()]);
        let refused = |source: io::Error| Error::refused("make", this(), source);
        identity::count_generations().map_err(refused)?;
        let too_many = || {
            let words = ["{} message of {} bytes is too much", "{} messages of {} bytes are too many"];
            let cause = Phrase::counted(places, words, [places.into(), max_message.into()]);
            Error::Unusable { operation: "make a pool", cause }
        };
        let floor = Floor::new(places, workers, max_message).map_err(refused)?.ok_or_else(too_many)?;
        let verdict = Verdict::new().map_err(refused)?;
        let (bell, ringer) = bell::new().map_err(refused)?;
        let life = LifeLocks::new().map_err(refused)?;
        life.hold(OWNERS).map_err(refused)?;
        let me = pidfd_open(getpid(), PidfdFlags::empty()).map_err(|errno| refused(errno.into()))?;
        let keep = || {
            let owner = Owner { handle: me.as_fd(), life: &life, place: OWNERS };
            keeper::keep(&Duty { floor: &floor, verdict: &verdict, work, bell: &bell, ringer: &ringer, owner, limits })
        };
        // It outlives its parent, for as long as it takes to leave nothing of the pool.
        let keeper = Process::new("pool keeper", keep).kill_on_drop().ignore_ctrl_c().ignore_sigterm().start()?;
        let crew = Self {
            _life: life,
            keeper_pid: keeper.pid(),
            keeper: Mutex::new(keeper),
            desk: Mutex::new(Desk::new(floor.places())),
            floor,
            verdict,
            ringer,
            _bell: bell,
            restarts: limits.restarts,
            workers,
            generation: identity::generation(),
            last_check: private::AtomicU64::new(0),
            pace: private::AtomicU64::new(0),
        };
        crew.wait(None, |_| crew.verdict.works().then_some(()))?;
        Ok(crew)
    }

    /// Refuses a process that was forked from the owner.
    pub(super) fn check_owner(&self) -> Result<(), PoolError> {
        if self.is_owner() {
            return Ok(());
        }
        let cause = "it is another process's: make one after the fork".into();
        Err(Error::Unusable { operation: "use a pool", cause }.into())
    }

    fn is_owner(&self) -> bool {
        self.generation == identity::generation()
    }

    #[inline]
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `look` finds something, for as long as the pool works. `None`: the deadline came first.
    ///
    /// `look` runs under the lock of the desk, and is no foreign code.
    pub(super) fn wait<T>(
        &self,
        deadline: Option<Instant>,
        mut look: impl FnMut(&mut Desk) -> Option<T>,
    ) -> Result<Option<T>, PoolError> {
        self.check_owner()?;
        if let Some(found) = self.look(&mut look) {
            return Ok(Some(found));
        }
        self.desk().waiters += 1;
        let found = self.sleep(deadline, look);
        self.desk().waiters -= 1;
        found
    }

    /// Takes what has come, and looks once.
    pub(super) fn look<T>(&self, look: &mut impl FnMut(&mut Desk) -> Option<T>) -> Option<T> {
        self.look_among(0, look)
    }

    /// The same for a caller of which this many are counted as waiters: itself or none.
    fn look_among<T>(&self, own: u32, look: &mut impl FnMut(&mut Desk) -> Option<T>) -> Option<T> {
        let mut desk = self.desk();
        let any = desk.collect(&self.floor);
        if any && desk.waiters > own {
            // What another thread waits for may be among it.
            self.floor.wake_owner().notify_all();
        }
        look(&mut desk)
    }

    fn sleep<T>(
        &self,
        deadline: Option<Instant>,
        mut look: impl FnMut(&mut Desk) -> Option<T>,
    ) -> Result<Option<T>, PoolError> {
        loop {
            let sequence = self.floor.wake_owner().announce();
            if let Some(found) = self.look_among(1, &mut look) {
                return Ok(Some(found));
            }
            self.check()?;
            let left = deadline.map_or(TICK, |deadline| deadline.saturating_duration_since(clock::now()));
            if left.is_zero() {
                return Ok(None);
            }
            self.floor.wake_owner().sleep(sequence, left.min(TICK));
        }
    }

    /// Whether the caller may go on. Once in a tick it asks the kernel.
    pub(super) fn check(&self) -> Result<(), PoolError> {
        if let Some(error) = self.verdict.error(self.restarts) {
            return Err(error);
        }
        let now = clock::coarse_uptime_nanos();
        if Duration::from_nanos(now.saturating_sub(self.last_check.load(Relaxed))) < TICK {
            return Ok(());
        }
        self.last_check.store(now, Relaxed);
        interrupt::check()?;
        if self.keeper().is_alive() {
            return Ok(());
        }
        // It may have said why just before its end.
        Err(self.verdict.error(self.restarts).unwrap_or(PoolError::KeeperEnded { pid: self.keeper_pid }))
    }

    fn keeper(&self) -> MutexGuard<'_, Child> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no chunk is on its way, and lets the workers leave.
    pub(super) fn close(&self) -> Result<(), PoolError> {
        self.wait(None, |desk| desk.is_done().then_some(()))?;
        self.floor.set_wish(Wish::Close);
        self.ringer.ring();
        let mut keeper = self.keeper();
        keeper.go_on();
        keeper.wait_ended()?;
        let ended = keeper.try_reap();
        drop(keeper);
        match self.verdict.error(self.restarts) {
            Some(error) => Err(error),
            None if matches!(ended, Some(Ok(exit)) if exit.signal().is_some()) => {
                Err(PoolError::KeeperEnded { pid: self.keeper_pid })
            }
            None => Ok(()),
        }
    }
}

impl Drop for Crew {
    /// The keeper asks the workers to end, kills those that do not, and what tasks have started.
    fn drop(&mut self) {
        if self.is_owner() {
            self.floor.set_wish(Wish::End);
            self.ringer.ring();
            let deadline = clock::now() + GRACE + BEYOND;
            let mut keeper = self.keeper();
            keeper.go_on();
            keeper.end_by_itself_before(deadline);
        }
    }
}
