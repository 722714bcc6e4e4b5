//! One connection, from its first byte to its end, and what all of them moved.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use common::Error;
use common::actor::Actor;
use common::cli::{self, Section};

use crate::Options;
use crate::echo::{Echo, READ};
use crate::stop::Stop;

/// How long a write waits for a client who does not read before it looks whether the server ends.
const TICK: Duration = Duration::from_millis(100);

/// What connections moved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) connections: u64,
    /// Connections that the client broke off.
    pub(crate) broken: u64,
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// Received and not sent back, on connections that were not broken off.
    pub(crate) missing: u64,
}

/// What all connections moved that have ended.
#[derive(Debug, Default)]
pub(crate) struct Total(Mutex<Tally>);

impl Total {
    pub(crate) fn sum(&self) -> Tally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) // plain numbers: no half-done state
    }

    fn add(&self, one: Tally) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.connections += 1;
        all.broken += one.broken;
        all.received += one.received;
        all.sent += one.sent;
        all.missing += one.missing;
    }
}

/// The notes' `task(conn)`: serves one client until it goes, or the server ends.
pub(crate) fn serve(actor: &Actor, stream: &TcpStream, stop: &Stop, total: &Total) {
    let mut tally = Tally::default();
    match converse(actor, stream, stop, &mut tally) {
        Ok(()) => tally.missing = tally.received.abs_diff(tally.sent),
        Err(source) => {
            tally.broken = 1;
            cli::notice(Options::NAME, Error::refused("serve", actor.name(), source));
        }
    }
    total.add(tally);
}

fn converse(actor: &Actor, stream: &TcpStream, stop: &Stop, tally: &mut Tally) -> io::Result<()> {
    stream.set_nodelay(true)?; // an answer goes at once, however short it is
    stream.set_write_timeout(Some(TICK))?;
    let mut echo = Echo::default();
    let mut buffer = [0; READ];
    loop {
        if !stop.wait_readable(stream.as_fd()) {
            // What has come can still be read, and behind it is now the end of the stream: the read
            // waits no more. (If this fails, the client is gone, and the read does not wait either.)
            let _ = stream.shutdown(Shutdown::Read);
        }
        let read = match (&*stream).read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        tally.received += bytes(read);
        let text = echo.take(&mut buffer[..read]);
        show(actor, text, stop);
        send(stream, &buffer[..read], stop, tally)?;
        if stop.is_overdue() {
            break; // a client that never ceases to write
        }
    }
    show(actor, echo.end(), stop);
    Ok(())
}

fn show(actor: &Actor, text: String, stop: &Stop) {
    let shown = if text.is_empty() { Ok(()) } else { actor.say(text) };
    if let Err(error) = shown {
        stop.because(error);
    }
}

/// Sends all of it, however long the client takes to read, unless the server ends.
fn send(mut stream: &TcpStream, mut answer: &[u8], stop: &Stop, tally: &mut Tally) -> io::Result<()> {
    while !answer.is_empty() {
        match stream.write(answer) {
            Ok(sent) => {
                tally.sent += bytes(sent);
                answer = &answer[sent..];
            }
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Err(error),
            Err(_) if stop.is_overdue() => {
                return Err(io::Error::new(ErrorKind::TimedOut, "it does not read its answer, and the server ends"));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn bytes(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
