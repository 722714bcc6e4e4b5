//! The workloads, and the roles of their workers.

use clap::ValueEnum;
use common::lang;
use common::words::Text;

use crate::words;

/// How many workers of one role a round has at most.
pub(crate) const MOST_PER_ROLE: usize = 4;

/// What the workers of a round work on, until they are killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// Producers and consumers of a `JoinableQueue`
    Joinable,
    /// Producers and consumers of a `Queue`
    Queue,
    /// Holders of a `SharedMutex`
    Mutex,
    /// Writers and readers of a `Log`
    Log,
    /// Buyers and stockers of the tickets' file
    Tickets,
    /// Parents of daemons
    Daemons,
    /// The sections of the notes, any process of which is killed
    Sections,
}

impl Workload {
    pub(crate) const COUNT: usize = Self::Sections as usize + 1;

    /// Whether its workers share memory alone, so that they need no file and no folder.
    pub(crate) fn is_shared_memory(self) -> bool {
        matches!(self, Self::Joinable | Self::Queue | Self::Mutex | Self::Log)
    }
}

macro_rules! roles {
    ($($(#[$about:meta])* $role:ident $called:ident $workload:ident $weight:literal)*) => {
        /// What a worker does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Role { $($(#[$about])* $role,)* }

        impl Role {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$role),*];

            pub(crate) fn called(self) -> Text {
                match self { $(Self::$role => words::$called(),)* }
            }

            /// Its name in errors, and in the names of its processes.
            pub(crate) fn name(self) -> String {
                self.called().in_lang(lang::spoken())
            }

            pub(crate) fn workload(self) -> Workload {
                match self { $(Self::$role => Workload::$workload,)* }
            }

            /// How often a worker of this role is killed from outside, in proportion to the other roles
            /// of its workload.
            pub(crate) fn weight(self) -> usize {
                match self { $(Self::$role => $weight,)* }
            }
        }
    };
}

roles! {
    /// Puts into a `JoinableQueue`.
    Producer producer Joinable 3
    /// Gets from it, works, and reports.
    Consumer consumer Joinable 4
    /// Waits in its `join`.
    Joiner joiner Joinable 1
    /// Discards its dead letters, or has them tried again.
    Collector collector Joinable 1
    /// Puts into a `Queue`.
    Putter putter Queue 1
    /// Gets from it.
    Getter getter Queue 1
    /// Closes it. It runs at the end of a round only, and is killed then.
    Closer closer Queue 0
    /// Locks a `SharedMutex` and changes its value.
    Holder lock_holder Mutex 1
    /// Appends to a `Log`.
    Writer log_writer Log 3
    /// Reads it.
    Reader log_reader Log 1
    /// Buys tickets.
    Buyer ticket_buyer Tickets 3
    /// Creates the tickets' file.
    Stocker ticket_stocker Tickets 1
    /// Starts daemons.
    Parent parent_of_daemons Daemons 1
    /// Is main of a section, or a process that it started. A plan kills none of them: its round does.
    Section process_of_a_section Sections 0
}
