//! Connecting, in a way that Ctrl-C can end.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::error::cause;
use common::journal::wait;
use common::objects::alternatives;
use common::refusal::Refusal;
use common::{Error, interrupt, lang, limits};

use crate::words;

/// Connects to the first of `addresses` that accepts. `timeout` limits the wait; `None` leaves it to the
/// system.
///
/// The inner error is the system's answer: the caller may try again.
///
/// connect(2) may wait for minutes, and Ctrl-C does not end it. So a thread of its own calls it, and the
/// caller waits for the thread or for a signal. The thread of a wait that was given up is left behind; it
/// ends by itself, or with the process.
///
/// # Errors
///
/// [`Interrupted`](common::error::Toolkit::Interrupted); [`Refused`](common::Error::Refused) if the
/// system gives no thread.
pub(crate) fn connect(addresses: &[SocketAddr], timeout: Option<Duration>) -> Result<io::Result<TcpStream>, Error> {
    let refused = |source| Error::refused("start", words::a_connection(), source);
    limits::allow_one_more_thread()?;
    let (done, until_done) = UnixStream::pair().map_err(refused)?;
    let (send, receive) = mpsc::channel();
    let waiting = wait::for_io(alternatives(addresses).in_lang(lang::spoken()));
    let addresses = addresses.to_vec();
    let try_all = move || {
        let _ = send.send(connect_and_prepare(&addresses)); // fails if the caller has given up
        drop(until_done);
    };
    let thread = thread::Builder::new().name("connect".to_owned()).spawn(try_all).map_err(refused)?;
    if !interrupt::wait_readable(&[done.as_fd()], timeout)? {
        let seconds = timeout.unwrap_or_default().as_secs_f64();
        return Ok(Err(io::Error::new(ErrorKind::TimedOut, Refusal(words::no_answer_within(seconds)))));
    }
    let _ = thread.join();
    drop(waiting);
    Ok(receive.recv().unwrap_or_else(|_| Err(ErrorKind::Other.into())))
}

fn connect_and_prepare(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addresses)?;
    // TCP connects a client to itself if no server listens at the port that it dials and the kernel gives
    // the client that very port as its own.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?; // Nagle's algorithm would hold a short message back
    stream.set_nonblocking(true)?; // exchange() reads while it writes
    Ok(stream)
}

/// The error of a first connection that failed, with advice where there is some.
pub(crate) fn unreachable(addresses: &[SocketAddr], error: io::Error) -> Error {
    let source = match error.kind() {
        ErrorKind::ConnectionRefused => io::Error::new(error.kind(), Refusal(words::start_the_server(cause(&error)))),
        _ => error,
    };
    Error::refused("connect to", alternatives(addresses), source)
}
