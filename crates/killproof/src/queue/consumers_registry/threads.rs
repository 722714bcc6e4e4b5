//! Which threads of this process took deliveries of a queue. A thread that joins is no consumer to wait for; the
//! others are.

use crate::primitive::atomic::Ordering;
use crate::primitive::identity;
use crate::primitive::liveness::{thread_id, thread_is_alive};
use crate::primitive::private::{AtomicI32, AtomicU64};

/// Beyond this number of consuming threads, the process counts as having one that is alive.
const KNOWN: usize = 16;

pub(super) struct ConsumerThreads {
    /// The signature of the thread that took the last delivery: mostly the same one takes the next.
    last: AtomicU64,
    known: [ConsumerThread; KNOWN],
    /// 1: there were more.
    more: AtomicI32,
}

struct ConsumerThread {
    /// 0: free.
    signature: AtomicU64,
    /// 0: not stored yet.
    id: AtomicI32,
}

impl ConsumerThreads {
    pub(super) fn new() -> Self {
        let unknown = || ConsumerThread { signature: AtomicU64::new(0), id: AtomicI32::new(0) };
        Self { last: AtomicU64::new(0), known: std::array::from_fn(|_| unknown()), more: AtomicI32::new(0) }
    }

    /// Forgets the threads of the parent.
    pub(super) fn forget(&self) {
        for thread in &self.known {
            thread.id.store(0, Ordering::Relaxed);
            thread.signature.store(0, Ordering::Relaxed);
        }
        self.more.store(0, Ordering::Relaxed);
        self.last.store(0, Ordering::Relaxed);
    }

    /// Enters the calling thread.
    #[inline]
    pub(super) fn enter(&self) {
        let signature = identity::signature();
        if self.last.load(Ordering::Relaxed) != signature {
            self.enter_slowly(signature);
        }
    }

    #[cold]
    fn enter_slowly(&self, signature: u64) {
        self.last.store(signature, Ordering::Relaxed);
        if self.known.iter().any(|thread| thread.signature.load(Ordering::Acquire) == signature) {
            return;
        }
        if !self.known.iter().any(|thread| thread.become_caller(signature)) {
            self.more.store(1, Ordering::Release);
        }
    }

    /// Whether a thread took deliveries and is alive, other than the calling one.
    pub(super) fn another_is_alive(&self) -> bool {
        let caller = identity::signature();
        let is_another = |thread: &ConsumerThread| {
            let signature = thread.signature.load(Ordering::Acquire);
            signature != 0 && signature != caller && thread.is_alive()
        };
        self.more.load(Ordering::Acquire) == 1 || self.known.iter().any(is_another)
    }
}

impl ConsumerThread {
    /// Takes the place of no thread, or of one that has ended.
    fn become_caller(&self, signature: u64) -> bool {
        let was = self.signature.load(Ordering::Acquire);
        let is_free = was == 0 || !self.is_alive();
        let taken =
            is_free && self.signature.compare_exchange(was, signature, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if taken {
            self.id.store(thread_id(), Ordering::Release);
        }
        taken
    }

    fn is_alive(&self) -> bool {
        let id = self.id.load(Ordering::Acquire);
        id == 0 || thread_is_alive(id)
    }
}
