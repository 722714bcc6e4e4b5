//! The longest stall and the longest call, measured in shared memory by the workers themselves.
//!
//! **The longest stall** is the longest time between two completed operations of all workers of a round,
//! from its start until its work is done. There is always work meanwhile: producers never pause, consumers
//! work for microseconds, and a killed worker is replaced within milliseconds. So a stall is long only if a
//! death took something with it that the survivors wait for. It contains a whole recovery: noticing the
//! death, repairing the queue, handing the item to another consumer.
//!
//! **The longest call** is the longest that one worker spent in one call, while other workers may have gone
//! on. A call that the death of its caller cut short counts for as long as it lasted. Locks and queues are
//! not fair, and the kernel of a busy machine is not fair either, so a call may be longer than a stall; but
//! none may wait for ever.
//!
//! **The longest overrun** is the longest that a call with a deadline took beyond it. It is measured while a worker
//! is stopped with a lock, too; the other two are not, because then calls without a deadline wait rightly.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use common::shared::Shared;
use common::words::Text;

use crate::words;

/// An operation that must never take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Put = 1,
    Get,
    Done,
    Return,
    Lock,
    Buy,
    Append,
    Read,
}

impl Operation {
    const ALL: [Self; 8] =
        [Self::Put, Self::Get, Self::Done, Self::Return, Self::Lock, Self::Buy, Self::Append, Self::Read];
    const BITS: u32 = 4;

    pub(crate) fn called(self) -> Text {
        match self {
            Self::Put => words::a_put(),
            Self::Get => words::a_get(),
            Self::Done => words::a_done(),
            Self::Return => words::a_return(),
            Self::Lock => words::a_lock(),
            Self::Buy => words::a_purchase(),
            Self::Append => words::an_append(),
            Self::Read => words::a_read(),
        }
    }

    /// A number of nanoseconds and an operation in one word, which is never 0.
    pub(crate) fn pack(self, nanos: u64) -> u64 {
        (nanos << Self::BITS) | self as u64
    }

    /// What such a word holds; `None` for 0.
    pub(crate) fn unpack(word: u64) -> Option<(Self, u64)> {
        let number = word & ((1 << Self::BITS) - 1);
        let operation = Self::ALL.into_iter().find(|operation| *operation as u64 == number)?;
        Some((operation, word >> Self::BITS))
    }
}

/// What all workers of all rounds measure.
#[derive(Debug)]
pub(crate) struct Latency {
    /// Nanoseconds, and the operation: [`Operation::pack`].
    longest_call: Shared<AtomicU64>,
    /// In nanoseconds.
    longest_stall: Shared<AtomicU64>,
    /// When a worker last completed an operation, or the work of a round began.
    last_completion: Shared<AtomicU64>,
    /// In nanoseconds.
    longest_overrun: Shared<AtomicU64>,
    /// How many calls returned that a worker keeps a lock.
    stalled_calls: Shared<AtomicU64>,
    /// Odd while a worker is stopped with a lock.
    stops: Shared<AtomicU64>,
    began: Instant,
}

/// What [`Latency::stops`] was when a call began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stops(u64);

impl Latency {
    pub(crate) fn new() -> Result<Self, Error> {
        let word = || Shared::new(AtomicU64::new(0));
        Ok(Self {
            longest_call: word()?,
            longest_stall: word()?,
            last_completion: word()?,
            longest_overrun: word()?,
            stalled_calls: word()?,
            stops: word()?,
            began: Instant::now(),
        })
    }

    /// The workers of a round have work from now on.
    pub(crate) fn work_begins(&self) {
        self.last_completion.store(self.now(), Ordering::SeqCst);
    }

    /// Until now they had.
    pub(crate) fn work_ends(&self) {
        self.complete();
    }

    /// In a worker: something was put, got, done, locked or bought.
    pub(crate) fn complete(&self) {
        // In this order: after a stop, the last completion is from after it.
        let is_stopped = self.was_stopped_since(self.stops());
        let now = self.now();
        let last = self.last_completion.swap(now, Ordering::SeqCst);
        if !is_stopped {
            raise(&self.longest_stall, now.saturating_sub(last));
        }
    }

    /// A call of `operation` took this many nanoseconds.
    pub(crate) fn call_took(&self, operation: Operation, nanos: u64) {
        raise(&self.longest_call, operation.pack(nanos));
    }

    /// From here on a worker is stopped with a lock, or no longer.
    pub(crate) fn stop_begins_or_ends(&self) {
        self.stops.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn stops(&self) -> Stops {
        Stops(self.stops.load(Ordering::SeqCst))
    }

    /// Whether a worker was stopped with a lock at some time since `before`.
    pub(crate) fn was_stopped_since(&self, before: Stops) -> bool {
        !before.0.is_multiple_of(2) || self.stops() != before
    }

    /// A call with a deadline took this many nanoseconds longer.
    pub(crate) fn overran(&self, nanos: u64) {
        raise(&self.longest_overrun, nanos);
    }

    /// In a worker: a call returned that another one keeps a lock.
    pub(crate) fn call_stalled(&self) {
        self.stalled_calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stalled_calls(&self) -> u64 {
        self.stalled_calls.load(Ordering::Relaxed)
    }

    pub(crate) fn longest_overrun(&self) -> Duration {
        Duration::from_nanos(self.longest_overrun.load(Ordering::Relaxed))
    }

    /// Changes with every completed operation.
    pub(crate) fn last_completion(&self) -> u64 {
        self.last_completion.load(Ordering::Relaxed)
    }

    pub(crate) fn longest_stall(&self) -> Duration {
        Duration::from_nanos(self.longest_stall.load(Ordering::Relaxed))
    }

    pub(crate) fn longest_call(&self) -> Option<(Operation, Duration)> {
        let longest = Operation::unpack(self.longest_call.load(Ordering::Relaxed));
        longest.map(|(operation, nanos)| (operation, Duration::from_nanos(nanos)))
    }

    /// Nanoseconds on one clock for all processes; never 0.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

/// Keeps the highest value. It is rarely the new one, and reading a word that no process writes costs nothing.
fn raise(word: &AtomicU64, value: u64) {
    if value > word.load(Ordering::Relaxed) {
        word.fetch_max(value, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_completed_operation_is_a_stall_and_one_without_work_is_none() {
        let latency = Latency::new().expect("memory");
        let while_away = || {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(5) {}
        };
        while_away();
        latency.work_begins();
        latency.complete();
        assert!(latency.longest_stall() < Duration::from_millis(5));
        while_away();
        latency.work_ends();
        assert!(latency.longest_stall() >= Duration::from_millis(5));
    }

    #[test]
    fn a_call_knows_whether_a_worker_was_stopped_meanwhile() {
        let latency = Latency::new().expect("memory");
        let before = latency.stops();
        assert!(!latency.was_stopped_since(before));
        latency.stop_begins_or_ends();
        let during = latency.stops();
        assert!(latency.was_stopped_since(before) && latency.was_stopped_since(during));
        latency.stop_begins_or_ends();
        assert!(latency.was_stopped_since(before) && latency.was_stopped_since(during));
        assert!(!latency.was_stopped_since(latency.stops()));
    }

    #[test]
    fn an_operation_and_its_time_survive_their_way_through_a_word() {
        for operation in Operation::ALL {
            assert_eq!(Operation::unpack(operation.pack(7)), Some((operation, 7)));
        }
        assert_eq!(Operation::unpack(0), None);
    }
}
