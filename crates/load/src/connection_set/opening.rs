//! How the connections of a load are opened, and opened again.

use std::io::{self, ErrorKind};

use killproof::error::Phrase;
use mio::net::TcpStream;

use super::ConnectionSet;
use crate::connection::{Connection, State};

impl ConnectionSet<'_> {
    /// Begins to open the connections whose time has come.
    pub(crate) fn dial(&mut self) {
        while let Some(index) = self.dialer.next(self.now()) {
            match self.dialer.dial(index) {
                Ok(stream) => {
                    let now = self.now();
                    let connection = &mut self.connections[index];
                    (connection.stream, connection.state, connection.since) = (Some(stream), State::Connecting, now);
                }
                Err(error) => self.has_failed(index, error),
            }
        }
    }

    /// Drops the connections that take too long to open. They are opened again.
    pub(super) fn redial_slow(&mut self, now: u64) {
        let is_late = |index: &usize| {
            let Connection { since, failures, .. } = self.connections[*index];
            now.saturating_sub(since) > self.dialer.time_limit(failures)
        };
        for index in self.dialer.dialing().iter().copied().filter(is_late).collect::<Vec<_>>() {
            self.has_failed(index, ErrorKind::TimedOut.into());
        }
    }

    /// Handles the event of a connection that is being opened. True if it is open now.
    pub(super) fn has_opened(&mut self, index: usize) -> bool {
        let now = self.now();
        let Some(stream) = self.connections[index].stream.as_ref() else { return false };
        match is_connected(stream) {
            Ok(false) => return false,
            Err(error) => {
                self.has_failed(index, error);
                return false;
            }
            Ok(true) => {}
        }
        let connection = &mut self.connections[index];
        connection.state = State::Idle;
        self.dialer.finished(index, Some(now.saturating_sub(connection.since)));
        if !std::mem::replace(&mut connection.was_open, true) {
            self.established += 1;
            self.last_progress = now;
        }
        self.open += 1;
        self.send_next(index);
        self.connections[index].stream.is_some()
    }

    /// A connection could not be opened.
    fn has_failed(&mut self, index: usize, error: io::Error) {
        let now = self.now();
        let connection = &mut self.connections[index];
        (connection.stream, connection.state) = (None, State::Down);
        let failures = connection.failures;
        connection.failures += 1;
        self.dialer.finished(index, None);
        if self.established == 0 {
            if self.dialer.try_next_address() {
                self.dialer.queue(index);
            } else {
                self.unreachable = Some(error);
            }
            return;
        }
        if error.kind() == ErrorKind::TimedOut {
            // The server's backlog was full. That is no failure, and it has room again soon.
            self.dialer.queue_after_pause(index, 0, now);
            return;
        }
        self.outcome.refused += 1;
        self.outcome.last_trouble = Some(Phrase::cause(&error));
        self.dialer.queue_after_pause(index, failures, now);
    }
}

/// Whether a socket is connected. An error if it never will be.
fn is_connected(stream: &TcpStream) -> io::Result<bool> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    let peer = match stream.peer_addr() {
        Ok(peer) => peer,
        Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(false),
        Err(error) => return Err(error),
    };
    // TCP connects a client to itself if no server listens at the port that it dials and the kernel gives
    // the client that very port as its own.
    if stream.local_addr()? == peer {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?; // Nagle's algorithm would hold a short message back
    Ok(true)
}
