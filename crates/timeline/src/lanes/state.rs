//! What a lane looks like while its actor does something.

use journal::Doing;

/// What a lane looks like at one time: told apart by every picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// None of the others: on a processor, or in a wait that is not recorded.
    Running,
    /// In a pause.
    Sleeping,
    /// For a lock, a queue, an event, another program, the disk.
    Waiting,
    /// For the end of a child or of a thread.
    Joining,
    /// Of a lock.
    Holding,
    /// In a pause, or in a wait for another program or the disk, with a lock that others wait for.
    HoldingAsleep,
    /// On a delivery or a connection.
    Working,
    /// The same in the middle of the work.
    WorkingAsleep,
    /// Ended, and not yet reaped by its parent.
    Zombie,
}

impl State {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 9] = [
        Self::Running,
        Self::Sleeping,
        Self::Waiting,
        Self::Joining,
        Self::Holding,
        Self::HoldingAsleep,
        Self::Working,
        Self::WorkingAsleep,
        Self::Zombie,
    ];

    /// Inside a span in which the actor is in `self`, another one begins.
    pub(crate) fn then(self, doing: Doing) -> Self {
        match (doing, self) {
            (Doing::Pause | Doing::WaitIo | Doing::WaitDisk, Self::Holding | Self::HoldingAsleep) => {
                Self::HoldingAsleep
            }
            (Doing::Pause | Doing::WaitIo | Doing::WaitDisk, Self::Working | Self::WorkingAsleep) => {
                Self::WorkingAsleep
            }
            (Doing::Pause | Doing::HeldBack, _) => Self::Sleeping,
            (Doing::HoldLock | Doing::HoldPermit, _) => Self::Holding,
            (Doing::Work | Doing::Connection, _) => Self::Working,
            (
                Doing::WaitLock
                | Doing::WaitPut
                | Doing::WaitGet
                | Doing::WaitJoin
                | Doing::WaitEvent
                | Doing::WaitBarrier
                | Doing::WaitPermit
                | Doing::WaitNotify
                | Doing::WaitIo
                | Doing::WaitDisk,
                _,
            ) => Self::Waiting,
            (Doing::WaitChild | Doing::WaitThread, _) => Self::Joining,
        }
    }
}
