//! One conversation in turns, on a socket that never blocks: whoever has a moment goes on with it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::blocking::bytes;
use crate::echo::{Echo, READ};
use crate::server::{Left, Moved, Server};

/// How many reads a client has in one turn.
pub(crate) const TURN: usize = 16;

/// Where a conversation is.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) echo: Echo,
    pub(crate) moved: Moved,
    left: Left,
    /// What did not fit into the socket. Nothing is read until it does, so this is less than one read.
    unsent: Vec<u8>,
}

/// How a turn has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// An event will tell when it goes on.
    Waits,
    /// There may be more to read.
    GoesOn,
    /// The client has said all, and its answer is on its way.
    Over,
}

impl Talk {
    /// Reads and answers until the client has said all for now, does not take its answer, or has had
    /// its turn. With `ends` it has said all for good, and is read to the end of the stream.
    pub(crate) fn turn(
        &mut self,
        mut stream: &TcpStream,
        ends: bool,
        server: &Server,
        buffer: &mut [u8; READ],
        mut answer: impl FnMut(&mut Echo, &mut [u8]),
    ) -> io::Result<Turn> {
        for _ in 0..TURN {
            if !self.send_rest(stream)? {
                return Ok(Turn::Waits);
            }
            let room = self.left.room(server, stream, READ)?;
            let read = match stream.read(&mut buffer[..room]) {
                Ok(0) => return Ok(Turn::Over), // for no room, too
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Turn::Waits),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.left.took(read);
            self.moved.received += bytes(read);
            answer(&mut self.echo, &mut buffer[..read]);
            let sent = send(stream, &buffer[..read])?;
            self.moved.sent += bytes(sent);
            self.unsent.extend_from_slice(&buffer[sent..read]);
            // It had less than there was room for, so that was all: an event will tell of more. (The
            // end of the stream is told only once, and may have been before.)
            if read < room && !ends {
                return Ok(Turn::Waits);
            }
        }
        Ok(Turn::GoesOn)
    }

    /// Sends what did not fit before. True if now it did.
    fn send_rest(&mut self, stream: &TcpStream) -> io::Result<bool> {
        if self.unsent.is_empty() {
            return Ok(true);
        }
        let sent = send(stream, &self.unsent)?;
        self.moved.sent += bytes(sent);
        self.unsent.drain(..sent);
        if !self.unsent.is_empty() {
            return Ok(false);
        }
        self.unsent = Vec::new(); // and gives back its memory
        Ok(true)
    }
}

/// Sends what there is room for. Returns how much that was; if it is not all, an event will tell when there is more.
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
