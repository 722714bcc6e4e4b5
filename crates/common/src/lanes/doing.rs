//! What an actor can do, and what its lane looks like then. A new kind of span is entered here, and the
//! compiler names every picture that has to know of it.

use crate::lang::Lang;

/// What an actor does in a span.
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
    /// By its name in the journal. A pause has none: it is an event of its own.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "wait-lock" => Self::WaitLock,
            "hold-lock" => Self::HoldLock,
            "wait-put" => Self::WaitPut,
            "wait-get" => Self::WaitGet,
            "wait-join" => Self::WaitJoin,
            "work" => Self::Work,
            "wait-gate" => Self::WaitGate,
            "connection" => Self::Connection,
            _ => return None,
        })
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

/// What a lane looks like at one time: told apart by every picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// None of the others: on a processor, or in a wait that nobody recorded.
    Running,
    /// In a pause.
    Sleeping,
    /// For a lock, a queue, a gate.
    Waiting,
    /// Of a lock.
    Holding,
    /// In a pause, while others wait for the lock that it holds.
    HoldingAsleep,
    /// On a delivery or a connection.
    Working,
    /// In a pause in the middle of the work.
    WorkingAsleep,
    /// Ended, and not yet reaped by its parent.
    Zombie,
}

impl State {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 8] = [
        Self::Running,
        Self::Sleeping,
        Self::Waiting,
        Self::Holding,
        Self::HoldingAsleep,
        Self::Working,
        Self::WorkingAsleep,
        Self::Zombie,
    ];

    /// One word or two.
    #[must_use]
    pub fn words(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
            Self::Running => ("running", "运行"),
            Self::Sleeping => ("sleeping", "睡眠"),
            Self::Waiting => ("waiting", "等待"),
            Self::Holding => ("holding a lock", "持锁"),
            Self::HoldingAsleep => ("asleep with the lock", "持锁睡眠"),
            Self::Working => ("working", "处理"),
            Self::WorkingAsleep => ("working, asleep", "处理中睡眠"),
            Self::Zombie => ("zombie, not reaped", "僵尸,尚未回收"),
        };
        if lang == Lang::En { en } else { zh }
    }

    /// Inside a span in which the actor is in `self`, another one begins.
    pub(super) fn then(self, doing: Doing) -> Self {
        match (doing, self) {
            (Doing::Pause, Self::Holding | Self::HoldingAsleep) => Self::HoldingAsleep,
            (Doing::Pause, Self::Working | Self::WorkingAsleep) => Self::WorkingAsleep,
            (Doing::Pause, _) => Self::Sleeping,
            (Doing::HoldLock, _) => Self::Holding,
            (Doing::Work | Doing::Connection, _) => Self::Working,
            (Doing::WaitLock | Doing::WaitPut | Doing::WaitGet | Doing::WaitJoin | Doing::WaitGate, _) => Self::Waiting,
        }
    }
}
