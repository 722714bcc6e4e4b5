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
    #[error(
        "{connections} connections are more than the limit of {limit} open files allows, which is {most}; \
         `ulimit -n` shows and sets it"
    )]
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
    #[error("cannot make {wanted} connections, only {made}: {cause}")]
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
            Error::Plan(_) | Error::TooManyConnections { .. } => {
                Self::Unusable { operation: "drive a load", cause: error.to_string().into() }
            }
            Error::Unreachable { addresses, source } => Self::refused("connect to", alternatives(&addresses), source),
            Error::TooFewConnections { wanted, made, cause } => {
                let object = Phrase::new("{} connections, only {}", [wanted.into(), made.into()]);
                Self::refused("make", object, io::Error::other(cause))
            }
            Error::System(error) => error,
        }
    }
}

fn alternatives(addresses: &[SocketAddr]) -> String {
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    shown.join(" or ")
}
