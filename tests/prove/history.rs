//! What the actors of a scenario did, in the order in which it happened.

use std::cell::RefCell;

/// What an actor did. The first number is the actor's, the second is the message's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Did {
    BeginsPut(usize, u8),
    Put(usize, u8),
    /// The queue was closed before.
    Refused(usize, u8),
    BeginsGet(usize),
    Got(usize, u8),
    /// It is a dead letter now, because it cannot be read.
    Unreadable(usize),
    /// It has done its work, and says so next.
    Finishes(usize, u8),
    Done(usize, u8, bool),
    Returned(usize, u8),
    /// No message will come.
    Over(usize),
    BeginsJoin(usize, Vec<u8>),
    /// With this number of dead letters.
    Joined(usize, usize),
    /// No consumer was left.
    Abandoned(usize),
    /// It begins an operation that may not last longer than its time-out.
    BeginsTimed(usize),
    TimedOut(usize),
    BeginsToDecide(usize, u8),
    Discarded(usize, u8, bool),
    Retried(usize, u8, bool),
}

#[derive(Default)]
pub(crate) struct History(RefCell<Vec<Did>>);

impl History {
    pub(crate) fn note(&self, what: Did) {
        crashcheck::state::note(&what);
        self.0.borrow_mut().push(what);
    }

    pub(crate) fn all(&self) -> Vec<Did> {
        self.0.borrow().clone()
    }

    /// The messages of which a `put` has returned, or that were there from the beginning.
    pub(crate) fn put(&self) -> Vec<u8> {
        self.0.borrow().iter().filter_map(Did::put).collect()
    }

    /// The actors that got a message.
    pub(crate) fn consumers(&self) -> Vec<usize> {
        self.0.borrow().iter().filter_map(Did::consumer).collect()
    }
}

impl Did {
    pub(crate) fn put(&self) -> Option<u8> {
        match self {
            Self::Put(_, value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn got(&self) -> Option<u8> {
        match self {
            Self::Got(_, value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn actor(&self) -> usize {
        match self {
            Self::BeginsPut(actor, _)
            | Self::Put(actor, _)
            | Self::Refused(actor, _)
            | Self::BeginsGet(actor)
            | Self::Got(actor, _)
            | Self::Unreadable(actor)
            | Self::Finishes(actor, _)
            | Self::Done(actor, _, _)
            | Self::Returned(actor, _)
            | Self::Over(actor)
            | Self::BeginsJoin(actor, _)
            | Self::Joined(actor, _)
            | Self::Abandoned(actor)
            | Self::BeginsTimed(actor)
            | Self::TimedOut(actor)
            | Self::BeginsToDecide(actor, _)
            | Self::Discarded(actor, _, _)
            | Self::Retried(actor, _, _) => *actor,
        }
    }

    pub(crate) fn consumer(&self) -> Option<usize> {
        match self {
            Self::Got(actor, _) => Some(*actor),
            _ => None,
        }
    }
}
