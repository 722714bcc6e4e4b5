//! The client's side of the protocol: a message goes, and as many bytes come back.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use common::journal::wait;
use common::{Error, interrupt};

/// The most bytes that one read takes, as in the notes.
const READ: usize = 1024;
/// How soon to try to write again when the socket has no room and no answer comes either.
const TICK: Duration = Duration::from_millis(1);

/// Sends `message` over a non-blocking stream, and reads as many bytes as it has. `timeout` limits the
/// whole exchange; `None` waits for ever.
///
/// The client reads while it writes. The server answers while it reads: if the client only wrote, the
/// answers would fill the buffers on the way back, the server would wait for room there and stop
/// reading, the message would fill the buffers on the way there, and both would wait for ever.
///
/// The inner error is a lost connection: the client may connect again.
///
/// # Errors
///
/// [`Interrupted`](common::error::Toolkit::Interrupted).
pub fn exchange(stream: &TcpStream, message: &[u8], timeout: Option<Duration>) -> Result<io::Result<Vec<u8>>, Error> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut unsent = message;
    let mut answer = Vec::with_capacity(message.len());
    while answer.len() < message.len() {
        if let Err(lost) = send_some(stream, &mut unsent) {
            return Ok(Err(lost));
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if let (Some(Duration::ZERO), Some(timeout)) = (left, timeout) {
            let cause = format!("no answer within {} s", timeout.as_secs_f64());
            return Ok(Err(io::Error::new(ErrorKind::TimedOut, cause)));
        }
        // The socket usually has room again when an answer comes, but not always: look after a tick.
        let tick = (!unsent.is_empty()).then_some(TICK);
        wait_readable(stream, left.into_iter().chain(tick).min())?;
        let missing = message.len() - answer.len();
        match receive_some(stream, &mut answer, missing.min(READ)) {
            Ok(Some(0)) => return Ok(Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed it"))),
            Ok(_) => {}
            Err(lost) => return Ok(Err(lost)),
        }
    }
    Ok(Ok(answer))
}

/// What came once this side of the connection was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Goodbye {
    /// How many bytes came that belong to no answer.
    pub surplus: u64,
    /// Whether the end of the stream came in time: the server closed its side, or reset the connection.
    pub closed: bool,
}

/// Closes this side of the connection (a half-close), and counts what comes until the server closes its side, for at
/// most `timeout`.
///
/// # Errors
///
/// [`Interrupted`](common::error::Toolkit::Interrupted).
pub fn half_close(stream: &TcpStream, timeout: Duration) -> Result<Goodbye, Error> {
    let deadline = Instant::now().checked_add(timeout);
    let _ = stream.shutdown(Shutdown::Write); // fails if the server is gone: the read tells
    let mut goodbye = Goodbye::default();
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let is_readable = wait_readable(stream, left)?;
        // A server that sends without an end is readable after the deadline, too.
        if !is_readable || left == Some(Duration::ZERO) {
            return Ok(goodbye);
        }
        match receive_some(stream, &mut Vec::new(), READ) {
            Ok(None) => {}
            Ok(Some(0)) | Err(_) => return Ok(Goodbye { closed: true, ..goodbye }), // a reset is an end as well
            Ok(Some(surplus)) => goodbye.surplus += surplus as u64,
        }
    }
}

fn wait_readable(stream: &TcpStream, timeout: Option<Duration>) -> Result<bool, Error> {
    let _waiting = wait::for_io(Server(stream));
    Ok(interrupt::wait_readable(&[stream.as_fd()], timeout)?)
}

/// Its address is asked for only if the wait is recorded.
struct Server<'a>(&'a TcpStream);

impl fmt::Display for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.peer_addr().map_or(Ok(()), |address| address.fmt(f))
    }
}

/// Writes as much as the socket has room for.
fn send_some(mut stream: &TcpStream, unsent: &mut &[u8]) -> io::Result<()> {
    while !unsent.is_empty() {
        match stream.write(unsent) {
            Ok(sent) => *unsent = &unsent[sent..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads at most `limit` bytes, and returns how many; `None` if none have come.
fn receive_some(mut stream: &TcpStream, answer: &mut Vec<u8>, limit: usize) -> io::Result<Option<usize>> {
    let mut buffer = [0; READ];
    match stream.read(&mut buffer[..limit]) {
        Ok(read) => {
            answer.extend_from_slice(&buffer[..read]);
            Ok(Some(read))
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
