//! The acceptor: accepts clients, hands them to a model, and sees them off at the end.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use common::Error;
use common::error::cause;
use common::journal::connection;
use common::stage::Stage;
use common::words::Text;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::client_name::ClientName;
use crate::connection_limiter::Permit;
use crate::listener::Listener;
use crate::rate_limited_log::Topic;
use crate::server::Server;
use crate::words;

/// The pause before the next accept when the system had no room for a client.
const BACKOFF: Duration = Duration::from_millis(200);

/// How accepted clients are served: the whole difference between the three models.
pub(crate) trait ClientHandler<'s> {
    /// Starts to serve a client, and returns at once.
    fn serve(&self, client: Client<'s>) -> Result<(), Error>;
    /// Ends every connection once what has come on it is answered: those of now, and those served later.
    fn drain(&self);
    /// Ends every connection at once.
    fn cut_off(&self);
}

/// An accepted client.
#[derive(Debug)]
pub(crate) struct Client<'s> {
    pub(crate) stream: TcpStream,
    pub(crate) name: ClientName,
    // Dropped after the stream: a free permit means that the client's descriptor is free as well.
    pub(crate) permit: Permit<'s>,
}

/// What one accept came to.
enum Accepted {
    /// A client, or an error of one client alone.
    One,
    /// The backlog is empty.
    None,
    /// The backlog may have a client, and the system has no room for it.
    NoRoom,
}

/// Announces the listener, accepts clients until the shutdown begins, then those that connected before that,
/// and waits until all are gone. The listener is closed and no client is served when it returns.
///
/// The caller has all that its model needs by now: what the system refuses ends the server before a client
/// knows of it.
///
/// Neither an error of one connection nor a lack of room for one ends the server.
pub(crate) fn run<'s>(
    listener: Listener,
    server: &'s Server,
    stage: &Stage,
    handler: &impl ClientHandler<'s>,
) -> Result<(), Error> {
    listener.announce(stage)?;
    let listener = listener.socket;
    accept_until_shutdown(&listener, server, handler);
    let said = stage.say(words::no_new_clients());
    handler.drain();
    accept_backlog(&listener, server, handler);
    drop(listener);
    if !server.while_waiting(|| server.limiter.wait_until_empty(server.shutdown.deadline())) {
        server.begin_cutting_off();
        handler.cut_off();
    }
    said
}

/// At the limit of connections it stops accepting: the kernel completes further connections and keeps
/// what they send, and they are accepted when others leave.
fn accept_until_shutdown<'s>(listener: &TcpListener, server: &'s Server, handler: &impl ClientHandler<'s>) {
    while !server.shutdown.has_begun() {
        server.limiter.rearm();
        if !server.limiter.has_room() {
            server.while_waiting(|| server.shutdown.wait_readable(server.limiter.released()));
            continue;
        }
        server.while_waiting(|| server.shutdown.wait_readable(listener.as_fd()));
        if !server.shutdown.has_begun() && matches!(accept(listener, server, handler), Accepted::NoRoom) {
            // The client is still in the backlog: an accept at once would fail again, and keep a core busy.
            server.while_waiting(|| server.shutdown.wait_for(BACKOFF));
        }
    }
}

/// Accepts the clients that connected before the shutdown began: what they have sent is answered.
fn accept_backlog<'s>(listener: &TcpListener, server: &'s Server, handler: &impl ClientHandler<'s>) {
    let deadline = server.shutdown.deadline();
    while Instant::now() < deadline {
        // accept(2) wants a descriptor before it looks into the backlog: with none left it would not say "empty".
        if !has_client(listener) {
            return;
        }
        match server.limiter.has_room().then(|| accept(listener, server, handler)) {
            Some(Accepted::None) => return,
            Some(Accepted::One) => {}
            None | Some(Accepted::NoRoom) => {
                let until = deadline.min(Instant::now() + BACKOFF);
                server.while_waiting(|| server.limiter.wait_for_release(until));
            }
        }
    }
}

/// Whether a client waits in the backlog.
fn has_client(listener: &TcpListener) -> bool {
    let mut polled = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    !matches!(poll(&mut polled, PollTimeout::ZERO), Ok(0))
}

fn accept<'s>(listener: &TcpListener, server: &'s Server, handler: &impl ClientHandler<'s>) -> Accepted {
    let (stream, peer) = match listener.accept() {
        Ok(accepted) => accepted,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Accepted::None,
        Err(error) if is_passing(&error) => return Accepted::One,
        Err(error) => {
            server.log.write(Topic::Accepting, words::trying_again(cause(&error)));
            return Accepted::NoRoom;
        }
    };
    // Nagle's algorithm would hold a short answer back. (This fails if the client is gone: a read tells.)
    let _ = stream.set_nodelay(true);
    let name = ClientName { port: peer.port(), lang: server.lang };
    connection::accepted(name);
    match handler.serve(Client { stream, name, permit: server.limiter.acquire() }) {
        Ok(()) => Accepted::One,
        Err(error) => {
            server.count_turned_away();
            server.log.write(Topic::Accepting, words::is_turned_away(Text::from(&error), Text::from(name)));
            Accepted::NoRoom
        }
    }
}

/// Whether accept(2) failed because of the client alone, which has left the backlog.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted)
}
