//! Which sources have mutants, and what of them is left alone.

/// The algorithms, from `crates/killproof/src`. The bytes of a value, the words of an error and the reports to an
/// observer are tested by themselves.
pub(crate) const FILES: [&str; 33] = [
    "event_count.rs",
    "places.rs",
    "queue.rs",
    "queue/consumers.rs",
    "queue/consumers_registry.rs",
    "queue/dead_letters.rs",
    "queue/delivery.rs",
    "queue/grace_period.rs",
    "queue/index_ring.rs",
    "queue/joinable.rs",
    "queue/leases.rs",
    "queue/producers.rs",
    "queue/recovery.rs",
    "queue/ring.rs",
    "queue/ring/head.rs",
    "queue/ring/holders.rs",
    "queue/ring/layout.rs",
    "queue/ring/locking.rs",
    "queue/ring/tail.rs",
    "queue/slots.rs",
    "queue/waiting.rs",
    "mutex.rs",
    "mutex/guard.rs",
    "mutex/holder.rs",
    "sync.rs",
    "sync/barrier.rs",
    "sync/barrier/state.rs",
    "sync/condvar.rs",
    "sync/event.rs",
    "sync/rw_lock.rs",
    "sync/rw_lock/guards.rs",
    "sync/semaphore.rs",
    "sync/semaphore/permits.rs",
];

/// Functions that only make others faster, or tell an observer: whatever they do, no promise depends on it.
const WITHOUT_PROMISE: [&str; 9] = [
    "HeldLease::record",
    "IndexRing::seen_behind",
    "Ring::has_much_room",
    "Ring::prefetch_ahead",
    "Ring::prefetch_next_message",
    "Slots::have_large",
    "Slots::prefetch",
    "comes_soon",
    "may_succeed",
];

/// Calls that no promise depends on: points of a test, prefetches, reports to an observer, and the end of a guard,
/// which comes at the end of its block at the latest.
const HARMLESS: [&str; 13] = [
    "begin_here",
    "drop",
    "end",
    "ends",
    "disarm",
    "forget",
    "fetch",
    "fetch_to_read",
    "hit",
    "mark",
    "prefetch_ahead",
    "prefetch_next_message",
    "record",
];

/// Calls that change what others see.
const WITH_EFFECT: [&str; 34] = [
    "append",
    "begin",
    "commit",
    "compare_exchange",
    "dead_letter",
    "enter",
    "fetch_add",
    "fetch_sub",
    "finish_closing",
    "holder_died",
    "introduce",
    "leave",
    "leave_slowly",
    "notify",
    "notify_all",
    "notify_all_waiters",
    "notify_if_all_done",
    "notify_one",
    "panicked",
    "rebuild",
    "refill",
    "release",
    "remove_first",
    "repair",
    "repaired",
    "requeue",
    "sign",
    "sign_and_enter",
    "store",
    "swap",
    "uncount_dead",
    "wake",
    "wake_all",
    "write",
];

const FENCES: [&str; 3] = ["compiler_fence", "store_before_load", "store_before_load_after_unlock"];

pub(crate) fn is_without_promise(function: &str) -> bool {
    WITHOUT_PROMISE.contains(&function) || function.contains("prefetch")
}

pub(crate) fn may_be_dropped(callee: &str) -> bool {
    !HARMLESS.contains(&callee)
}

pub(crate) fn has_effect(callee: &str) -> bool {
    WITH_EFFECT.contains(&callee)
}

pub(crate) fn is_fence(callee: &str) -> bool {
    FENCES.contains(&callee)
}

/// Whether what an ordering is given for is memory of one process: then its threads alone are ordered by it, and an
/// actor of the model has one.
pub(crate) fn is_private(receiver: &str) -> bool {
    ["self.me.", "self.last_check", "self.since", "self.deliveries"].iter().any(|field| receiver.starts_with(field))
}
