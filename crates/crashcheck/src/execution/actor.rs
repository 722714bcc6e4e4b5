//! An actor of an execution, and the operation that it is about to do.

use std::panic::Location as Line;

use crate::hash::Digest;
use crate::memory::Observer;
use crate::view::{ActorId, Place};

/// What an actor is about to do. Two operations that do not depend on each other may be done in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// It has not begun, or goes on without touching anything.
    Local,
    /// Its stores since the last fence are put into an order, and a death before that may show another.
    Settle,
    Read(usize),
    Write(usize),
    /// A sequentially consistent fence.
    Fence,
    Lock(usize),
    TryLock(usize),
    Unlock(usize),
    Wait(usize),
    Wake(usize),
    LookAfter(ActorId),
    Spin,
    /// It notes for the check what it has found.
    Note,
}

impl Op {
    /// Whether a death before it differs from a death behind it: other actors can see it, or the check. Those of an actor
    /// that goes to sleep do not: it is asleep for no other.
    pub(crate) fn has_effect(self) -> bool {
        let has_none =
            matches!(self, Self::Local | Self::Read(_) | Self::Fence | Self::Wait(_) | Self::LookAfter(_) | Self::Spin);
        !has_none
    }

    /// Whether the order of an operation of the actor `mine` and one of another actor can matter.
    pub(crate) fn depends_on(self, mine: ActorId, other: Self, theirs: ActorId) -> bool {
        let location = |op| match op {
            Self::Read(location) | Self::Write(location) | Self::Wait(location) | Self::Wake(location) => {
                Some(location)
            }
            _ => None,
        };
        let lock = |op| match op {
            Self::Lock(lock) | Self::TryLock(lock) | Self::Unlock(lock) => Some(lock),
            _ => None,
        };
        if let (Some(a), Some(b)) = (location(self), location(other)) {
            let both_read = matches!((self, other), (Self::Read(_), Self::Read(_)));
            return a == b && !both_read;
        }
        if let (Some(a), Some(b)) = (lock(self), lock(other)) {
            return a == b;
        }
        match (self, other) {
            (Self::Fence, Self::Fence) => true,
            (Self::LookAfter(actor), _) => actor == theirs,
            (_, Self::LookAfter(actor)) => actor == mine,
            // An actor that spins goes on when another has done something.
            _ => self == Self::Spin || other == Self::Spin,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ready,
    /// It sleeps on the word at a location.
    Asleep(usize),
    Ended,
    Dead,
}

/// An access: of which location, at which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub(super) location: usize,
    pub(super) line: &'static Line<'static>,
}

/// How a wait ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rewoken {
    Spurious,
    TimedOut,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(crate) struct Actor {
    pub(crate) status: Status,
    pub(crate) next: Op,
    pub(crate) observer: Observer,
    /// The hash of all that it has learned: where it is, and what it does next, follow from that.
    pub(crate) knowledge: Digest,
    /// The line of the source at which it is.
    pub(crate) line: &'static Line<'static>,
    /// What it waits for ends by a time-out as well.
    pub(crate) is_timed: bool,
    /// How its wait ended, if by itself.
    pub(crate) rewoken: Option<Rewoken>,
    /// It waits for another actor's step.
    pub(crate) spins: bool,
    /// An actor, itself included, has done something since it last began to spin: it has to look again.
    pub(crate) has_news: bool,
    /// It has read an old value since it last began to spin.
    pub(crate) has_read_stale: bool,
    /// It reads the newest values until it has done something else, because it spins.
    pub(crate) reads_fresh: bool,
    /// Stores since its last compiler fence or stronger one, which its compiler may have put in another order.
    pub(crate) window: Vec<(usize, Place)>,
    /// The number of its run: what it has done since its last contended operation.
    pub(crate) run: u32,
    /// The last access of its run.
    pub(crate) last_in_run: Option<Site>,
}

impl Actor {
    #[track_caller]
    pub(super) fn new(id: ActorId) -> Self {
        Self {
            status: Status::Ready,
            next: Op::Local,
            observer: Observer::new(id),
            knowledge: Digest::new(id as u64),
            line: Line::caller(),
            is_timed: false,
            rewoken: None,
            spins: false,
            has_news: true,
            has_read_stale: false,
            reads_fresh: false,
            window: Vec::new(),
            run: 1,
            last_in_run: None,
        }
    }

    /// Neither ended nor dead.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.status, Status::Ready | Status::Asleep(_))
    }
}
