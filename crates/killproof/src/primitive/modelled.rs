//! A machine that a model checker controls: what happens next, who dies, and what a load sees are its choices.

mod life;
mod private_words;

/// Accesses as a weakly ordered machine may do them.
pub(crate) mod atomic {
    pub(crate) use crashcheck::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence};
}

/// Each actor has its own.
pub(crate) mod private {
    pub(crate) use super::private_words::{AtomicI32, AtomicU64};
}

/// The machine's own shared memory: the atomics in it are the model's.
pub(crate) mod memory {
    pub(crate) use crate::sys::growing::{self, GrowingWords};
    pub(crate) use crate::sys::modelled_memory::ShmSlice;
    pub(crate) use crate::sys::shm_box::ShmBox;
    pub(crate) use crate::sys::shm_safe::{Zeroed, shm_layout};
    pub(crate) use crate::sys::shm_vec::ShmVec;

    /// What a killed actor has allocated is never freed: it gets no byte that it does not need.
    pub(crate) const PAGE: usize = 1;
}

/// A mutex that the model's deaths free.
pub(crate) mod robust {
    pub(crate) use crate::sys::held::MAX_HELD;
    pub(crate) use crate::sys::modelled_robust::{LockResult, RobustGuard, RobustMutex};
    pub(crate) use crate::sys::robust_guard::NotTaken;
    pub(crate) use crate::sys::shares::{AllShares, OneShare, Shares, SomeShares};

    /// So few that a reader may have to wait for another one.
    pub(crate) const READERS: u32 = 2;
}

/// Sleeping on a word of the model.
pub(crate) mod futex {
    use std::time::Duration;

    use super::atomic::AtomicU32;

    #[track_caller]
    pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
        crashcheck::futex::wait(word, expected, Some(timeout));
    }

    #[track_caller]
    pub(crate) fn wake(word: &AtomicU32, count: u32) -> usize {
        crashcheck::futex::wake(word, count as usize)
    }

    #[track_caller]
    pub(crate) fn wake_all(word: &AtomicU32) {
        wake(word, u32::MAX);
    }
}

/// A prefetch changes nothing, and no unlocking is a fence: the machine is no x86.
pub(crate) mod cache {
    use super::atomic::Ordering;

    pub(crate) fn fetch<T>(_: &T) {}

    pub(crate) fn fetch_to_read<T>(_: &T) {}

    #[track_caller]
    pub(crate) fn store_before_load() {
        crashcheck::atomic::fence(Ordering::SeqCst);
    }

    #[track_caller]
    pub(crate) fn store_before_load_after_unlock() {
        store_before_load();
    }
}

/// Time passes when no actor can go on, and between two looks of main.
pub(crate) mod clock {
    use std::cell::Cell;
    use std::sync::LazyLock;
    use std::time::{Duration, Instant};

    /// The model's time 0. Not 0 itself, which says "never" in the algorithms.
    const EPOCH: Duration = Duration::from_secs(1_000);

    /// Longer than an algorithm waits before it looks after dead processes again: main finds those that died since it
    /// set up.
    const BETWEEN_LOOKS: Duration = Duration::from_millis(60);

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    thread_local! {
        static LOOKS: Cell<u32> = const { Cell::new(0) };
    }

    pub(crate) fn coarse_nanos() -> u64 {
        coarse_uptime_nanos()
    }

    pub(crate) fn coarse_uptime_nanos() -> u64 {
        let passed = if crashcheck::actor::current() == 0 { looks_of_main() * BETWEEN_LOOKS } else { Duration::ZERO };
        u64::try_from((EPOCH + crashcheck::actor::now() + passed).as_nanos()).unwrap_or(u64::MAX)
    }

    /// How often main has looked before, in this execution.
    fn looks_of_main() -> u32 {
        let looks = LOOKS.get();
        if looks == 0 {
            crashcheck::actor::at_end(|| LOOKS.set(0));
        }
        LOOKS.set(looks + 1);
        looks
    }

    pub(crate) fn now() -> Instant {
        *START + crashcheck::actor::now()
    }

    pub(crate) fn elapsed(since: Instant) -> Duration {
        now().saturating_duration_since(since)
    }
}

/// An actor is a process with one thread.
pub(crate) mod identity {
    use std::io;

    /// The pid of the actor that sets up and checks.
    const FIRST: i32 = 100;

    pub(crate) fn pid() -> i32 {
        FIRST + i32::try_from(crashcheck::actor::current()).unwrap_or(0)
    }

    pub(crate) fn generation() -> u64 {
        crashcheck::actor::current() as u64 + 1
    }

    pub(crate) fn signature() -> u64 {
        crashcheck::actor::current() as u64 + 1
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the machine's")]
    pub(crate) fn count_generations() -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn name() -> String {
        format!("actor {}", crashcheck::actor::current())
    }
}

/// Who is alive is asked of the model.
pub(crate) mod liveness {
    pub(crate) use super::life::{LifeLocks, thread_id, thread_is_alive};

    /// So few that the place of a dead consumer is soon used again.
    pub(crate) const PLACES: u32 = 3;
}

/// No actor is asked to end.
pub(crate) mod interrupt {
    use nix::sys::signal::Signal;

    use crate::error::Error;

    pub(crate) fn requested() -> Option<Signal> {
        None
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the machine's")]
    pub(crate) fn check() -> Result<(), Error> {
        Ok(())
    }
}

/// A waiter looks once: the model tries every moment at which it may.
pub(crate) mod hint {
    pub(crate) const LOOKS: u32 = 1;

    pub(crate) fn spin_loop() {}
}

pub(crate) use crate::sys::modelled_arc::Arc;
pub(crate) use std::thread_local;
