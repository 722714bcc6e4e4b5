//! One conversation on a thread that waits for its client, in read(2) and in write(2): the notes'
//! `task(conn)`. The models `threads` and `pool` differ in who calls it.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use common::actor::Actor;
use common::journal::connection;

use crate::door::Client;
use crate::echo::{Echo, READ};
use crate::places::Place;
use crate::server::{Left, Moved, Name, Server, TICK};

/// The connections that threads wait for, so that they can be told when the end has come: a thread
/// that is blocked in a read is deaf to all but its own socket.
#[derive(Debug, Default)]
pub(crate) struct Open(Mutex<Sockets>);

#[derive(Debug, Default)]
struct Sockets {
    open: HashMap<RawFd, Arc<TcpStream>>,
    /// How each is shut down, and from the first moment: the end has come.
    shut: Option<Shutdown>,
}

/// A client that is on the list of those who are told.
#[derive(Debug)]
pub(crate) struct Listed<'s> {
    pub(crate) name: Name,
    stream: OnList<'s>,
    place: Place<'s>,
}

/// A stream on the list, which it leaves when this is dropped: it is closed then.
#[derive(Debug)]
struct OnList<'s> {
    stream: Arc<TcpStream>,
    list: &'s Open,
}

impl Open {
    /// Puts a client on the list.
    pub(crate) fn enter<'s>(&'s self, client: Client<'s>) -> Listed<'s> {
        let Client { stream, name, place } = client;
        let mut sockets = self.lock();
        if let Some(how) = sockets.shut {
            let _ = stream.shutdown(how); // fails if the client is gone
        }
        let stream = Arc::new(stream);
        sockets.open.insert(stream.as_raw_fd(), Arc::clone(&stream));
        Listed { name, stream: OnList { stream, list: self }, place }
    }

    /// Puts the end of the stream behind what has come from each client: the thread reads that, and
    /// then waits no more.
    pub(crate) fn drain(&self) {
        self.shut(Shutdown::Read);
    }

    /// No thread waits any more, in no call.
    pub(crate) fn cut(&self) {
        self.shut(Shutdown::Both);
    }

    fn shut(&self, how: Shutdown) {
        let mut sockets = self.lock();
        sockets.shut = Some(how);
        for stream in sockets.open.values() {
            let _ = stream.shutdown(how); // fails if the client is gone, and then nobody waits for it
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // entered or not: no half-done state
    }
}

impl Drop for OnList<'_> {
    fn drop(&mut self) {
        // Before it is closed: its number may then be that of the next one.
        self.list.lock().open.remove(&self.stream.as_raw_fd());
    }
}

/// Serves one client until it goes, or the server ends.
pub(crate) fn serve(speaker: &Actor, client: Listed<'_>, server: &Server) {
    let Listed { name, stream, place } = client;
    let serving = connection::serving(name);
    let mut moved = Moved::default();
    let end = converse(speaker, name, &stream.stream, server, &mut moved);
    drop(stream);
    connection::closed(name, moved.received, moved.sent);
    drop(serving);
    server.ended(name, moved, end);
    drop(place);
}

fn converse(speaker: &Actor, name: Name, mut stream: &TcpStream, server: &Server, moved: &mut Moved) -> io::Result<()> {
    stream.set_read_timeout(server.idle_timeout)?;
    stream.set_write_timeout(server.idle_timeout)?;
    let (mut echo, mut left) = (Echo::default(), Left::default());
    let mut buffer = [0; READ];
    loop {
        let room = left.room(server, stream, READ)?;
        let read = match stream.read(&mut buffer[..room]) {
            Ok(0) => break, // for no room, too
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(in_time(error)),
        };
        left.took(read);
        moved.received += bytes(read);
        server.answer(&mut echo, &mut buffer[..read], |text| server.show(speaker, text));
        send(stream, &buffer[..read], moved)?;
    }
    while !server.may_close(stream)? {
        if server.cuts() {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        thread::park_timeout(TICK);
    }
    server.goodbye(name, stream, echo, |text| server.show(speaker, text));
    Ok(())
}

/// Sends all of it, however long the client takes to read.
fn send(mut stream: &TcpStream, mut answer: &[u8], moved: &mut Moved) -> io::Result<()> {
    while !answer.is_empty() {
        match stream.write(answer) {
            Ok(sent) => {
                moved.sent += bytes(sent);
                answer = &answer[sent..];
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(in_time(error)),
        }
    }
    Ok(())
}

/// A socket that blocks says "would block" when its time is over.
fn in_time(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

pub(crate) fn bytes(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
