//! One connection of a load: a socket and a few numbers, no buffer.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// There is no socket: it is still to be opened, or to be opened again.
    Down,
    /// The socket is not connected yet.
    Connecting,
    /// No message is under way.
    Idle,
    /// A message was begun, and its answer is not complete.
    Busy,
    /// This side is closed: no message follows.
    Closing,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: Option<TcpStream>,
    pub(crate) state: State,
    /// When the state began, for states with a time limit: [`State::Connecting`], [`State::Busy`].
    pub(crate) since: u64,
    /// The messages begun so far. One that is sent again after a lost connection counts once.
    pub(crate) begun: u64,
    /// From when the latency of the unanswered message counts.
    pub(crate) pending_since: Option<u64>,
    /// The failures since the last answer.
    pub(crate) failures: u32,
    /// It has been open before.
    pub(crate) was_open: bool,
    written: usize,
    read: usize,
    is_wrong: bool,
}

/// What one read brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// The answer is complete.
    pub(crate) answer: Option<Verdict>,
    /// The number of bytes that belong to no answer.
    pub(crate) surplus: usize,
    /// The number of bytes altogether; 0 if there was nothing to read.
    pub(crate) read: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    Wrong,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self {
            stream: None,
            state: State::Down,
            since: 0,
            begun: 0,
            pending_since: None,
            failures: 0,
            was_open: false,
            written: 0,
            read: 0,
            is_wrong: false,
        }
    }

    /// Begins a message, or begins it again.
    pub(crate) fn begin(&mut self, now: u64) {
        (self.state, self.since) = (State::Busy, now);
        (self.written, self.read, self.is_wrong) = (0, 0, false);
    }

    /// Writes as much of the message as the socket has room for.
    pub(crate) fn write(&mut self, message: &[u8]) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        while self.written < message.len() {
            match stream.write(&message[self.written..]) {
                Ok(sent) => self.written += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads once and compares. What is in `buffer` afterwards is of no use.
    pub(crate) fn read(&mut self, expected: &[u8], buffer: &mut [u8]) -> io::Result<Received> {
        let Some(stream) = &mut self.stream else { return Ok(Received::default()) };
        loop {
            match stream.read(buffer) {
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed it")),
                Ok(read) => return Ok(self.take(&buffer[..read], expected)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Received::default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&mut self, bytes: &[u8], expected: &[u8]) -> Received {
        if self.state != State::Busy {
            return Received { answer: None, surplus: bytes.len(), read: bytes.len() };
        }
        let missing = expected.len() - self.read;
        let part = &bytes[..bytes.len().min(missing)];
        self.is_wrong |= *part != expected[self.read..self.read + part.len()];
        self.read += part.len();
        // Bytes that come before the message is out are no answer to it.
        let is_complete = self.read == expected.len() && self.written == expected.len();
        let verdict = if self.is_wrong { Verdict::Wrong } else { Verdict::Right };
        Received { answer: is_complete.then_some(verdict), surplus: bytes.len() - part.len(), read: bytes.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(written: usize) -> Connection {
        let mut connection = Connection::new();
        connection.begin(0);
        connection.written = written;
        connection
    }

    #[test]
    fn an_answer_may_come_in_pieces_and_each_byte_of_it_is_compared() {
        for wrong in 0..=5 {
            let mut answer = *b"HELLO!";
            answer[wrong] = b'?';
            let mut connection = busy(5);
            assert_eq!(connection.take(&answer[..2], b"HELLO"), Received { read: 2, ..Received::default() });
            let verdict = if wrong < 5 { Verdict::Wrong } else { Verdict::Right };
            assert_eq!(connection.take(&answer[2..5], b"HELLO").answer, Some(verdict));
        }
    }

    #[test]
    fn bytes_behind_an_answer_or_without_a_question_are_surplus() {
        let received = busy(5).take(b"HELLO, HELLO", b"HELLO");
        assert_eq!(received, Received { answer: Some(Verdict::Right), surplus: 7, read: 12 });
        assert_eq!(Connection::new().take(b"HELLO", b"HELLO"), Received { answer: None, surplus: 5, read: 5 });
    }

    #[test]
    fn an_answer_that_comes_before_the_whole_question_is_none() {
        assert_eq!(busy(4).take(b"HELLO", b"HELLO").answer, None);
    }
}
