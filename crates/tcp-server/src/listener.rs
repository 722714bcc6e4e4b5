//! The listening socket: how it is opened, how it is announced, and advice where there can be none.

use std::io;
use std::net::{SocketAddr, TcpListener};

use common::cli::{self, Format, Section as _};
use common::error::cause;
use common::refusal::Refusal;
use common::stage::Stage;
use common::{Error, objects};
use nix::sys::socket::{Backlog, listen};

use crate::{Options, limits, words};

/// A socket that listens, and that no client knows of yet.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    address: SocketAddr,
    format: Format,
}

impl Listener {
    /// Listens on the first of the addresses that the system gives.
    ///
    /// # Errors
    ///
    /// [`Refused`](common::Error::Refused) if it gives none.
    pub(crate) fn open(options: &Options) -> Result<Self, Error> {
        let addresses = options.addresses();
        let listening = TcpListener::bind(addresses).and_then(|socket| {
            // A client may leave between the wait and the accept, and the accept must not wait for the next one.
            socket.set_nonblocking(true)?;
            // The backlog of the standard library has room for 128 connections; further clients would try
            // again a second later. This one is as long as the system allows (net.core.somaxconn).
            listen(&socket, Backlog::MAXALLOWABLE)?;
            Ok((socket.local_addr()?, socket))
        });
        let (address, socket) = listening.map_err(|error| {
            Error::refused("listen on", objects::alternatives(addresses), with_advice(error, addresses))
        })?;
        Ok(Self { socket, address, format: options.common.format })
    }

    /// Says where it listens: clients come from now on. So whatever the server needs is there before.
    ///
    /// # Errors
    ///
    /// [`Refused`](common::Error::Refused) if the system has no room for a single client; the line
    /// cannot be written.
    pub(crate) fn announce(&self, stage: &Stage) -> Result<(), Error> {
        limits::require_room_for_a_client(&self.socket)?;
        let listening = words::listening(self.address.to_string());
        if self.format == Format::Json {
            // Standard output has nothing but the report, and the user must still learn the port.
            cli::notice(Options::NAME, &listening);
        }
        stage.ready(listening)
    }
}

fn with_advice(error: io::Error, addresses: &[SocketAddr]) -> io::Error {
    let port = addresses.first().map_or(0, SocketAddr::port);
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => words::port_in_use(cause(&error), port),
        io::ErrorKind::PermissionDenied => words::port_needs_privilege(cause(&error)),
        _ => return error,
    };
    io::Error::new(error.kind(), Refusal(advice))
}
