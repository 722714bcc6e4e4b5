//! One connection of a load: a few numbers, and no buffer of its own.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

/// What a connection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// There is none: it has yet to be made, or to be made again.
    Down,
    /// On its way.
    Connecting,
    /// Nothing is under way on it.
    Idle,
    /// A message was begun, and the answer has not come whole.
    Busy,
    /// Nothing more will be sent, and the server knows it.
    Closing,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: Option<TcpStream>,
    pub(crate) state: State,
    /// When the state began that has a time limit: when connecting, or the message.
    pub(crate) since: u64,
    /// How many messages it has begun, repeats not counted.
    pub(crate) begun: u64,
    /// From when the message counts that has no answer yet.
    pub(crate) owed: Option<u64>,
    /// How often it failed since its last answer.
    pub(crate) failures: u32,
    /// Whether it ever came about.
    pub(crate) was_up: bool,
    written: usize,
    read: usize,
    wrong: bool,
}

/// What a read came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Got {
    /// The answer is whole: whether it was wrong.
    pub(crate) answer: Option<Verdict>,
    /// Bytes that are no part of any answer.
    pub(crate) surplus: usize,
    /// How many bytes there were; none if nothing has come.
    pub(crate) read: usize,
}

/// Whether an answer was the right one.
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
            owed: None,
            failures: 0,
            was_up: false,
            written: 0,
            read: 0,
            wrong: false,
        }
    }

    /// Begins a message, or begins it again.
    pub(crate) fn begin(&mut self, now: u64) {
        (self.state, self.since) = (State::Busy, now);
        (self.written, self.read, self.wrong) = (0, 0, false);
    }

    /// Sends what there is room for.
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

    /// Reads once, into a buffer that is not looked at afterwards, and compares.
    pub(crate) fn read(&mut self, expected: &[u8], buffer: &mut [u8]) -> io::Result<Got> {
        let Some(stream) = &mut self.stream else { return Ok(Got::default()) };
        loop {
            match stream.read(buffer) {
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed it")),
                Ok(read) => return Ok(self.take(&buffer[..read], expected)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Got::default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&mut self, bytes: &[u8], expected: &[u8]) -> Got {
        if self.state != State::Busy {
            return Got { answer: None, surplus: bytes.len(), read: bytes.len() };
        }
        let missing = expected.len() - self.read;
        let part = &bytes[..bytes.len().min(missing)];
        self.wrong |= *part != expected[self.read..self.read + part.len()];
        self.read += part.len();
        // Who answers before the question is out has not answered it.
        let is_whole = self.read == expected.len() && self.written == expected.len();
        let verdict = if self.wrong { Verdict::Wrong } else { Verdict::Right };
        Got { answer: is_whole.then_some(verdict), surplus: bytes.len() - part.len(), read: bytes.len() }
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
    fn an_answer_may_come_in_pieces_and_each_byte_of_it_is_looked_at() {
        for wrong in 0..=5 {
            let mut answer = *b"HELLO!";
            answer[wrong] = b'?';
            let mut connection = busy(5);
            assert_eq!(connection.take(&answer[..2], b"HELLO"), Got { read: 2, ..Got::default() });
            let verdict = if wrong < 5 { Verdict::Wrong } else { Verdict::Right };
            assert_eq!(connection.take(&answer[2..5], b"HELLO").answer, Some(verdict));
        }
    }

    #[test]
    fn bytes_behind_an_answer_or_without_a_question_are_too_many() {
        let got = busy(5).take(b"HELLO, HELLO", b"HELLO");
        assert_eq!(got, Got { answer: Some(Verdict::Right), surplus: 7, read: 12 });
        assert_eq!(Connection::new().take(b"HELLO", b"HELLO"), Got { answer: None, surplus: 5, read: 5 });
    }

    #[test]
    fn an_answer_that_is_there_before_the_question_is_none() {
        assert_eq!(busy(4).take(b"HELLO", b"HELLO").answer, None);
    }
}
