//! Dying between two stores: how tests kill a process at every step that matters.
//!
//! The queue and the mutex pass a [`Step`] after each store that another process could see. A test
//! arms one of them in a child, and the child ends there by SIGKILL, with everything it held. Only
//! builds with debug assertions have these points; in a release build passing one is nothing at all.
//!
//! ```
//! use common::kill_point::{self, Step};
//! use common::process::{Exit, Process};
//! use common::queue::Queue;
//!
//! let queue = Queue::new(1)?;
//! let dies = || {
//!     kill_point::arm(Step::PutCommitted, 1);
//!     let _ = queue.put(7);
//! };
//! let exit = Process::new("dies", dies).start()?.join()?;
//! if cfg!(debug_assertions) {
//!     assert_eq!(exit.to_string(), "signal SIGKILL");
//! }
//! assert_eq!(queue.get(), Ok(7)); // it was committed, so it is wholly in
//! # Ok::<(), common::Error>(())
//! ```

use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::{Signal, raise};

macro_rules! steps {
    ($($(#[$about:meta])* $name:ident)*) => {
        /// A moment after a store, at which a process may die.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Step { $($(#[$about])* $name,)* }

        impl Step {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

steps! {
    /// Lock: the mutex is taken, and the record does not say so yet.
    LockTaken
    /// Lock: the record bears the new holder's name, and does not say that it is inside.
    LockSigned
    /// Lock: the record says so.
    LockEntered
    /// Unlock: nothing is done yet.
    LockUsed
    /// Unlock: the record says that nobody is inside, and the mutex is still taken.
    LockLeft
    /// Lock after a death inside: the value is put right, and the record still tells of the death.
    LockRepaired
    /// Put: a free slot was taken off the list of the free ones.
    PutTaken
    /// Put: the message is written, and its slot still says that it is free.
    PutWritten
    /// Put: the slot says that it is ready.
    PutCommitted
    /// Put: the slot stands in line, and the lock is still held.
    PutOrdered
    /// Put: the lock is free, and nobody is woken yet.
    PutUnlocked
    /// Get: the message is copied, and its slot still stands in line.
    TakeRead
    /// Get: the slot is out of the line, and still says that it is ready.
    TakeRemoved
    /// A slot says that it is free.
    FreeCommitted
    /// A slot stands in the line of the free ones.
    FreeAppended
    /// Get of a delivery: the ready slot bears the name of its holder.
    LeaseSigned
    /// Get of a delivery: the slot says that it is leased.
    LeaseCommitted
    /// Get of a delivery: the slot is out of the line.
    LeaseRemoved
    /// Get of a delivery: half of the consumer's entry in the roster is written.
    RosterHalf
    /// Done: the lock is free, and nobody is woken yet.
    DoneUnlocked
    /// The death of a holder is noted in a slot that is still leased.
    ReturnNoted
    /// A returned slot says that it is ready.
    ReturnCommitted
    /// A returned slot stands in line.
    ReturnOrdered
    /// A slot says that it holds a dead letter.
    BuryCommitted
    /// The dead letter is counted.
    BuryCounted
    /// A dead letter that goes elsewhere is counted no more.
    DeadUncounted
    /// Repair: it is noted that the index is broken, and the kernel's news is not used up yet.
    RepairNoted
    /// Repair: the line of the free slots is empty.
    RepairEmptied
    /// Repair: the ready slots stand in line.
    RepairOrdered
    /// Repair: the dead letters are counted.
    RepairCounted
    /// Repair: the free slots stand in line.
    RepairFilled
    /// Wake: the sequence is raised, and nobody is woken yet.
    WakeAnnounced
    /// Wake: nobody slept, and it says so.
    WakeCleared
}

/// What was armed, or 0: in the low half at which passing, above it the step's number and 1, and in
/// the highest bit what happens then.
static ARMED: AtomicU32 = AtomicU32::new(0);

const PASSINGS: u32 = 0xffff;
/// It is stopped, and not killed.
const STOPS: u32 = 1 << 31;

/// This process will die by SIGKILL when it passes `step` for the `nth` time from now on (from 1).
/// Whatever was armed before is disarmed; an `nth` of 0 arms nothing. Without debug assertions, nothing happens.
pub fn arm(step: Step, nth: u16) {
    ARMED.store(armed(step, nth), Ordering::Relaxed);
}

/// The same, but it is only stopped there (SIGSTOP), once: whoever continues it (SIGCONT) has given
/// the others time in between to do what they would seldom come to.
pub fn arm_to_stop(step: Step, nth: u16) {
    let armed = armed(step, nth);
    ARMED.store(if armed == 0 { 0 } else { armed | STOPS }, Ordering::Relaxed);
}

fn armed(step: Step, nth: u16) -> u32 {
    if nth == 0 { 0 } else { (step as u32 + 1) << 16 | u32::from(nth) }
}

/// Passes a step: the end of this process, or a stop, if that was armed for this passing.
#[inline]
pub(crate) fn pass(step: Step) {
    if cfg!(debug_assertions) && (ARMED.load(Ordering::Relaxed) & !STOPS) >> 16 == step as u32 + 1 {
        pass_armed();
    }
}

#[cold]
fn pass_armed() {
    let armed = ARMED.fetch_sub(1, Ordering::Relaxed);
    if armed & PASSINGS == 1 {
        ARMED.store(0, Ordering::Relaxed);
        let _ = raise(if armed & STOPS == 0 { Signal::SIGKILL } else { Signal::SIGSTOP });
    }
}
