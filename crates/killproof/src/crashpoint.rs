//! Points between two stores at which a test makes a process die.
//!
//! The queue, the mutex and the log hit a [`CrashPoint`] after each store that another process could see. A
//! test arms one of them in a child, and the child ends there by SIGKILL, with everything it held.
//! The module is public, and the points are compiled in, only with the feature `crashpoints`;
//! without it, to hit one does nothing. With it each point costs one relaxed load, in code that is
//! otherwise the code that users run.
//!
//! ```
//! use killproof::crashpoint::{self, CrashPoint};
//! use killproof::process::Process;
//! use killproof::queue::Queue;
//!
//! let queue = Queue::new(1)?;
//! let dies = || {
//!     crashpoint::arm(CrashPoint::PutCommitted, 1);
//!     let _ = queue.put(7);
//! };
//! let exit = Process::new("dies", dies).start()?.join()?;
//! assert_eq!(exit.to_string(), "signal SIGKILL");
//! assert_eq!(queue.get(), Ok(7)); // it was committed, so it is wholly in
//! # Ok::<(), killproof::Error>(())
//! ```
#![cfg_attr(
    not(feature = "crashpoints"),
    expect(dead_code, unreachable_pub, reason = "only a build with the feature can arm a point")
)]

use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::{Signal, raise};

macro_rules! crash_points {
    ($($(#[$about:meta])* $name:ident)*; pools: $($(#[$about_pools:meta])* $of_pools:ident)*) => {
        /// A moment after a store at which a process may die.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CrashPoint { $($(#[$about])* $name,)* $($(#[$about_pools])* $of_pools,)* }

        impl CrashPoint {
            /// All that a caller of an operation hits.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Those that a worker of a pool hits, besides: a task arms one in its worker.
            pub const OF_POOLS: &'static [Self] = &[$(Self::$of_pools),*];
        }
    };
}

crash_points! {
    /// Lock: the mutex is taken, and the record does not say so yet.
    LockTaken
    /// Lock: the record has the new holder's name, and does not say that it is inside.
    LockSigned
    /// Lock: the record says so.
    LockEntered
    /// Unlock: nothing is done yet.
    LockUsed
    /// Unlock: the record says that no holder is inside, and the mutex is still taken.
    LockLeft
    /// Lock after a death inside: the value is repaired, and the record still names the dead holder.
    LockRepaired
    /// Put: a slot was taken from the free ones.
    PutTaken
    /// Put: the message is written, and its slot still says that it is free.
    PutWritten
    /// Put: the slot says that it is ready.
    PutCommitted
    /// Put: the slot is in the ready ring, and the lock is still held.
    PutOrdered
    /// Put: the lock is free, and no consumer is woken yet.
    PutUnlocked
    /// Get: the message is copied, and its slot is still in the ready ring.
    TakeRead
    /// Get: the slot is out of the ready ring, and still says that it is ready.
    TakeRemoved
    /// A slot says that it is free.
    FreeCommitted
    /// A slot is in the ring of the free ones.
    FreeAppended
    /// Get of a delivery: the ready slot has the name of its holder.
    LeaseSigned
    /// Get of a delivery: the slot says that it is leased.
    LeaseCommitted
    /// Get of a delivery: the slot is out of the ready ring.
    LeaseRemoved
    /// Get of a delivery: half of the consumer's entry in the registry is written.
    RegistryHalf
    /// Ack: the lock is free, and no producer is woken yet.
    DoneUnlocked
    /// The death of a holder is noted in a slot that is still leased.
    ReturnNoted
    /// A returned slot says that it is ready.
    ReturnCommitted
    /// A returned slot is in the ready ring.
    ReturnOrdered
    /// A slot says that it holds a dead letter.
    DeadLetterCommitted
    /// The dead letter is counted.
    DeadLetterCounted
    /// A dead letter that is discarded or tried again is no longer counted.
    DeadLetterUncounted
    /// Repair: it is noted that the index is broken, and the kernel still reports the death.
    RepairNoted
    /// Repair: the ring of the free slots is empty.
    RepairEmptied
    /// Repair: the ready slots are in their ring.
    RepairOrdered
    /// Repair: the dead letters are counted.
    RepairCounted
    /// Repair: the free slots are in their ring.
    RepairFilled
    /// Append to a log: the record's place is taken, and the word that says where the next one begins is old.
    LogReserved
    /// Append to a log: that word is new, and nothing of the record is written.
    LogAdvanced
    /// Append to a log: a part of the record is written.
    LogHalf
    /// Append to a log: all of the record is written, and its header says that it is not.
    LogWritten
    /// Append to a log: the header says that the record is whole.
    LogCommitted
    /// Append to a log: the rest of a segment is skipped, and no record is in the next one yet.
    LogSkipped
    /// Wake: the sequence is raised, and no waiter is woken yet.
    WakeAnnounced
    /// Wake: no waiter slept, and the word says so.
    WakeCleared;

pools:
    /// Pool: a worker has taken a chunk, which still counts as ready.
    PoolTaken
    /// Pool: a result is written, and does not count yet.
    PoolWritten
    /// Pool: a result counts.
    PoolCounted
    /// Pool: a chunk is finished, and is not among the finished ones yet.
    PoolFinished
    /// Pool: it is, and the owner is not woken yet.
    PoolMarked
    /// Pool: the rest of a chunk is ready for another worker, and is not among the ready ones yet.
    PoolReturned
}

/// What is armed; 0: nothing. The low half is how many hits are left, above it is the point's number plus 1,
/// and the highest bit says that the process is stopped there instead of killed.
static ARMED: AtomicU32 = AtomicU32::new(0);

const HITS: u32 = 0xffff;
const STOPS: u32 = 1 << 31;

/// Makes this process die by SIGKILL when it hits `point` for the `nth` time from now on (from 1). What was
/// armed before is disarmed; an `nth` of 0 arms nothing.
pub fn arm(point: CrashPoint, nth: u16) {
    ARMED.store(armed(point, nth), Ordering::Relaxed);
}

/// Like [`arm`], but the process is only stopped there (SIGSTOP), once. Until it is continued (SIGCONT), other
/// processes meet a state that otherwise lasts for nanoseconds.
pub fn arm_to_stop(point: CrashPoint, nth: u16) {
    let armed = armed(point, nth);
    ARMED.store(if armed == 0 { 0 } else { armed | STOPS }, Ordering::Relaxed);
}

fn armed(point: CrashPoint, nth: u16) -> u32 {
    if nth == 0 { 0 } else { (point as u32 + 1) << 16 | u32::from(nth) }
}

/// Ends or stops this process, if that is armed for this hit.
#[inline]
pub(crate) fn hit(point: CrashPoint) {
    if cfg!(feature = "crashpoints") && (ARMED.load(Ordering::Relaxed) & !STOPS) >> 16 == point as u32 + 1 {
        hit_armed();
    }
}

#[cold]
fn hit_armed() {
    let armed = ARMED.fetch_sub(1, Ordering::Relaxed);
    if armed & HITS == 1 {
        ARMED.store(0, Ordering::Relaxed);
        let _ = raise(if armed & STOPS == 0 { Signal::SIGKILL } else { Signal::SIGSTOP });
    }
}
