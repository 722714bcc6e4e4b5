//! One loop per core, which waits for all of its clients at once: readiness events, from epoll(7) by `mio`.
//!
//! What this model pays:
//! - *Memory*: some 130 bytes for a client, and nothing that it waits with. One read buffer per loop.
//! - *Switches*: one wait tells of all clients that are ready; a loop with work never sleeps.
//! - *Fairness*: ours to see to. A client is given to the loop that has fewest, and a loop turns to
//!   the next client after [`TURN`] reads, however much this one has to say.
//! - *Who waits for whom*: the clients of a loop for each other, for as long as a turn takes. Nothing
//!   may block here: an answer that does not fit is kept, and until it is gone nothing more is read.
//! - *The limit*: descriptors. And the code is inside out: what a thread keeps in its place in the
//!   program (where in the conversation it is) has to be kept in [`Connection`].

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::actor::Actor;
use common::journal::connection;
use common::stage::Stage;
use common::{Error, text};
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use crate::blocking::bytes;
use crate::door::{self, Client, Model};
use crate::echo::{Echo, READ};
use crate::places::Place;
use crate::server::{Moved, Name, Server, TICK};

/// How many reads a client has in one turn.
const TURN: usize = 16;
/// How many clients one wait tells of at most.
const AT_ONCE: usize = 1024;
/// Told of when somebody else has something to tell a loop.
const WAKE: Token = Token(usize::MAX);
/// How much later than in time an idle client may be found, so that a loop does not look for each alone.
const SWEEP: Duration = Duration::from_millis(10);

/// The loops, as the door sees them.
struct Loops<'s>(Vec<Handle<'s>>);

struct Handle<'s> {
    /// `None` at the end: nobody comes any more.
    give: Option<Sender<Client<'s>>>,
    waker: Arc<Waker>,
    clients: Arc<AtomicUsize>,
}

/// One loop.
struct Loop<'s> {
    server: &'s Server,
    poll: Poll,
    /// Here as well, because a call is lost when its caller closes it before it is heard.
    _waker: Arc<Waker>,
    newcomers: Receiver<Client<'s>>,
    connections: Slab<Connection<'s>>,
    clients: Arc<AtomicUsize>,
    buffer: [u8; READ],
    /// Whose turn was over before they had said all: no event will tell of them again.
    unfinished: Vec<usize>,
    /// At the end of the server: who is answered, and has not got all of it yet.
    lingering: Vec<usize>,
    /// When to look for idle clients: none is idle before.
    sweep: Option<Instant>,
    drains: bool,
}

/// Where one conversation is.
struct Connection<'s> {
    stream: TcpStream,
    name: Name,
    echo: Echo,
    moved: Moved,
    /// What did not fit into the socket. Nothing is read until it does, so this is less than one read.
    unsent: Vec<u8>,
    /// The client's last byte has come: it is read on until the end of the stream.
    ends: bool,
    /// It stands in [`Loop::unfinished`].
    is_unfinished: bool,
    last_moved: Instant,
    place: Place<'s>,
}

/// How a turn has ended.
enum Turn {
    /// An event will tell when it goes on.
    Waits,
    /// There may be more to read.
    GoesOn,
    /// The client has gone, and has all.
    Over,
}

pub(crate) fn serve(listener: TcpListener, server: &Server, stage: &Stage, workers: usize) -> Result<(), Error> {
    thread::scope(|scope| {
        let mut loops = Loops(Vec::new());
        for number in 1..=workers {
            let (handle, one) = new_loop(server)?;
            loops.0.push(handle);
            let name = text!(stage, "loop {number}", "事件循环 {number}");
            stage.thread(scope, name, move |actor| one.run(actor))?;
        }
        door::attend(listener, server, stage, &loops)
    })
}

fn new_loop(server: &Server) -> Result<(Handle<'_>, Loop<'_>), Error> {
    let refused = |source| Error::refused("make", "an event loop", source);
    let poll = Poll::new().map_err(refused)?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKE).map_err(refused)?);
    let (give, newcomers) = unbounded();
    let clients = Arc::new(AtomicUsize::new(0));
    let handle = Handle { give: Some(give), waker: Arc::clone(&waker), clients: Arc::clone(&clients) };
    let (connections, buffer, unfinished, lingering) = (Slab::new(), [0; READ], Vec::new(), Vec::new());
    let sweep = server.idle_timeout.map(|timeout| Instant::now() + timeout);
    let drains = false;
    let one = Loop {
        server,
        poll,
        _waker: waker,
        newcomers,
        connections,
        clients,
        buffer,
        unfinished,
        lingering,
        sweep,
        drains,
    };
    Ok((handle, one))
}

impl<'s> Model<'s> for Loops<'s> {
    fn take(&self, client: Client<'s>) -> Result<(), Error> {
        let fewest = self.0.iter().min_by_key(|handle| handle.clients.load(Ordering::Relaxed));
        let gone = || Error::Unusable { operation: "serve a client", cause: "every loop is gone".to_owned() };
        let (handle, give) = fewest.and_then(|handle| Some((handle, handle.give.as_ref()?))).ok_or_else(gone)?;
        client.stream.set_nonblocking(true).map_err(|source| Error::refused("serve", client.name, source))?;
        handle.clients.fetch_add(1, Ordering::Relaxed);
        give.send(client).map_err(|_| gone())?;
        handle.wake();
        Ok(())
    }

    /// The loops see for themselves that the server ends.
    fn drain(&self) {
        self.0.iter().for_each(Handle::wake);
    }

    fn cut(&self) {
        self.0.iter().for_each(Handle::wake);
    }
}

impl Handle<'_> {
    fn wake(&self) {
        let _ = self.waker.wake(); // fails where so many wait to be heard that one will be
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        self.give = None;
        self.wake();
    }
}

impl<'s> Loop<'s> {
    fn run(mut self, actor: &Actor) {
        let mut events = Events::with_capacity(AT_ONCE);
        loop {
            match self.poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return self.server.stop.because(Error::refused("wait for", "events", error));
                }
                _ => {}
            }
            let now = Instant::now();
            for key in self.left_over() {
                if let Some(connection) = self.connections.get_mut(key) {
                    connection.is_unfinished = false;
                    self.turn(actor, key, now);
                }
            }
            let mut is_called = false;
            for event in &events {
                is_called |= event.token() == WAKE;
                if let Some(connection) = self.connections.get_mut(event.token().0) {
                    connection.ends |= event.is_read_closed();
                    self.turn(actor, event.token().0, now);
                }
            }
            // After the events: none of them is about a newcomer that got the place of somebody who left.
            if is_called && !self.hear(actor, now) {
                return;
            }
            self.close_the_idle(actor, now);
        }
    }

    /// Those whose turn it is although no event tells of them.
    fn left_over(&mut self) -> Vec<usize> {
        let mut keys = std::mem::take(&mut self.unfinished);
        keys.append(&mut self.lingering);
        // Somebody lingers once, however many events told of it.
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.unfinished.is_empty() {
            return Some(Duration::ZERO);
        }
        let sweep = self.sweep.map(|sweep| sweep.saturating_duration_since(Instant::now()));
        let tick = (!self.lingering.is_empty()).then_some(TICK);
        tick.into_iter().chain(sweep).min()
    }

    /// Hears what others have to tell: who is new, and that the end has come. False if nothing is left to do.
    fn hear(&mut self, actor: &Actor, now: Instant) -> bool {
        if self.server.stop.has_begun() && !self.drains {
            self.drains = true;
            for key in self.keys() {
                self.drain(actor, key, now);
            }
        }
        let door_is_open = loop {
            match self.newcomers.try_recv() {
                Ok(client) => self.let_in(client, actor, now),
                Err(TryRecvError::Empty) => break true,
                Err(TryRecvError::Disconnected) => break false,
            }
        };
        if self.server.cuts() {
            for key in self.keys() {
                self.close(actor, key, Err(ErrorKind::ConnectionAborted.into()));
            }
        }
        door_is_open
    }

    fn let_in(&mut self, client: Client<'s>, actor: &Actor, now: Instant) {
        let entry = self.connections.vacant_entry();
        let key = entry.key();
        let connection = entry.insert(Connection::new(client, now));
        // Both at once and for good: an event comes when something has changed, and only then.
        let interest = Interest::READABLE | Interest::WRITABLE;
        match self.poll.registry().register(&mut connection.stream, Token(key), interest) {
            Ok(()) if self.drains => self.drain(actor, key, now),
            Ok(()) => {}
            Err(error) => self.close(actor, key, Err(error)),
        }
    }

    /// Puts the end of the stream behind what has come.
    fn drain(&mut self, actor: &Actor, key: usize, now: Instant) {
        if let Some(connection) = self.connections.get_mut(key) {
            let _ = connection.stream.shutdown(Shutdown::Read); // fails if the client is gone, as a read will tell
            connection.ends = true;
            self.turn(actor, key, now);
        }
    }

    fn turn(&mut self, actor: &Actor, key: usize, now: Instant) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        match connection.turn(&mut self.buffer, self.server, actor, now) {
            Ok(Turn::GoesOn) if !connection.is_unfinished => {
                connection.is_unfinished = true;
                self.unfinished.push(key);
            }
            Ok(Turn::Waits | Turn::GoesOn) => {}
            Ok(Turn::Over) => match self.server.may_close(connection.stream.as_fd()) {
                Ok(true) => self.close(actor, key, Ok(())),
                Ok(false) => self.lingering.push(key),
                Err(error) => self.close(actor, key, Err(error)),
            },
            Err(error) => self.close(actor, key, Err(error)),
        }
    }

    fn close(&mut self, actor: &Actor, key: usize, end: io::Result<()>) {
        let Connection { stream, name, echo, moved, place, .. } = self.connections.remove(key);
        if end.is_ok() {
            let speaker = |text: &str| self.server.show(&actor.other(name.to_string()), text);
            self.server.goodbye(name, stream.as_fd(), echo, speaker);
        }
        drop(stream);
        connection::closed(name, moved.received, moved.sent);
        self.clients.fetch_sub(1, Ordering::Relaxed);
        self.server.ended(name, moved, end);
        drop(place);
    }

    fn close_the_idle(&mut self, actor: &Actor, now: Instant) {
        let Some((sweep, timeout)) = self.sweep.zip(self.server.idle_timeout) else { return };
        if now < sweep {
            return;
        }
        let idle = |connection: &Connection<'_>| now.saturating_duration_since(connection.last_moved);
        for key in self.keys() {
            if idle(&self.connections[key]) >= timeout {
                self.close(actor, key, Err(ErrorKind::TimedOut.into()));
            }
        }
        let longest = self.connections.iter().map(|(_, connection)| idle(connection)).max().unwrap_or_default();
        self.sweep = Some(now + timeout.saturating_sub(longest).max(SWEEP));
    }

    fn keys(&self) -> Vec<usize> {
        self.connections.iter().map(|(key, _)| key).collect()
    }
}

impl<'s> Connection<'s> {
    fn new(client: Client<'s>, now: Instant) -> Self {
        let Client { stream, name, place } = client;
        Self {
            stream: TcpStream::from_std(stream),
            name,
            echo: Echo::default(),
            moved: Moved::default(),
            unsent: Vec::new(),
            ends: false,
            is_unfinished: false,
            last_moved: now,
            place,
        }
    }

    /// Reads and answers until the client has said all for now, does not take its answer, or has had its turn.
    fn turn(&mut self, buffer: &mut [u8], server: &Server, actor: &Actor, now: Instant) -> io::Result<Turn> {
        for _ in 0..TURN {
            if !self.send_rest(now)? {
                return Ok(Turn::Waits);
            }
            let read = match self.stream.read(buffer) {
                Ok(0) => return Ok(Turn::Over),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Turn::Waits),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.moved.received += bytes(read);
            self.last_moved = now;
            let (answer, name) = (&mut buffer[..read], self.name);
            server.answer(&mut self.echo, answer, |text| server.show(&actor.other(name.to_string()), text));
            let sent = send(&mut self.stream, answer)?;
            self.moved.sent += bytes(sent);
            self.unsent.extend_from_slice(&answer[sent..]);
            // It had less than there was room for, so that was all: an event will tell of more. (The
            // end of the stream is told only once, and may have been before.)
            if read < buffer.len() && !self.ends {
                return Ok(Turn::Waits);
            }
        }
        Ok(Turn::GoesOn)
    }

    /// Sends what did not fit before. True if now it did.
    fn send_rest(&mut self, now: Instant) -> io::Result<bool> {
        if self.unsent.is_empty() {
            return Ok(true);
        }
        let sent = send(&mut self.stream, &self.unsent)?;
        self.moved.sent += bytes(sent);
        self.unsent.drain(..sent);
        if sent > 0 {
            self.last_moved = now;
        }
        if !self.unsent.is_empty() {
            return Ok(false);
        }
        self.unsent = Vec::new(); // and gives back its memory
        Ok(true)
    }
}

/// Sends what there is room for. Returns how much that was; if it is not all, an event will tell when there is more.
fn send(stream: &mut TcpStream, answer: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < answer.len() {
        match stream.write(&answer[sent..]) {
            Ok(written) => sent += written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}
