//! The door: who is let in, when, and by whom they are served from then on.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use common::error::cause;
use common::journal::connection;
use common::stage::Stage;
use common::{Error, say};

use crate::notices::About;
use crate::places::Place;
use crate::server::{Name, Server};

/// How long the server waits before it accepts again, when the system had no room for a client.
const BACK_OFF: Duration = Duration::from_millis(200);

/// How clients are served: in this the models differ, and in nothing else.
pub(crate) trait Model<'s> {
    /// Serves a client from now on; returns at once.
    fn take(&self, client: Client<'s>) -> Result<(), Error>;
    /// Has every connection end as soon as what has come is answered: those of now, and those taken later.
    fn drain(&self);
    /// Has every connection end now.
    fn cut(&self);
}

/// Somebody who was let in.
#[derive(Debug)]
pub(crate) struct Client<'s> {
    pub(crate) stream: TcpStream,
    pub(crate) name: Name,
    // The last to go, so that a place that is free is one for which there are descriptors, too.
    pub(crate) place: Place<'s>,
}

/// What one look at the door has come to.
enum Came {
    Somebody,
    Nobody,
    /// Somebody may stand there, and the system has no room.
    NoRoom,
}

/// Lets clients in until the server is asked to end, then those who came before that, and sees all
/// of them off. Nobody is served any more, and nobody listens, when it returns.
///
/// No error of one connection, and no lack of room for one, is the end of the server.
pub(crate) fn attend<'s>(
    listener: TcpListener,
    server: &'s Server,
    stage: &Stage,
    model: &impl Model<'s>,
) -> Result<(), Error> {
    admit(&listener, server, model);
    let said = say!(stage, "no new clients; answering what has come", "不再接受新的客户端;把已经收到的内容回复完");
    model.drain();
    admit_the_last(&listener, server, model);
    drop(listener);
    if !server.places.wait_until_empty(server.stop.deadline()) {
        server.cut();
        model.cut();
    }
    said
}

/// Lets clients in until the server is asked to end. While it is full, further ones wait outside: the
/// kernel completes their connections, keeps what they say, and they are served when others leave.
fn admit<'s>(listener: &TcpListener, server: &'s Server, model: &impl Model<'s>) {
    while !server.stop.has_begun() {
        server.places.look_again();
        if !server.places.is_one_free() {
            server.stop.wait_readable(server.places.freed());
            continue;
        }
        server.stop.wait_readable(listener.as_fd());
        if !server.stop.has_begun() && matches!(look(listener, server, model), Came::NoRoom) {
            // The client still stands at the door: trying again at once would only keep a core busy.
            server.stop.rest(BACK_OFF);
        }
    }
}

/// Those who stood at the door when the server was asked to end: to them it is open, they have spoken.
fn admit_the_last<'s>(listener: &TcpListener, server: &'s Server, model: &impl Model<'s>) {
    let deadline = server.stop.deadline();
    while Instant::now() < deadline {
        match server.places.is_one_free().then(|| look(listener, server, model)) {
            Some(Came::Nobody) => return,
            Some(Came::Somebody) => {}
            None | Some(Came::NoRoom) => {
                server.places.wait_for_one_to_leave(deadline.min(Instant::now() + BACK_OFF));
            }
        }
    }
}

/// Accepts one client, if one is there.
fn look<'s>(listener: &TcpListener, server: &'s Server, model: &impl Model<'s>) -> Came {
    let (stream, peer) = match listener.accept() {
        Ok(accepted) => accepted,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Came::Nobody,
        Err(error) if is_passing(&error) => return Came::Somebody,
        Err(error) => {
            let message = format_args!("cannot accept a client: {}; trying again", cause(&error));
            server.notices.say(About::Door, message);
            return Came::NoRoom;
        }
    };
    // An answer goes at once, however short it is. (If this fails the client is gone, as a read will tell.)
    let _ = stream.set_nodelay(true);
    let name = Name { port: peer.port(), lang: server.lang };
    connection::accepted(name);
    match model.take(Client { stream, name, place: server.places.take() }) {
        Ok(()) => Came::Somebody,
        Err(error) => {
            server.turned_away();
            server.notices.say(About::Door, format_args!("{error}; {name} is turned away"));
            Came::NoRoom
        }
    }
}

/// Whether accept(2) failed because of the client alone, who was gone before.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted)
}
