//! What a lane looks like while its actor does something.

use journal::Doing;

/// What a lane looks like at one time: told apart by every picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// None of the others: on a processor, or in a wait that is not recorded.
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

    /// Inside a span in which the actor is in `self`, another one begins.
    pub(super) fn then(self, doing: Doing) -> Self {
        match (doing, self) {
            (Doing::Pause, Self::Holding | Self::HoldingAsleep) => Self::HoldingAsleep,
            (Doing::Pause, Self::Working | Self::WorkingAsleep) => Self::WorkingAsleep,
            (Doing::Pause, _) => Self::Sleeping,
            (Doing::HoldLock, _) => Self::Holding,
            (Doing::Work | Doing::Connection, _) => Self::Working,
            (
                Doing::WaitLock
                | Doing::WaitPut
                | Doing::WaitGet
                | Doing::WaitJoin
                | Doing::WaitEvent
                | Doing::WaitBarrier,
                _,
            ) => Self::Waiting,
        }
    }
}
