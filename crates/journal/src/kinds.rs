//! What an actor can do, and what can happen: one list each, from which the compiler leads to every
//! place that has to know of a new entry.

use killproof::observe::{self, SpanKind};

/// What an actor does during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It pauses.
    Pause,
    /// It waits for a lock.
    WaitLock,
    /// It holds a lock.
    HoldLock,
    /// It is blocked in `put`: the queue is full.
    WaitPut,
    /// It is blocked in `get`: the queue is empty.
    WaitGet,
    /// It is blocked in `join`: the work is not done.
    WaitJoin,
    /// It works on a delivery.
    Work,
    /// It waits for an event.
    WaitEvent,
    /// It waits for the other parties of a barrier.
    WaitBarrier,
    /// It waits for a permit of a semaphore.
    WaitPermit,
    /// It holds one.
    HoldPermit,
    /// It waits for a notification of a condition variable.
    WaitNotify,
    /// It waits for the end of a child process.
    WaitChild,
    /// It waits for the end of a thread.
    WaitThread,
    /// It waits for another program: until there is something to read from a socket or a pipe, or room to write.
    WaitIo,
    /// It waits for the disk.
    WaitDisk,
    /// It is held back by what serves the demonstration alone. The journal says for what it waits: this is a picture's
    /// word for it.
    HeldBack,
    /// It serves a connection.
    Connection,
}

impl Doing {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 18] = [
        Self::Pause,
        Self::WaitLock,
        Self::HoldLock,
        Self::WaitPut,
        Self::WaitGet,
        Self::WaitJoin,
        Self::Work,
        Self::WaitEvent,
        Self::WaitBarrier,
        Self::WaitPermit,
        Self::HoldPermit,
        Self::WaitNotify,
        Self::WaitChild,
        Self::WaitThread,
        Self::WaitIo,
        Self::WaitDisk,
        Self::HeldBack,
        Self::Connection,
    ];

    /// What the journal calls it. A pause is an event of its own there, and not a span.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::WaitLock => "wait-lock",
            Self::HoldLock => "hold-lock",
            Self::WaitPut => "wait-put",
            Self::WaitGet => "wait-get",
            Self::WaitJoin => "wait-join",
            Self::Work => "work",
            Self::WaitEvent => "wait-event",
            Self::WaitBarrier => "wait-barrier",
            Self::WaitPermit => "wait-permit",
            Self::HoldPermit => "hold-permit",
            Self::WaitNotify => "wait-notify",
            Self::WaitChild => "wait-child",
            Self::WaitThread => "wait-thread",
            Self::WaitIo => "wait-io",
            Self::WaitDisk => "wait-disk",
            Self::HeldBack => "held-back",
            Self::Connection => "connection",
        }
    }

    /// The one that the journal calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doing| doing.name() == name)
    }
}

// A kind that is declared and missing in the list does not compile.
const _: () = assert!(Doing::ALL.len() == Doing::Connection as usize + 1);

impl From<SpanKind> for Doing {
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::WaitLock => Self::WaitLock,
            SpanKind::HoldLock | SpanKind::HoldShared => Self::HoldLock,
            SpanKind::WaitPut => Self::WaitPut,
            SpanKind::WaitGet => Self::WaitGet,
            SpanKind::WaitJoin => Self::WaitJoin,
            SpanKind::Work => Self::Work,
            SpanKind::WaitEvent => Self::WaitEvent,
            SpanKind::WaitBarrier => Self::WaitBarrier,
            SpanKind::WaitPermit => Self::WaitPermit,
            SpanKind::HoldPermit => Self::HoldPermit,
            SpanKind::WaitNotify => Self::WaitNotify,
            SpanKind::WaitChild => Self::WaitChild,
        }
    }
}

/// What happened at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A value came from a producer to this actor, for the first time.
    HandedOver,
    /// A value came to this actor that another one had had before.
    Redelivered,
    /// A value was given up.
    DeadLetter,
    /// The lock that this actor took had been held by one that died.
    OwnerDied,
    /// The actor, a process, ends by itself.
    Exits,
    /// A client was accepted.
    Accepted,
    /// A client's connection was closed.
    Closed,
    /// A number was read from a file that others change.
    Read,
    /// A number was written to one.
    Write,
    /// An object was made that serves the demonstration alone.
    Scaffold,
    /// A bounded record has no more room.
    RecordFull,
}

impl Mark {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::HandedOver,
        Self::Redelivered,
        Self::DeadLetter,
        Self::OwnerDied,
        Self::Exits,
        Self::Accepted,
        Self::Closed,
        Self::Read,
        Self::Write,
        Self::Scaffold,
        Self::RecordFull,
    ];

    /// What the journal calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HandedOver => "handed over",
            Self::Redelivered => "redelivered",
            Self::DeadLetter => "dead letter",
            Self::OwnerDied => "owner died",
            Self::Exits => "exits",
            Self::Accepted => "accepted",
            Self::Closed => "closed",
            Self::Read => "read",
            Self::Write => "write",
            Self::Scaffold => "scaffold",
            Self::RecordFull => "record full",
        }
    }

    /// The one that the journal calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.name() == name)
    }
}

// A kind that is declared and missing in the list does not compile.
const _: () = assert!(Mark::ALL.len() == Mark::RecordFull as usize + 1);

impl From<observe::Mark> for Mark {
    fn from(mark: observe::Mark) -> Self {
        match mark {
            observe::Mark::HandedOver { .. } => Self::HandedOver,
            observe::Mark::Redelivered { .. } => Self::Redelivered,
            observe::Mark::DeadLetter { .. } => Self::DeadLetter,
            observe::Mark::OwnerDied { .. } => Self::OwnerDied,
            observe::Mark::Exits { .. } => Self::Exits,
        }
    }
}
