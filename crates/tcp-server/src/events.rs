//! One loop per core, and every client is everybody's: readiness events, from epoll(7).
//!
//! One loop at a time waits for the clients. With clients to serve it does not wait, and when it has
//! had no rest for a while it calls another loop, which takes whoever is ready next. A loop that nobody
//! needs sleeps: to wake it for each message would cost more than the message. (With `mio` each loop
//! would have clients of its own, for only one thread can wait on its `Poll`; and then the clients of
//! a loop that is off its core wait for it, however idle the others are. So this is `nix`'s `Epoll`,
//! the system call and no more.)
//!
//! What this model pays:
//! - *Memory*: some 180 bytes for a client, and nothing that it waits with. One read buffer per loop.
//! - *Switches*: one wait tells of several clients that are ready; a loop with work never sleeps.
//! - *Fairness*: ours to see to. A loop turns to the next client after [`TURN`](crate::turns::TURN)
//!   reads, however much this one has to say, and this one goes to the end of the kernel's queue.
//! - *Who waits for whom*: the [`AT_ONCE`] clients that a loop was told of for each other, and all for
//!   [`PATIENCE`] until another loop helps. Nothing may block here: an answer that does not fit is
//!   kept, and until it is gone nothing more is read.
//! - *The limit*: descriptors. And the code is inside out: what a thread keeps in its place in the
//!   program (where in the conversation it is) has to be kept in a [`Talk`].

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use common::actor::Actor;
use common::journal::connection;
use common::stage::Stage;
use common::{Error, text};
use crossbeam_channel::{Receiver, Sender, bounded};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use slab::Slab;

use crate::clock::Clock;
use crate::door::{self, Client, Model};
use crate::echo::READ;
use crate::places::Place;
use crate::server::{Name, Server, TICK};
use crate::turns::{Talk, Turn};

/// How many clients one wait tells of at most. If their loop is off its core they wait for it; all
/// others are the kernel's, which gives them to any loop that asks.
const AT_ONCE: usize = 16;
/// How long a loop goes without a rest before it calls another one.
const PATIENCE: Duration = Duration::from_millis(1);
/// Told of when it is time to look at everybody.
const CLOCK: u64 = u64::MAX;
/// Told of when nobody comes any more.
const END: u64 = u64::MAX - 1;
/// How much later than in time an idle client may be found, so that a loop does not look for each alone.
const SWEEP: Duration = Duration::from_millis(10);

/// What the loops share: everything but a buffer.
struct Loops<'s> {
    server: &'s Server,
    /// Several may ask who is ready; each event is told to one.
    epoll: Epoll,
    /// Held by the loop that waits.
    watch: Mutex<()>,
    /// What loops that nobody needs sleep on, one call at most.
    calls: (Sender<()>, Receiver<()>),
    clients: RwLock<Slab<Arc<Connection<'s>>>>,
    clock: Clock,
    end: EventFd,
}

/// One loop.
struct Loop<'l, 's> {
    all: &'l Loops<'s>,
    actor: &'l Actor,
    buffer: [u8; READ],
    /// Since when it has had no rest.
    busy_since: Option<Instant>,
}

/// A client, as the loops hand it to each other.
struct Connection<'s> {
    /// By which events tell of it.
    key: usize,
    stream: TcpStream,
    name: Name,
    /// How often events have told of it since a loop began to serve it. 0: none does.
    told: AtomicUsize,
    state: Mutex<State>,
    // The last to go, so that a place that is free is one for which there are descriptors, too.
    _place: Place<'s>,
}

struct State {
    talk: Talk,
    last_moved: Instant,
    /// At the end of the server: it is answered, and has not got all of it yet.
    lingers: bool,
    is_closed: bool,
}

/// Ends the loops when it is dropped.
struct Ending<'l, 's>(&'l Loops<'s>);

pub(crate) fn serve(listener: TcpListener, server: &Server, stage: &Stage, workers: usize) -> Result<(), Error> {
    let loops = Loops::new(server).map_err(|errno| Error::refused("make", "an event loop", errno))?;
    let loops = &loops;
    thread::scope(|scope| {
        let _ending = Ending(loops);
        for number in 1..=workers {
            let name = text!(stage, "loop {number}", "事件循环 {number}");
            stage.thread(scope, name, move |actor| Loop::new(loops, actor).run())?;
        }
        door::attend(listener, server, stage, loops)
    })
}

impl<'s> Model<'s> for Loops<'s> {
    fn take(&self, client: Client<'s>) -> Result<(), Error> {
        client.stream.set_nonblocking(true).map_err(|source| Error::refused("serve", client.name, source))?;
        let connection = self.enter(client);
        if self.server.stop.has_begun() {
            connection.end();
        }
        if let Err(errno) = self.epoll.add(&connection.stream, connection.event()) {
            self.close(&connection, &mut connection.lock(), Err(errno.into()));
        }
        Ok(())
    }

    fn drain(&self) {
        self.everybody().iter().for_each(|connection| connection.end());
    }

    fn cut(&self) {
        for connection in self.everybody() {
            self.close(&connection, &mut connection.lock(), Err(ErrorKind::ConnectionAborted.into()));
        }
    }
}

impl<'s> Loops<'s> {
    fn new(server: &'s Server) -> Result<Self, Errno> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let end = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let clock = Clock::new()?;
        // Nobody reads it, so it is told of again and again, until every loop knows.
        epoll.add(&end, EpollEvent::new(EpollFlags::EPOLLIN, END))?;
        epoll.add(&clock, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, CLOCK))?;
        if let Some(timeout) = server.idle_timeout {
            clock.ring_at(Instant::now() + timeout);
        }
        Ok(Self { server, epoll, watch: Mutex::new(()), calls: bounded(1), clients: RwLock::default(), clock, end })
    }

    /// Wakes a loop that nobody needed so far, if there is one.
    fn call_another(&self) {
        let _ = self.calls.0.try_send(()); // fails where one is called already
    }

    /// Puts a client at the end of the queue, which is an event if there is something to do.
    fn ask_again(&self, connection: &Connection<'_>) -> Result<(), Errno> {
        self.epoll.modify(&connection.stream, &mut connection.event())
    }

    fn enter(&self, client: Client<'s>) -> Arc<Connection<'s>> {
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        let entry = clients.vacant_entry();
        let connection = Arc::new(Connection::new(entry.key(), client));
        entry.insert(Arc::clone(&connection));
        connection
    }

    /// Whom an event tells of. That may be somebody else, if who it was has left: a turn for nothing.
    fn client(&self, key: u64) -> Option<Arc<Connection<'s>>> {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(usize::try_from(key).ok()?).cloned()
    }

    fn everybody(&self) -> Vec<Arc<Connection<'s>>> {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.iter().map(|(_, connection)| Arc::clone(connection)).collect()
    }

    /// The stream closes, and the place gets free, when nobody has the connection in hand any more.
    fn close(&self, connection: &Connection<'_>, state: &mut State, end: io::Result<()>) {
        if state.is_closed {
            return;
        }
        state.is_closed = true;
        self.clients.write().unwrap_or_else(PoisonError::into_inner).remove(connection.key);
        let moved = state.talk.moved;
        connection::closed(connection.name, moved.received, moved.sent);
        self.server.ended(connection.name, moved, end);
    }
}

impl<'l, 's> Loop<'l, 's> {
    fn new(all: &'l Loops<'s>, actor: &'l Actor) -> Self {
        Self { all, actor, buffer: [0; READ], busy_since: None }
    }

    fn run(mut self) {
        let mut events = [EpollEvent::empty(); AT_ONCE];
        loop {
            let events = match self.wait(&mut events) {
                Ok(told) => &events[..told],
                Err(Errno::EINTR) => continue,
                Err(errno) => return self.all.server.stop.because(Error::refused("wait for", "events", errno)),
            };
            let now = Instant::now();
            self.call_for_help(now);
            for event in events {
                match event.data() {
                    END => return,
                    CLOCK => self.look_at_all(now),
                    key => {
                        if let Some(connection) = self.all.client(key) {
                            let ends = event.events().intersects(EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLHUP);
                            self.serve(&connection, ends, now);
                        }
                    }
                }
            }
        }
    }

    /// Who is ready. Rests if nobody is: until somebody is, or until another loop calls.
    fn wait(&mut self, events: &mut [EpollEvent]) -> Result<usize, Errno> {
        loop {
            let told = self.all.epoll.wait(events, EpollTimeout::ZERO)?;
            if told > 0 {
                return Ok(told);
            }
            self.busy_since = None;
            if let Ok(_watch) = self.all.watch.try_lock() {
                return self.all.epoll.wait(events, EpollTimeout::NONE);
            }
            // Whoever has the watch waits as well or works, and in the end asks again: no event is missed.
            let _ = self.all.calls.1.recv(); // does not fail: the other end is here, too
        }
    }

    fn call_for_help(&mut self, now: Instant) {
        let since = self.busy_since.get_or_insert(now);
        if now.saturating_duration_since(*since) >= PATIENCE {
            self.all.call_another();
            *since = now;
        }
    }

    /// A client's turn, unless another loop is at it, which then sees that there is more.
    fn serve(&mut self, connection: &Connection<'s>, ends: bool, now: Instant) {
        if connection.told.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        let (server, actor, name) = (self.all.server, self.actor, connection.name);
        let mut state = connection.lock();
        if state.is_closed {
            return;
        }
        let before = state.talk.moved;
        let show = |text: &str| server.show(&actor.other(name.to_string()), text);
        let turn = if state.lingers {
            Ok(Turn::Over)
        } else {
            state.talk.turn(&connection.stream, ends, server, &mut self.buffer, |echo, bytes| {
                server.answer(echo, bytes, show);
            })
        };
        if state.talk.moved != before {
            state.last_moved = now;
        }
        // From here on an event brings the next loop, which waits until this one lets go.
        let is_told = connection.told.swap(0, Ordering::AcqRel) > 1;
        let end = match turn {
            Ok(Turn::Waits) if !is_told => return,
            Ok(Turn::Waits | Turn::GoesOn) => match self.all.ask_again(connection) {
                Ok(()) => return,
                Err(errno) => Err(errno.into()),
            },
            Ok(Turn::Over) => match server.may_close(&connection.stream) {
                Ok(true) => {
                    server.goodbye(name, &connection.stream, std::mem::take(&mut state.talk.echo), show);
                    Ok(())
                }
                Ok(false) => {
                    state.lingers = true;
                    return self.all.clock.ring_at(now + TICK);
                }
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        self.all.close(connection, &mut state, end);
    }

    /// Closes who is idle, and gives those who linger a turn, for no event tells that they have all.
    fn look_at_all(&mut self, now: Instant) {
        self.all.clock.rang();
        let mut longest = Duration::ZERO;
        for connection in self.all.everybody() {
            // Whoever is being served does neither.
            let Ok(mut state) = connection.state.try_lock() else { continue };
            let idle = now.saturating_duration_since(state.last_moved);
            if self.all.server.idle_timeout.is_some_and(|timeout| idle >= timeout) {
                self.all.close(&connection, &mut state, Err(ErrorKind::TimedOut.into()));
            } else if state.lingers {
                drop(state);
                self.serve(&connection, true, now);
            } else {
                longest = longest.max(idle);
            }
        }
        if let Some(timeout) = self.all.server.idle_timeout {
            self.all.clock.ring_at(now + timeout.saturating_sub(longest).max(SWEEP));
        }
    }
}

/// Whoever ends passes the call on: nobody may be left who waits for the clients, or tells that this is the end.
impl Drop for Loop<'_, '_> {
    fn drop(&mut self) {
        self.all.call_another();
    }
}

impl Drop for Ending<'_, '_> {
    fn drop(&mut self) {
        let _ = self.0.end.write(1); // fails where it is full, and so is readable anyway
    }
}

impl<'s> Connection<'s> {
    fn new(key: usize, client: Client<'s>) -> Self {
        let Client { stream, name, place } = client;
        let state = State { talk: Talk::default(), last_moved: Instant::now(), lingers: false, is_closed: false };
        Self { key, stream, name, told: AtomicUsize::new(0), state: Mutex::new(state), _place: place }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the end of the stream behind what has come, which is an event.
    fn end(&self) {
        let _ = self.stream.shutdown(Shutdown::Read); // fails if the client is gone, as a read will tell
    }

    /// What to be told of: once each time that it comes to be, for good.
    fn event(&self) -> EpollEvent {
        let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET;
        EpollEvent::new(flags, self.key.try_into().unwrap_or(u64::MAX))
    }
}
