//! How many connections the system allows, checked before the first client comes; how many are open.

use std::io;
use std::iter::successors;
use std::net::TcpListener;

use common::Error;
use common::error::cause;
use common::limits::{allow_threads, raise_open_files};
use common::refusal::Refusal;

use crate::model::Model;
use crate::words;

/// The default of `--max-connections`, if the system gives as many threads.
const DEFAULT: u32 = 10_000;
/// Descriptors that the server needs besides its connections, whatever the model and the number of threads.
const SPARE: u64 = 32;

/// The most clients that may be connected at once: `asked`, or as many as the system allows by default.
/// Raises this process's limit of open files to fit.
///
/// # Errors
///
/// [`Refused`](common::Error::Refused) if the system allows fewer than `asked`.
pub(crate) fn max_connections(asked: Option<u32>, model: Model, workers: usize) -> Result<usize, Error> {
    let threads = |connections: u32| match model {
        Model::Threads => connections,
        Model::Pool | Model::Events => u32::try_from(workers).unwrap_or(u32::MAX),
    };
    let smaller_and_smaller = || successors(Some(DEFAULT), |most| Some(most / 2).filter(|most| *most > 0));
    let default = || smaller_and_smaller().find(|most| allow_threads(threads(*most)).is_ok()).unwrap_or(1);
    let most = asked.unwrap_or_else(default);
    allow_threads(threads(most))?;
    let needed = u64::from(most) + SPARE;
    let limit = raise_open_files(needed)?;
    if let Some(asked) = asked.filter(|_| limit < needed) {
        let cause = io::Error::other(Refusal(words::limit_of_open_files(limit)));
        return Err(Error::refused("serve", words::clients_at_once(asked), cause));
    }
    Ok(usize::try_from(most).unwrap_or(usize::MAX))
}

/// Refuses to serve if this process, which has `socket` open, can open no further file: not even one for a client.
///
/// # Errors
///
/// [`Refused`](common::Error::Refused) with the limit.
pub(crate) fn require_room_for_a_client(socket: &TcpListener) -> Result<(), Error> {
    let Err(error) = socket.try_clone() else { return Ok(()) };
    let limit = raise_open_files(0)?;
    let cause = Refusal(words::limit_and_ulimit(cause(&error), limit));
    Err(Error::refused("serve", words::a_single_client(), io::Error::new(error.kind(), cause)))
}

/// The number of sockets, and so of connections, that this process has open.
pub(crate) fn open_sockets() -> Result<usize, Error> {
    let refused = |source| Error::refused("read", "/proc/self/fd", source);
    let files = std::fs::read_dir("/proc/self/fd").map_err(refused)?;
    let targets = files.filter_map(Result::ok).filter_map(|file| std::fs::read_link(file.path()).ok());
    Ok(targets.filter(|target| target.as_os_str().as_encoded_bytes().starts_with(b"socket:")).count())
}
