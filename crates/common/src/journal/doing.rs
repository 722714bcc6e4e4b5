//! What an actor can do. A new kind of span is entered here, and the compiler names every picture that
//! has to know of it.

use crate::lang::Lang;

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
    /// It waits for a gate or a barrier.
    WaitGate,
    /// It serves a connection.
    Connection,
}

impl Doing {
    const ALL: [Self; 9] = [
        Self::Pause,
        Self::WaitLock,
        Self::HoldLock,
        Self::WaitPut,
        Self::WaitGet,
        Self::WaitJoin,
        Self::Work,
        Self::WaitGate,
        Self::Connection,
    ];

    /// What the journal calls it. A pause is an event of its own there, and not a span.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::WaitLock => "wait-lock",
            Self::HoldLock => "hold-lock",
            Self::WaitPut => "wait-put",
            Self::WaitGet => "wait-get",
            Self::WaitJoin => "wait-join",
            Self::Work => "work",
            Self::WaitGate => "wait-gate",
            Self::Connection => "connection",
        }
    }

    /// What the journal calls so.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doing| doing.name() == name)
    }

    /// In words that go before what it is done on.
    #[must_use]
    pub fn words(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
            Self::Pause => ("sleeps", "睡眠"),
            Self::WaitLock => ("waits for", "等待"),
            Self::HoldLock => ("holds", "持有"),
            Self::WaitPut => ("waits to put into", "等待放入"),
            Self::WaitGet => ("waits to get from", "等待取自"),
            Self::WaitJoin => ("waits until done:", "等待完成"),
            Self::Work => ("works on", "处理"),
            Self::WaitGate => ("waits at", "等待"),
            Self::Connection => ("serves", "服务"),
        };
        if lang == Lang::En { en } else { zh }
    }
}

// Whoever enters a kind and forgets it above learns of it here.
const _: () = assert!(Doing::ALL.len() == Doing::Connection as usize + 1);
