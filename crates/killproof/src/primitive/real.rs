//! The machine itself.

/// Sequentially consistent, acquire, release and relaxed accesses, and the order between them.
pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence};
}

/// Memory of one process: a child has a copy of it.
pub(crate) mod private {
    pub(crate) use std::sync::atomic::{AtomicI32, AtomicU64};
}

/// Memory that forked processes share, made by type. A body whose atomics are objects constructs them
/// ([`Zeroed`](memory::Zeroed)); those of the machine are valid when zero.
pub(crate) mod memory {
    pub(crate) use crate::sys::growing::{self, GrowingWords};
    pub(crate) use crate::sys::memory::ShmSlice;
    pub(crate) use crate::sys::shm_box::ShmBox;
    pub(crate) use crate::sys::shm_safe::{Zeroed, shm_layout};
    pub(crate) use crate::sys::shm_vec::ShmVec;

    pub(crate) const PAGE: usize = 4096;
}

/// A mutex between processes that is freed when its owner dies, and reports the death to the next owner.
pub(crate) mod robust {
    pub(crate) use crate::sys::held::MAX_HELD;
    pub(crate) use crate::sys::robust::{LockResult, RobustGuard, RobustMutex};
    pub(crate) use crate::sys::robust_guard::NotTaken;
    pub(crate) use crate::sys::shares::{AllShares, OneShare, Shares, SomeShares};

    /// How many readers of a read-write lock may hold it at a time.
    pub(crate) const READERS: u32 = 32;
}

/// Sleeping on a word of shared memory.
pub(crate) mod futex {
    pub(crate) use crate::sys::futex::{wait, wake, wake_all};
}

/// Prefetches, and the fence between a store and a load.
pub(crate) mod cache {
    pub(crate) use crate::sys::cache::{fetch, fetch_to_read, store_before_load, store_before_load_after_unlock};
}

/// Time: coarse for what each message reads, exact for deadlines.
pub(crate) mod clock {
    pub(crate) use crate::sys::clock::{coarse_nanos, coarse_uptime_nanos, elapsed, now};
}

/// Code that another process of the same image runs.
pub(crate) mod code {
    pub(crate) use crate::sys::code::{CallWith, call, write};
}

/// Which process and which thread the caller is.
pub(crate) mod identity {
    pub(crate) use crate::identity::{count_generations, generation, name, pid, signature};
}

/// Whether a process is alive, and a thread of the calling process.
pub(crate) mod liveness {
    pub(crate) use crate::liveness::{LifeLocks, thread_id, thread_is_alive};

    /// How many living consumers of a queue there is room for. The place of a dead one is used again.
    pub(crate) const PLACES: u32 = 1 << 16;
}

/// Whether the process is asked to end.
pub(crate) mod interrupt {
    pub(crate) use crate::interrupt::{check, requested};
}

/// What a spinning thread does between two looks.
pub(crate) mod hint {
    pub(crate) use std::hint::spin_loop;

    /// How often a waiter looks before it sleeps. It pauses twice as long before each look as before the last
    /// one, in all about as long as it takes to fall asleep and be woken on another core. With fewer looks, two
    /// processes that answer each other would both sleep each time: each is asleep again before the other one
    /// is awake. With pauses that grow, the other side gets ahead, and the waiter finds several messages at once.
    pub(crate) const LOOKS: u32 = 10;
}

pub(crate) use std::sync::Arc;
pub(crate) use std::thread_local;
