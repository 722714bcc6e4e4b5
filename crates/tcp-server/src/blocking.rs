//! A session on a thread that blocks in read(2) and write(2): the notes' `task(conn)`. The models
//! `threads` and `pool` share it; they differ in which thread calls it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::thread;

use common::actor::Actor;
use common::journal::wait::{self, Waiting};
use common::journal::{connection, is_recording};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::client_name::ClientName;
use crate::echo::{Echo, READ};
use crate::open_sockets::RegisteredClient;
use crate::server::{Server, TICK};
use crate::tally::{Traffic, bytes};
use crate::unread_budget::UnreadBudget;

/// Serves one client until it leaves, or the server ends.
pub(crate) fn serve(speaker: &Actor, client: RegisteredClient<'_>, server: &Server) {
    let RegisteredClient { name, socket, permit } = client;
    let serving = connection::serving(name);
    let mut traffic = Traffic::default();
    let end = converse(speaker, name, &socket.stream, server, &mut traffic);
    drop(socket);
    connection::closed(name, traffic.received, traffic.sent);
    drop(serving);
    server.count_end(name, traffic, end);
    drop(permit);
}

fn converse(
    speaker: &Actor,
    name: ClientName,
    mut stream: &TcpStream,
    server: &Server,
    traffic: &mut Traffic,
) -> io::Result<()> {
    stream.set_read_timeout(server.idle_timeout)?;
    stream.set_write_timeout(server.idle_timeout)?;
    let (mut echo, mut budget) = (Echo::default(), UnreadBudget::default());
    let mut buffer = [0; READ];
    loop {
        let limit = budget.limit(&server.shutdown, stream, READ)?;
        let waiting = waiting(name, stream, PollFlags::POLLIN);
        let read = stream.read(&mut buffer[..limit]);
        drop(waiting);
        let read = match read {
            Ok(0) => break, // also with a limit of 0
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(timed_out(error)),
        };
        budget.spend(read);
        traffic.received += bytes(read);
        server.answer(&mut echo, &mut buffer[..read], |text| server.print(speaker, text));
        send(name, stream, &buffer[..read], traffic)?;
    }
    let mut waiting = None;
    while !server.may_close(stream)? {
        if server.is_cutting_off() {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        waiting.get_or_insert_with(|| wait::for_io(name));
        thread::park_timeout(TICK);
    }
    drop(waiting);
    server.end_of_stream(name, stream, echo, |text| server.print(speaker, text));
    Ok(())
}

/// Sends all of it, however long the client takes to read.
fn send(name: ClientName, mut stream: &TcpStream, mut answer: &[u8], traffic: &mut Traffic) -> io::Result<()> {
    while !answer.is_empty() {
        let waiting = waiting(name, stream, PollFlags::POLLOUT);
        let sent = stream.write(answer);
        drop(waiting);
        match sent {
            Ok(sent) => {
                traffic.sent += bytes(sent);
                answer = &answer[sent..];
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(timed_out(error)),
        }
    }
    Ok(())
}

/// The span of a wait for the client, if the next call on its socket has to wait.
fn waiting(name: ClientName, stream: &TcpStream, events: PollFlags) -> Option<Waiting> {
    let must_wait = || matches!(poll(&mut [PollFd::new(stream.as_fd(), events)], PollTimeout::ZERO), Ok(0));
    (is_recording() && must_wait()).then(|| wait::for_io(name))
}

/// A blocking socket reports the end of its timeout as "would block".
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}
