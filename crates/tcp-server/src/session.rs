//! A session on a socket that never blocks: it stops when it would have to wait, and any thread may
//! resume it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::echo::{Echo, READ};
use crate::server::Server;
use crate::tally::{Traffic, bytes};
use crate::unread_budget::UnreadBudget;

/// The reads that a session has before the thread turns to another one.
pub(crate) const READS_PER_TURN: usize = 16;

/// What one client has sent and received, kept between two turns.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) echo: Echo,
    pub(crate) traffic: Traffic,
    budget: UnreadBudget,
    /// What the socket had no room for. The session reads again when it is gone, so it is less than one read.
    unsent: Vec<u8>,
}

/// How a turn has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The session waits for an event.
    Waits,
    /// There may be more to read.
    HasMore,
    /// The client has sent everything, and its answer is on its way.
    Finished,
}

impl Session {
    /// Reads and answers until nothing more has come, the socket has no room for an answer, or the turn is
    /// over. With `ends` the client has closed its side: the session reads to the end of the stream.
    pub(crate) fn turn(
        &mut self,
        mut stream: &TcpStream,
        ends: bool,
        server: &Server,
        buffer: &mut [u8; READ],
        mut answer: impl FnMut(&mut Echo, &mut [u8]),
    ) -> io::Result<Turn> {
        for _ in 0..READS_PER_TURN {
            if !self.send_rest(stream)? {
                return Ok(Turn::Waits);
            }
            let limit = self.budget.limit(&server.shutdown, stream, READ)?;
            let read = match stream.read(&mut buffer[..limit]) {
                Ok(0) => return Ok(Turn::Finished), // also with a limit of 0
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Turn::Waits),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.budget.spend(read);
            self.traffic.received += bytes(read);
            answer(&mut self.echo, &mut buffer[..read]);
            let sent = send(stream, &buffer[..read])?;
            self.traffic.sent += bytes(sent);
            self.unsent.extend_from_slice(&buffer[sent..read]);
            // A short read has taken all there was, and an event tells of more. The end of the stream has
            // one event only, which may be the one that began this turn.
            if read < limit && !ends {
                return Ok(Turn::Waits);
            }
        }
        Ok(Turn::HasMore)
    }

    /// Sends what the socket had no room for. True if all of it is sent.
    fn send_rest(&mut self, stream: &TcpStream) -> io::Result<bool> {
        if self.unsent.is_empty() {
            return Ok(true);
        }
        let sent = send(stream, &self.unsent)?;
        self.traffic.sent += bytes(sent);
        self.unsent.drain(..sent);
        if !self.unsent.is_empty() {
            return Ok(false);
        }
        self.unsent = Vec::new(); // gives its memory back
        Ok(true)
    }
}

/// Sends as much as the socket has room for, and returns how much that was. An event tells when the socket
/// has room again.
fn send(mut stream: &TcpStream, answer: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < answer.len() {
        match stream.write(&answer[sent..]) {
            Ok(written) => sent += written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}
