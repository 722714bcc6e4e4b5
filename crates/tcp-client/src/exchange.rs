//! The protocol, from the client's side: a message goes, and as many bytes come back.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use common::pace::PATIENCE;
use common::{Error, interrupt};

/// How many bytes one read takes at most, as in the notes.
const READ: usize = 1024;
/// How soon to look for room again when a message does not fit and no answer comes either.
const TICK: Duration = Duration::from_millis(1);

/// Sends `message` over a non-blocking stream, and reads as many bytes as it has, within `timeout` if
/// there is one.
///
/// It reads while it writes. A server answers while it reads: if this side only wrote, the answers
/// would fill the buffers on the way back, the server would wait for room there, the message would
/// fill the buffers on the way there, and both would wait for ever.
///
/// The inner error is a connection that was lost.
///
/// # Errors
///
/// [`Error::Toolkit`].
pub fn exchange(stream: &TcpStream, message: &[u8], timeout: Option<Duration>) -> Result<io::Result<Vec<u8>>, Error> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut unsent = message;
    let mut answer = Vec::with_capacity(message.len());
    while answer.len() < message.len() {
        if let Err(lost) = send_some(stream, &mut unsent) {
            return Ok(Err(lost));
        }
        // Room for more usually comes with an answer: the server has read. But it need not.
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if let (Some(Duration::ZERO), Some(timeout)) = (left, timeout) {
            let told = format!("no answer within {} s", timeout.as_secs_f64());
            return Ok(Err(io::Error::new(ErrorKind::TimedOut, told)));
        }
        let tick = (!unsent.is_empty()).then_some(TICK);
        interrupt::wait_readable(&[stream.as_fd()], left.into_iter().chain(tick).min())?;
        let missing = message.len() - answer.len();
        match receive_some(stream, &mut answer, missing.min(READ)) {
            Ok(Some(0)) => return Ok(Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed it"))),
            Ok(_) => {}
            Err(lost) => return Ok(Err(lost)),
        }
    }
    Ok(Ok(answer))
}

/// Tells the server that nothing more comes (the half-close), and waits until it closes its side
/// too. Returns 0, or how many bytes came instead.
///
/// # Errors
///
/// [`Error::Toolkit`] if the server does not close; [`Error::Toolkit`].
pub fn say_goodbye(stream: &TcpStream) -> Result<usize, Error> {
    let _ = stream.shutdown(Shutdown::Write); // fails if the server is gone: then the end is near
    loop {
        if !interrupt::wait_readable(&[stream.as_fd()], Some(PATIENCE))? {
            return Err(Error::timed_out("the server to close the connection", PATIENCE.as_secs_f64()));
        }
        match receive_some(stream, &mut Vec::new(), READ) {
            Ok(Some(surplus)) => return Ok(surplus),
            Ok(None) => {}
            Err(_) => return Ok(0), // it did not say goodbye, but it is gone
        }
    }
}

/// Sends what there is room for.
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

/// Reads what has come, at most `most` bytes, and returns how many; `None` if nothing has.
fn receive_some(mut stream: &TcpStream, answer: &mut Vec<u8>, most: usize) -> io::Result<Option<usize>> {
    let mut buffer = [0; READ];
    match stream.read(&mut buffer[..most]) {
        Ok(read) => {
            answer.extend_from_slice(&buffer[..read]);
            Ok(Some(read))
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
