//! Which of the three models serves, and by how many threads.

use std::thread;

/// The default size of the pool. Its threads wait most of the time, so the number of cores does not matter.
const POOL: usize = 64;

/// How the server serves many clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Model {
    /// A thread per connection, as in the notes
    Threads,
    /// A fixed number of threads, a connection each; further connections wait for a free thread
    Pool,
    /// A loop per core, and all loops share all clients
    Events,
}

impl Model {
    /// The default of `--workers`.
    pub(crate) fn workers(self) -> usize {
        match self {
            Self::Pool => POOL,
            Self::Threads | Self::Events => thread::available_parallelism().map_or(1, usize::from),
        }
    }
}
