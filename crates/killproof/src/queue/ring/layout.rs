//! What a ring keeps in shared memory beside its slots and its index rings.

use crate::event_count::EventCount;
use crate::primitive::atomic::{AtomicU32, AtomicU64};
use crate::primitive::memory::shm_layout;
use crate::queue::{index_ring, slots};

// The slot, and its number in two index rings. (The atomics of a model are larger.)
#[cfg(not(killproof_model))]
const _: () = assert!(
    slots::BYTES_PER_SLOT + 2 * index_ring::BYTES_PER_SLOT == 144,
    "`Builder::max_message` promises 144 bytes for each message"
);

/// No `put` begins any more. Those that have begun may still put their message.
pub(super) const CLOSING: u32 = 1;
/// No message is put any more.
pub(super) const CLOSED: u32 = 2;

shm_layout! {
    #[repr(C, align(128))]
    pub(super) struct TailCounts {
        /// The turn of the next message.
        pub(super) next_turn: AtomicU64,
    }
}

shm_layout! {
    #[repr(C, align(128))]
    pub(super) struct HeadCounts {
        /// The number of the next delivery.
        pub(super) next_lease: AtomicU64,
    }
}

shm_layout! {
    /// What is read often and changes seldom: no core has to wait for another one to read it.
    #[repr(C, align(128))]
    pub(super) struct Status {
        /// How many slots hold dead letters. Stored to under the lock of the head only.
        pub(super) dead: AtomicU64,
        /// How many slots were ever used: from this number up they are free, and in no index. So a queue
        /// takes no more memory than the most messages that it ever held at once. Stored to under the lock
        /// of the tail only.
        pub(super) used: AtomicU32,
        /// [`CLOSING`] or [`CLOSED`].
        pub(super) closed: AtomicU32,
        /// 1: the index may differ from what the slots say.
        pub(super) broken: AtomicU32,
        pub(super) max_deaths: AtomicU32,
        /// How long a lease lasts at most, in nanoseconds; 0: as long as its holder lives.
        pub(super) max_lease: AtomicU64,
    }
}

shm_layout! {
    #[repr(C)]
    pub(super) struct Header {
        pub(super) tail: TailCounts,
        pub(super) head: HeadCounts,
        pub(super) status: Status,
        pub(super) not_empty: EventCount,
        pub(super) not_full: EventCount,
        pub(super) all_done: EventCount,
    }
}
