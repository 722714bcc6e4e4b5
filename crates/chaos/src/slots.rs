//! A place in shared memory for each worker: what it does, since when, and what it is ordered to do.
//! It outlives the worker, so it tells what a killed one was doing.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use common::shared::Shared;
use killproof::crashpoint::{self, CrashPoint};

/// How many workers a round has at most.
pub(crate) const DESKS: usize = 16;

/// Words of a desk. What its worker does, and since when: 0 between two operations.
const DOING: usize = 0;
/// What is to be armed. 0 once it was heeded.
const ORDER: usize = 1;
/// Whatever the arena wants to know of a worker that died.
const MARK: usize = 2;
/// 1 from before a worker kills itself.
const SUICIDE: usize = 3;
/// The last order that was heeded.
const ARMED: usize = 4;
const WORDS: usize = 5;

/// What a worker can wait in: operations that must never take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Put = 1,
    Get,
    Done,
    Return,
    Lock,
    Buy,
}

impl Doing {
    const ALL: [Self; 6] = [Self::Put, Self::Get, Self::Done, Self::Return, Self::Lock, Self::Buy];
    const BITS: u32 = 4;
}

/// Keeps the highest. Mostly it is none, and reading a word that nobody writes costs nothing.
fn raise(word: &AtomicU64, value: u64) {
    if value > word.load(Ordering::Relaxed) {
        word.fetch_max(value, Ordering::Relaxed);
    }
}

/// In an order: to stop, and not to die.
const STOP: u64 = 1 << 32;

fn order(step: CrashPoint, nth: u16) -> u64 {
    ((step as u64 + 1) << 16) | u64::from(nth)
}

/// The step of an order, and at which passing; no order is 0.
fn step(order: u64) -> Option<CrashPoint> {
    let place = usize::try_from((order & !STOP) >> 16).ok()?.checked_sub(1)?;
    CrashPoint::ALL.get(place).copied()
}

fn nth(order: u64) -> u16 {
    u16::try_from(order & 0xffff).unwrap_or_default() // cannot fail: 16 bits
}

/// A number of nanoseconds, and in the lowest bits what they are about.
fn pack(doing: Doing, nanos: u64) -> u64 {
    (nanos << Doing::BITS) | doing as u64
}

fn unpack(word: u64) -> Option<(Doing, u64)> {
    let doing = Doing::ALL.into_iter().find(|doing| *doing as u64 == word & ((1 << Doing::BITS) - 1))?;
    Some((doing, word >> Doing::BITS))
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Done => "done",
            Self::Return => "return of an item",
            Self::Lock => "lock",
            Self::Buy => "purchase",
        })
    }
}

/// The desks of all workers.
#[derive(Debug)]
pub(crate) struct Desks {
    words: Shared<[[AtomicU64; WORDS]; DESKS]>,
    /// The longest call of any worker so far: in nanoseconds, and below that which one it was.
    longest: Shared<AtomicU64>,
    /// The longest time in which nobody completed an operation, in nanoseconds.
    stall: Shared<AtomicU64>,
    /// When anybody last completed an operation, or the work began.
    progress: Shared<AtomicU64>,
    began: Instant,
}

/// The desk of one worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk<'a> {
    words: &'a [AtomicU64; WORDS],
    longest: &'a AtomicU64,
    stall: &'a AtomicU64,
    progress: &'a AtomicU64,
    began: Instant,
}

impl Desks {
    pub(crate) fn new() -> Result<Self, Error> {
        let words = Shared::new([const { [const { AtomicU64::new(0) }; WORDS] }; DESKS])?;
        let word = || Shared::new(AtomicU64::new(0));
        Ok(Self { words, longest: word()?, stall: word()?, progress: word()?, began: Instant::now() })
    }

    pub(crate) fn desk(&self, number: usize) -> Desk<'_> {
        let Self { longest, stall, progress, began, .. } = self;
        Desk { words: &self.words[number], longest, stall, progress, began: *began }
    }

    /// There is work from now on.
    pub(crate) fn work_begins(&self) {
        let desk = self.desk(0);
        self.progress.store(desk.now(), Ordering::Relaxed);
    }

    /// There is none any more.
    pub(crate) fn work_ends(&self) {
        self.desk(0).progresses();
    }

    /// Changes whenever anybody completes an operation.
    pub(crate) fn progress(&self) -> u64 {
        self.progress.load(Ordering::Relaxed)
    }

    /// The longest time in which nobody completed an operation while there was work.
    pub(crate) fn stall(&self) -> Duration {
        Duration::from_nanos(self.stall.load(Ordering::Relaxed))
    }

    /// The longest call of one worker.
    pub(crate) fn longest(&self) -> Option<(Doing, Duration)> {
        unpack(self.longest.load(Ordering::Relaxed)).map(|(doing, nanos)| (doing, Duration::from_nanos(nanos)))
    }
}

impl Desk<'_> {
    /// Calls `operation`, and puts down what it is and how long it took.
    pub(crate) fn during<R>(&self, doing: Doing, operation: impl FnOnce() -> R) -> R {
        let since = self.now();
        self.words[DOING].store(pack(doing, since), Ordering::Relaxed);
        let result = operation();
        self.words[DOING].store(0, Ordering::Relaxed);
        self.took(doing, self.now() - since);
        result
    }

    /// An operation was completed: something was put, got, done, locked or bought.
    pub(crate) fn progresses(&self) {
        let now = self.now();
        let last = self.progress.swap(now, Ordering::Relaxed);
        raise(self.stall, now.saturating_sub(last));
    }

    /// What its worker is in the middle of, and for how long.
    pub(crate) fn doing(&self) -> Option<(Doing, Duration)> {
        let (doing, since) = unpack(self.words[DOING].load(Ordering::Relaxed))?;
        Some((doing, Duration::from_nanos(self.now().saturating_sub(since))))
    }

    /// Its worker is no more. What it was in the middle of counts as long as it lasted.
    pub(crate) fn clear(&self) {
        if let Some((doing, lasted)) = self.doing() {
            self.took(doing, u64::try_from(lasted.as_nanos()).unwrap_or(u64::MAX));
        }
        for word in self.words {
            word.store(0, Ordering::Relaxed);
        }
    }

    /// Orders its worker to die at the `nth` passing of `step`; an `nth` of 0 takes that back.
    pub(crate) fn order(&self, step: CrashPoint, nth: u16) {
        self.words[ORDER].store(order(step, nth), Ordering::Release);
    }

    /// Orders it to stop there.
    pub(crate) fn order_to_stop(&self, step: CrashPoint, nth: u16) {
        self.words[ORDER].store(order(step, nth) | STOP, Ordering::Release);
    }

    /// Whether the last order was heeded.
    pub(crate) fn is_heeded(&self) -> bool {
        self.words[ORDER].load(Ordering::Acquire) == 0
    }

    /// In the worker: does what was ordered.
    pub(crate) fn heed(&self) {
        let order = self.words[ORDER].load(Ordering::Acquire);
        if let Some(step) = step(order) {
            self.words[ARMED].store(order, Ordering::SeqCst);
            if order & STOP == 0 {
                crashpoint::arm(step, nth(order));
            } else {
                crashpoint::arm_to_stop(step, nth(order));
            }
            // Only this order: another one may have come meanwhile.
            let _ = self.words[ORDER].compare_exchange(order, 0, Ordering::AcqRel, Ordering::Relaxed);
        }
    }

    /// Where its worker was going to die by its own hand.
    pub(crate) fn armed(&self) -> Option<CrashPoint> {
        let order = self.words[ARMED].load(Ordering::SeqCst);
        step(order).filter(|_| nth(order) > 0 && order & STOP == 0)
    }

    /// In the worker: whether it was ordered to die the first time that it passes `step`.
    pub(crate) fn dies_at_first(&self, step: CrashPoint) -> bool {
        self.armed() == Some(step) && nth(self.words[ARMED].load(Ordering::SeqCst)) == 1
    }

    /// In the worker: leaves a note for whoever looks at its desk when it is dead.
    pub(crate) fn mark(&self, mark: u64) {
        self.words[MARK].store(mark, Ordering::SeqCst);
    }

    pub(crate) fn marked(&self) -> u64 {
        self.words[MARK].load(Ordering::SeqCst)
    }

    /// In the worker: dies by its own hand, and leaves word that it did.
    pub(crate) fn kill_myself(&self) {
        self.words[SUICIDE].store(1, Ordering::SeqCst);
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
    }

    pub(crate) fn killed_itself(&self) -> bool {
        self.words[SUICIDE].load(Ordering::Relaxed) == 1
    }

    fn took(&self, doing: Doing, nanos: u64) {
        raise(self.longest, pack(doing, nanos));
    }

    /// Nanoseconds since the desks were made, on one clock for all processes; never 0.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_call_is_kept_and_so_is_one_that_death_cut_short() {
        let desks = Desks::new().expect("memory");
        let (quick, dead) = (desks.desk(0), desks.desk(1));
        quick.during(Doing::Put, || ());
        assert_eq!(quick.doing(), None);
        dead.words[DOING].store(pack(Doing::Get, dead.now()), Ordering::Relaxed);
        while dead.doing().is_some_and(|(_, lasted)| lasted < Duration::from_millis(5)) {}
        assert_eq!(dead.doing().map(|(doing, _)| doing), Some(Doing::Get));
        dead.clear();
        assert_eq!(dead.doing(), None);
        let (doing, longest) = desks.longest().expect("two operations");
        assert!(doing == Doing::Get && longest >= Duration::from_millis(5));
    }

    #[test]
    fn a_time_without_progress_is_a_stall_and_one_without_work_is_none() {
        let desks = Desks::new().expect("memory");
        let while_away = || {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(5) {}
        };
        while_away();
        desks.work_begins();
        desks.desk(1).progresses();
        assert!(desks.stall() < Duration::from_millis(5));
        while_away();
        desks.work_ends();
        assert!(desks.stall() >= Duration::from_millis(5));
    }

    #[test]
    fn an_order_is_heeded_once() {
        let desks = Desks::new().expect("memory");
        let desk = desks.desk(3);
        assert!(desk.is_heeded());
        desk.order(CrashPoint::ALL[0], 0); // disarms: nothing dies of it
        assert!(!desk.is_heeded());
        desk.heed();
        assert!(desk.is_heeded());
        assert_eq!(desk.armed(), None);
    }
}
