//! The listening socket, and advice where there can be none.

use std::io;
use std::net::{SocketAddr, TcpListener};

use common::Error;
use common::error::cause;
use nix::sys::socket::{Backlog, listen};

/// Listens on the first of `addresses` that the system gives.
///
/// # Errors
///
/// [`Refused`](common::error::Toolkit::Refused) if it gives none.
pub(crate) fn open(addresses: &[SocketAddr]) -> Result<TcpListener, Error> {
    let listening = TcpListener::bind(addresses).and_then(|listener| {
        // A client may leave between the wait and the accept, and the accept must not wait for the next one.
        listener.set_nonblocking(true)?;
        // The backlog of the standard library has room for 128 connections; further clients would try
        // again a second later. This one is as long as the system allows (net.core.somaxconn).
        listen(&listener, Backlog::MAXALLOWABLE)?;
        Ok(listener)
    });
    listening.map_err(|error| {
        let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        Error::refused("listen on", shown.join(" or "), with_advice(error, addresses))
    })
}

fn with_advice(error: io::Error, addresses: &[SocketAddr]) -> io::Error {
    let port = addresses.first().map_or(0, SocketAddr::port);
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("`ss -tlnp 'sport = :{port}'` shows which program has it, --port 0 takes a free one")
        }
        io::ErrorKind::PermissionDenied => "ports from 1024 up need no privilege, --port 0 takes a free one".into(),
        _ => return error,
    };
    io::Error::new(error.kind(), format!("{}; {advice}", cause(&error)))
}
