//! Connecting, in a way that Ctrl-C can end.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::error::{Toolkit, cause};
use common::{Error, interrupt};

/// Connects to the first of `addresses` that answers, within `timeout` if there is one.
///
/// The outer error is the end of the run, the inner one the system's answer.
///
/// The system waits minutes for a machine that does not answer, and is deaf meanwhile: so another
/// thread waits for it, which nobody misses when the run ends.
pub(crate) fn connect(addresses: &[SocketAddr], timeout: Option<Duration>) -> Result<io::Result<TcpStream>, Error> {
    let refused = |source| Error::refused("start", "a connection", source);
    let (done, at_its_end) = UnixStream::pair().map_err(refused)?;
    let (give, take) = mpsc::channel();
    let addresses = addresses.to_vec();
    let try_all = move || {
        let _ = give.send(connect_and_prepare(&addresses)); // fails if the run has ended meanwhile
        drop(at_its_end);
    };
    let thread = thread::Builder::new().name("connect".to_owned()).spawn(try_all).map_err(refused)?;
    if !interrupt::wait_readable(&[done.as_fd()], timeout)? {
        let seconds = timeout.unwrap_or_default().as_secs_f64();
        return Ok(Err(io::Error::new(ErrorKind::TimedOut, format!("no answer within {seconds} s"))));
    }
    let _ = thread.join();
    Ok(take.recv().unwrap_or_else(|_| Err(ErrorKind::Other.into())))
}

fn connect_and_prepare(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addresses)?;
    // With nobody at a port of the range from which clients get theirs, a client can get this very
    // port, and then TCP connects it to itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?; // a message goes at once, however short it is
    stream.set_nonblocking(true)?; // exchange() reads while it writes
    Ok(stream)
}

/// The first connection could not be made.
pub(crate) fn unreachable(addresses: &[SocketAddr], source: io::Error) -> Error {
    with_advice(Error::refused("connect to", shown(addresses), source))
}

/// Adds what the user can do if no server listens.
pub(crate) fn with_advice(error: Error) -> Error {
    match error {
        Error::Toolkit(Toolkit::Refused { operation, object, source })
            if source.kind() == ErrorKind::ConnectionRefused =>
        {
            let advice = "start tcp-server there first, or say with --port where it listens";
            Error::refused(operation, object, io::Error::new(source.kind(), format!("{}; {advice}", cause(&source))))
        }
        _ => error,
    }
}

/// Addresses as a sentence has them.
pub(crate) fn shown(addresses: &[SocketAddr]) -> String {
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    shown.join(" or ")
}
