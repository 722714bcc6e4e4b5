//! What can keep a load from being driven.

use std::io;
use std::net::SocketAddr;

use killproof::error::{Phrase, cause};

use crate::PlanError;

/// Why there was no load.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The plan describes no load.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The process may not open as many files as the load has connections.
    #[error("{}", too_many(*.connections, *.limit, *.most))]
    TooManyConnections {
        /// The connections that the plan asks for.
        connections: usize,
        /// The hard limit of open files.
        limit: u64,
        /// The largest number of connections under that limit.
        most: u64,
    },
    /// No address of the plan accepted a connection.
    #[error("cannot connect to {}: {}", alternatives(.addresses), cause(.source))]
    Unreachable {
        /// The addresses, all of which were tried.
        addresses: Vec<SocketAddr>,
        /// The answer of the last one.
        source: io::Error,
    },
    /// The server accepted the first connections, but not all of them.
    #[error("cannot make {}: {cause}", connections(*.wanted, *.made))]
    TooFewConnections {
        /// The connections that the plan asks for.
        wanted: usize,
        /// The connections that were made.
        made: usize,
        /// Why the last one was refused.
        cause: Phrase,
    },
    /// The system refused something, or a signal came.
    #[error(transparent)]
    System(#[from] killproof::Error),
}

impl From<Error> for killproof::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Plan(error) => Self::Unusable { operation: "drive a load", cause: error.to_string().into() },
            Error::TooManyConnections { connections, limit, most } => {
                Self::Unusable { operation: "drive a load", cause: too_many(connections, limit, most) }
            }
            Error::Unreachable { addresses, source } => Self::refused("connect to", alternatives(&addresses), source),
            Error::TooFewConnections { wanted, made, cause } => {
                Self::refused("make", connections(wanted, made), io::Error::other(cause))
            }
            Error::System(error) => error,
        }
    }
}

fn too_many(connections: usize, limit: u64, most: u64) -> Phrase {
    let words = [
        "{} connection is more than the limit of {} open files allows, which is {}; `ulimit -n` shows and sets it",
        "{} connections are more than the limit of {} open files allows, which is {}; `ulimit -n` shows and sets it",
    ];
    Phrase::counted(connections, words, [connections.into(), limit.into(), most.into()])
}

fn connections(wanted: usize, made: usize) -> Phrase {
    let words = ["{} connection, only {}", "{} connections, only {}"];
    Phrase::counted(wanted, words, [wanted.into(), made.into()])
}

fn alternatives(addresses: &[SocketAddr]) -> String {
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    shown.join(" or ")
}
