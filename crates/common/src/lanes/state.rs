//! What a lane looks like while its actor does something.

use crate::lang::Lang;

use super::Doing;

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
