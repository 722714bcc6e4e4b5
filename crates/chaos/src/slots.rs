//! A status slot in shared memory for each worker: the operation that it is in, its order, a note. The slot
//! outlives the worker, so it tells what a killed worker was doing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::Error;
use common::shared::Shared;
use nix::sys::signal::{Signal, raise};

use crate::crash_points::CrashPoint;
use crate::latency::{Latency, Operation};
use crate::order::{Effect, Order};

/// How many workers a round has at most.
pub(crate) const SLOTS: usize = 16;

/// The words of a slot. The operation that the worker is in, and since when; 0 between two operations.
const OPERATION: usize = 0;
/// The order that the worker has not taken yet, or 0.
const ORDER: usize = 1;
/// What the workload wants to know of a worker that died.
const NOTE: usize = 2;
/// 1 from before the worker kills itself.
const KILLED_ITSELF: usize = 3;
/// The last order that the worker took.
const ARMED: usize = 4;
/// 1: the worker executes another program as soon as it holds an item.
const EXECUTES: usize = 5;
/// 1: the worker was stopped during its call.
const WAS_STOPPED: usize = 6;
const WORDS: usize = 7;

/// The slots of all workers, and what they measure together.
#[derive(Debug)]
pub(crate) struct Slots {
    words: Shared<[[AtomicU64; WORDS]; SLOTS]>,
    pub(crate) latency: Latency,
}

/// The slot of one worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<'a> {
    words: &'a [AtomicU64; WORDS],
    latency: &'a Latency,
}

impl Slots {
    pub(crate) fn new() -> Result<Self, Error> {
        let words = Shared::new([const { [const { AtomicU64::new(0) }; WORDS] }; SLOTS])?;
        Ok(Self { words, latency: Latency::new()? })
    }

    pub(crate) fn slot(&self, number: usize) -> Slot<'_> {
        Slot { words: &self.words[number], latency: &self.latency }
    }
}

/// What the worker does.
impl Slot<'_> {
    /// Calls `operation`, and writes down what it is and how long it took.
    pub(crate) fn during<R>(&self, operation: Operation, call: impl FnOnce() -> R) -> R {
        self.within(None, operation, call)
    }

    /// The same for a call that promises to return by `limit`, if it does.
    pub(crate) fn within<R>(&self, limit: Option<Duration>, operation: Operation, call: impl FnOnce() -> R) -> R {
        let (since, stops) = (self.latency.now(), self.latency.stops());
        self.words[OPERATION].store(operation.pack(since), Ordering::Relaxed);
        let result = call();
        self.words[OPERATION].store(0, Ordering::Relaxed);
        let took = self.latency.now() - since;
        if self.words[WAS_STOPPED].load(Ordering::Acquire) == 1 {
            // Its call took as long as it was stopped.
            self.words[WAS_STOPPED].store(0, Ordering::Relaxed);
            return result;
        }
        if let Some(limit) = limit {
            self.latency.overran(took.saturating_sub(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX)));
        }
        if !self.latency.was_stopped_since(stops) {
            self.latency.call_took(operation, took);
        }
        result
    }

    /// The call returned that another worker keeps a lock.
    pub(crate) fn stalled(&self) {
        self.latency.call_stalled();
    }

    /// Whether it shall execute another program as soon as it holds an item.
    pub(crate) fn executes(&self) -> bool {
        self.words[EXECUTES].load(Ordering::Acquire) == 1
    }

    /// An operation is complete, and with it some of the round's work.
    pub(crate) fn complete(&self) {
        self.latency.complete();
    }

    /// Arms this process as the order says, if there is a new one.
    pub(crate) fn take_order(&self) {
        let word = self.words[ORDER].load(Ordering::Acquire);
        if let Some(order) = Order::from_word(word) {
            self.words[ARMED].store(word, Ordering::SeqCst);
            order.arm();
            // Only this order: a newer one may have come meanwhile.
            let _ = self.words[ORDER].compare_exchange(word, 0, Ordering::AcqRel, Ordering::Relaxed);
        }
    }

    /// Whether it dies at the very next hit of `point`.
    pub(crate) fn dies_at_next(&self, point: CrashPoint) -> bool {
        self.deadly_order().is_some_and(|order| order.point == point && order.nth == 1)
    }

    /// Leaves a note for the reader of this slot after the worker's death.
    pub(crate) fn note(&self, note: u64) {
        self.words[NOTE].store(note, Ordering::SeqCst);
    }

    /// Kills this process, and leaves word that it did so itself.
    pub(crate) fn kill_myself(&self) {
        self.words[KILLED_ITSELF].store(1, Ordering::SeqCst);
        let _ = raise(Signal::SIGKILL);
    }
}

/// What the main process does.
impl Slot<'_> {
    /// The worker takes `order` before its next operation.
    pub(crate) fn give(&self, order: Order) {
        self.words[ORDER].store(order.to_word(), Ordering::Release);
    }

    /// The worker executes another program as soon as it holds an item.
    pub(crate) fn shall_execute(&self) {
        self.words[EXECUTES].store(1, Ordering::Release);
    }

    /// The worker is stopped during a call. The caller continues it after this.
    pub(crate) fn is_stopped(&self) {
        self.words[WAS_STOPPED].store(1, Ordering::Release);
    }

    /// Whether the worker has taken its last order.
    pub(crate) fn order_is_taken(&self) -> bool {
        self.words[ORDER].load(Ordering::Acquire) == 0
    }

    /// Whether the worker took the order to stop at this point.
    pub(crate) fn stops_at(&self, point: CrashPoint) -> bool {
        self.taken().is_some_and(|order| order.point == point && order.effect == Effect::Stops)
    }

    /// Whether it may stop at a crash point, or has stopped there.
    pub(crate) fn may_stop(&self) -> bool {
        let is_stop = |order: Option<Order>| order.is_some_and(|order| order.effect == Effect::Stops);
        // In this order: the worker writes down what it takes before it is no order to take any more.
        is_stop(Order::from_word(self.words[ORDER].load(Ordering::SeqCst))) || is_stop(self.taken())
    }

    /// The operation that the worker is in, and for how long.
    pub(crate) fn operation(&self) -> Option<(Operation, Duration)> {
        let (operation, since) = Operation::unpack(self.words[OPERATION].load(Ordering::Relaxed))?;
        Some((operation, Duration::from_nanos(self.latency.now().saturating_sub(since))))
    }

    /// The crash point at which the worker dies, if it was armed.
    pub(crate) fn armed(&self) -> Option<CrashPoint> {
        self.deadly_order().map(|order| order.point)
    }

    pub(crate) fn noted(&self) -> u64 {
        self.words[NOTE].load(Ordering::SeqCst)
    }

    pub(crate) fn killed_itself(&self) -> bool {
        self.words[KILLED_ITSELF].load(Ordering::Relaxed) == 1
    }

    /// Empties the slot after the worker's end. A call that it was in counts for as long as it lasted.
    pub(crate) fn clear(&self) {
        if let Some((operation, lasted)) = self.operation()
            && !self.latency.was_stopped_since(self.latency.stops())
        {
            self.latency.call_took(operation, u64::try_from(lasted.as_nanos()).unwrap_or(u64::MAX));
        }
        for word in self.words {
            word.store(0, Ordering::Relaxed);
        }
    }

    fn deadly_order(&self) -> Option<Order> {
        self.taken().filter(|order| order.nth > 0 && order.effect == Effect::Dies)
    }

    /// The last order that the worker took.
    fn taken(&self) -> Option<Order> {
        Order::from_word(self.words[ARMED].load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_call_is_kept_and_so_is_one_that_death_cut_short() {
        let slots = Slots::new().expect("memory");
        let (quick, dead) = (slots.slot(0), slots.slot(1));
        quick.during(Operation::Put, || ());
        assert_eq!(quick.operation(), None);
        dead.words[OPERATION].store(Operation::Get.pack(slots.latency.now()), Ordering::Relaxed);
        while dead.operation().is_some_and(|(_, lasted)| lasted < Duration::from_millis(5)) {}
        assert_eq!(dead.operation().map(|(operation, _)| operation), Some(Operation::Get));
        dead.clear();
        assert_eq!(dead.operation(), None);
        let (operation, longest) = slots.latency.longest_call().expect("two calls");
        assert!(operation == Operation::Get && longest >= Duration::from_millis(5));
    }

    #[test]
    fn an_order_is_taken_once() {
        let slots = Slots::new().expect("memory");
        let slot = slots.slot(3);
        assert!(slot.order_is_taken());
        slot.give(Order::disarm());
        assert!(!slot.order_is_taken());
        slot.take_order();
        assert!(slot.order_is_taken());
        assert_eq!(slot.armed(), None);
    }

    #[test]
    fn a_worker_may_stop_from_the_order_on_and_stops_where_it_took_it() {
        let slots = Slots::new().expect("memory");
        let slot = slots.slot(3);
        let point = CrashPoint::PutTaken;
        assert!(!slot.may_stop());
        slot.give(Order::stop(point, 1));
        assert!(slot.may_stop() && !slot.stops_at(point));
        slot.words[ARMED].store(Order::stop(point, 1).to_word(), Ordering::SeqCst);
        slot.give(Order::disarm());
        assert!(slot.may_stop() && slot.stops_at(point) && !slot.stops_at(CrashPoint::PutWritten));
        slot.take_order();
        assert!(!slot.may_stop() && !slot.stops_at(point));
    }
}
