//! Which thread is inside a mutex: a record beside the value that outlives its writer.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::crashpoint::{CrashPoint, hit};
use crate::error::Phrase;
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence};
use crate::primitive::clock;
use crate::primitive::identity;
use crate::primitive::memory::shm_layout;

const NAME_WORDS: usize = 6;
const NAME_BYTES: usize = NAME_WORDS * size_of::<u64>();

shm_layout! {
    /// Written by the holder of the mutex only, and read by the holder only. (Of a read-write lock: of its gate.)
    pub(crate) struct Record {
        /// 0: no holder is inside, and the value is whole. Otherwise the signer is inside, or ended there
        /// and left a value to be repaired; it entered at this time, in nanoseconds since 1970.
        since: AtomicU64,
        /// 1: the signer panicked inside, and the value is not repaired yet.
        panicked: AtomicU32,
        pid: AtomicU32,
        /// Of the thread that signed last: that thread need not sign again.
        signature: AtomicU64,
        /// UTF-8, padded with zeros.
        name: [AtomicU64; NAME_WORDS],
    }
}

/// Which thread was inside a [`SharedMutex`](super::SharedMutex) when it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id. By now the system may have given it to another process.
    pub pid: i32,
    /// The name of its process, or of its thread if that is not the process's first; at most 48 bytes of it.
    pub name: String,
    /// When it took the mutex, to the kernel's tick (1 to 10 ms).
    pub since: SystemTime,
    /// How it ended.
    pub end: HowItEnded,
}

/// How the last holder ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowItEnded {
    /// Its thread has ended: it was killed, most likely.
    Died,
    /// It panicked, and may live on.
    Panicked,
}

impl Record {
    pub(crate) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        let name = std::array::from_fn(|_| zero());
        Self { since: zero(), panicked: AtomicU32::new(0), pid: AtomicU32::new(0), signature: zero(), name }
    }

    /// Whether the value is whole: no holder is inside, and none ended there since the last repair.
    #[inline]
    pub(crate) fn is_whole(&self) -> bool {
        self.since.load(Ordering::Relaxed) == 0
    }

    /// Signs, and enters: from here on a death of the caller leaves the caller's name.
    #[inline]
    pub(crate) fn sign_and_enter(&self) {
        self.sign();
        hit(CrashPoint::LockSigned);
        self.enter();
        hit(CrashPoint::LockEntered);
    }

    /// Records the caller's name, while the value is whole.
    #[inline]
    fn sign(&self) {
        let signature = identity::signature();
        if self.signature.load(Ordering::Relaxed) != signature {
            self.introduce(signature);
        }
    }

    /// Whether the calling thread signed last. The caller has a guard, or the copy of one in a process that was
    /// forked while the guard was held.
    #[inline]
    pub(crate) fn is_signed_by_caller(&self) -> bool {
        self.signature.load(Ordering::Relaxed) == identity::signature() || self.is_of_this_process()
    }

    /// A thread may have another signature at each call, where the system refuses to tell it of a fork.
    #[cold]
    fn is_of_this_process(&self) -> bool {
        self.pid.load(Ordering::Relaxed).cast_signed() == identity::pid()
    }

    #[cold]
    fn introduce(&self, signature: u64) {
        // The signature vouches for the rest: a kill in between leaves that of no thread.
        self.signature.store(0, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        self.pid.store(identity::pid().cast_unsigned(), Ordering::Relaxed);
        let name = identity::name();
        let bytes = &name.as_bytes()[..name.floor_char_boundary(NAME_BYTES)];
        let mut padded = [0; NAME_BYTES];
        padded[..bytes.len()].copy_from_slice(bytes);
        for (word, bytes) in self.name.iter().zip(padded.as_chunks().0) {
            word.store(u64::from_ne_bytes(*bytes), Ordering::Relaxed);
        }
        // Before or after the rest: no thread but this one looks for it, and `enter` comes after both.
        self.signature.store(signature, Ordering::Relaxed);
    }

    /// From here on the value may be half changed.
    ///
    /// The fences keep the compiler from moving the signing behind, and accesses of the value before. The
    /// processor needs none: when the kernel frees the mutex of a killed thread, it publishes what that thread
    /// stored.
    #[inline]
    fn enter(&self) {
        compiler_fence(Ordering::SeqCst);
        self.since.store(clock::coarse_nanos().max(1), Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
    }

    /// The value is whole, and no holder is inside.
    #[inline]
    pub(crate) fn leave(&self) {
        compiler_fence(Ordering::SeqCst);
        // The unlocking of the mutex comes after it.
        self.since.store(0, Ordering::Relaxed);
    }

    /// The signer panics inside, and leaves the value as it is.
    #[cold]
    pub(crate) fn panicked(&self) {
        self.panicked.store(1, Ordering::Relaxed);
    }

    /// The value was repaired.
    pub(crate) fn repaired(&self) {
        self.panicked.store(0, Ordering::Relaxed);
        self.leave();
    }

    /// The signer, which ended inside.
    pub(crate) fn holder(&self) -> Holder {
        let panicked = self.panicked.load(Ordering::Relaxed) == 1;
        let end = if panicked { HowItEnded::Panicked } else { HowItEnded::Died };
        let bytes: Vec<u8> = self
            .name
            .iter()
            .flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes())
            .take_while(|b| *b != 0)
            .collect();
        Holder {
            pid: self.pid.load(Ordering::Relaxed).cast_signed(),
            name: String::from_utf8_lossy(&bytes).into_owned(),
            since: UNIX_EPOCH + Duration::from_nanos(self.since.load(Ordering::Relaxed)),
            end,
        }
    }
}

impl Holder {
    /// Who it was and how it ended, as a part of a message.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        let words = match self.end {
            HowItEnded::Died => "its last holder, {} (pid {}), died inside; it came in {} s ago",
            HowItEnded::Panicked => "its last holder, {} (pid {}), panicked inside; it came in {} s ago",
        };
        let ago = self.since.elapsed().unwrap_or_default().as_secs_f64();
        Phrase::new(words, [Phrase::name(&self.name), self.pid.into(), Phrase::name(format_args!("{ago:.3}"))])
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}
