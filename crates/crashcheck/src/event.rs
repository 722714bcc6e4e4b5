//! What happened in an execution, step by step: the graph that the memory model is checked on, and the lines that a
//! reader gets.

use std::fmt;
use std::panic::Location as Line;
use std::sync::atomic::Ordering;

use crate::plural::plural;
use crate::view::{ActorId, Clock, Place};

/// One step of one actor.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) actor: ActorId,
    pub(crate) what: What,
    /// Which events happened before this one, this one included.
    pub(crate) clock: Clock,
    pub(crate) line: &'static Line<'static>,
}

/// An access of one location: what was read, what was written, where in the modification order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) location: usize,
    pub(crate) ordering: Ordering,
    pub(crate) read: Option<Read>,
    pub(crate) written: Option<Written>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) value: u64,
    pub(crate) place: Place,
    /// Which event of which actor stored it.
    pub(crate) made_by: (ActorId, u32),
    /// How many newer stores there were.
    pub(crate) age: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) value: u64,
    pub(crate) place: Place,
    /// How many stores there were that it was put before.
    pub(crate) skipped: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Initial(usize),
    Access(Access),
    Fence(Ordering),
    CompilerFence,
    Lock {
        lock: usize,
        how: LockOutcome,
    },
    /// It would wait for ever.
    Blocked {
        lock: usize,
    },
    Unlock {
        lock: usize,
    },
    Repaired {
        lock: usize,
    },
    Wait {
        location: usize,
        how: &'static str,
    },
    Woken {
        how: &'static str,
    },
    Wake {
        location: usize,
        woken: usize,
    },
    LooksAfter {
        actor: ActorId,
        is_alive: bool,
    },
    Calls {
        table: usize,
    },
    Dies,
    TakenBack {
        location: usize,
    },
    Promises {
        location: usize,
        value: u64,
    },
    Panics,
    Ends,
    TimePasses,
}

/// How an attempt to lock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockOutcome {
    Taken,
    OwnerDied,
    Busy,
    TimedOut,
    NotRecoverable,
}

impl fmt::Display for LockOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "taken",
            Self::OwnerDied => "taken, its owner died",
            Self::Busy => "busy",
            Self::TimedOut => "timed out",
            Self::NotRecoverable => "not recoverable",
        })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initial(location) => write!(f, "makes a{location}"),
            Self::Access(access) => access.fmt(f),
            Self::Fence(ordering) => write!(f, "fence {ordering:?}"),
            Self::CompilerFence => write!(f, "compiler fence"),
            Self::Lock { lock, how } => write!(f, "lock l{lock}: {how}"),
            Self::Blocked { lock } => write!(f, "lock l{lock}: waits"),
            Self::Unlock { lock } => write!(f, "unlock l{lock}"),
            Self::Repaired { lock } => write!(f, "l{lock} is consistent"),
            Self::Wait { location, how } => write!(f, "wait a{location}: {how}"),
            Self::Woken { how } => write!(f, "goes on: {how}"),
            Self::Wake { location, woken } => write!(f, "wake a{location}: {woken} woken"),
            Self::LooksAfter { actor, is_alive } => write!(f, "is actor {actor} alive: {is_alive}"),
            Self::Calls { table } => write!(f, "calls the kernel for t{table}"),
            Self::Dies => write!(f, "is killed"),
            Self::TakenBack { location } => write!(f, "the store of a{location} had not been made yet"),
            Self::Promises { location, value } => write!(f, "a{location} := {value} is seen ahead"),
            Self::Panics => write!(f, "panics"),
            Self::Ends => write!(f, "ends"),
            Self::TimePasses => write!(f, "time passes: no actor can go on"),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (location, ordering) = (self.location, self.ordering);
        match (self.read, self.written) {
            (Some(read), None) => write!(f, "load a{location}: {} {ordering:?}", read.value)?,
            (None, Some(written)) => write!(f, "store a{location} := {} {ordering:?}", written.value)?,
            (Some(read), Some(written)) => {
                write!(f, "change a{location}: {} → {} {ordering:?}", read.value, written.value)?;
            }
            (None, None) => write!(f, "a{location} {ordering:?}")?,
        }
        if let Some(Read { age: age @ 1.., .. }) = self.read {
            write!(f, " (old: {age} newer)")?;
        }
        if let Some(Written { skipped: skipped @ 1.., .. }) = self.written {
            write!(f, " (before {skipped} {})", plural(skipped, "other", "others"))?;
        }
        Ok(())
    }
}

impl Event {
    /// Whether it happened before the other one, or is it.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.clock[self.actor] <= other.clock[self.actor]
    }

    pub(crate) fn access(&self) -> Option<&Access> {
        match &self.what {
            What::Access(access) => Some(access),
            _ => None,
        }
    }
}
