//! One loop per core, and all loops share all clients: readiness events, from epoll(7).
//!
//! The loops take turns as leader (the pattern *leader/followers*). The leader waits for events of all
//! clients. While there are events it serves them itself, without a wait; when it has worked for
//! [`BUSY`] without a pause it wakes a follower, which takes events as well. Followers sleep otherwise:
//! to wake one for each message would cost more than the message.
//!
//! What this model costs:
//! - *Memory*: some 180 bytes for a client, and nothing to wait with. One read buffer for each loop.
//! - *Switches*: one wait reports several clients that are ready; a loop with work never sleeps.
//! - *Fairness*: is up to the program. A loop turns to the next client after
//!   [`READS_PER_TURN`](crate::session::READS_PER_TURN) reads, however much this one has to say, and this
//!   one goes to the end of the kernel's queue.
//! - *Waiting*: the clients that one wait reported, at most [`EVENTS`], wait for each other, and all
//!   clients wait up to [`BUSY`] for a second loop. No call may block here: an answer for which the socket
//!   has no room is kept, and the session reads again when it is gone.
//! - *The limit*: descriptors. And the code is inside out: what a thread keeps in its place in the program
//!   (where in the session it is) must be kept in a [`Session`](crate::session::Session).
//!
//! `mio` would give each loop clients of its own, because only one thread can wait on its `Poll`. The
//! clients of a loop that is off its core then wait for it, however idle the other loops are. So this is
//! the system call itself, by `nix`.

mod clients;

use std::io::{self, ErrorKind};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use common::actor::Actor;
use common::journal::connection;
use common::stage::Stage;
use common::{Error, objects};
use crossbeam_channel::{Receiver, Sender, bounded};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::acceptor::{self, Client, ClientHandler};
use crate::echo::READ;
use crate::listener::Listener;
use crate::server::{Server, TICK};
use crate::session::Turn;
use crate::timer::Timer;
use crate::words;
use clients::{Clients, Connection, State};

/// The most events that one wait reports. Their clients wait for this loop, even if it is off its core;
/// the events of all other clients stay in the kernel, for any loop.
const EVENTS: usize = 16;
/// How long a loop works without a pause before it wakes a follower.
const BUSY: Duration = Duration::from_millis(1);
/// The event of the timer. No client has this key.
const TIMER: u64 = u64::MAX;
/// The event of the end. No client has this key.
const END: u64 = u64::MAX - 1;
/// How much too late an idle client may be closed, so that many are closed in one go.
const IDLE_SLACK: Duration = Duration::from_millis(10);

/// What the loops share: everything but the read buffer.
struct Loops<'s> {
    server: &'s Server,
    /// All loops wait on it; each event is reported to one of them.
    epoll: Epoll,
    /// Held by the loop that waits.
    leader: Mutex<()>,
    /// Followers sleep on it. It holds one wake-up at most.
    wake_ups: (Sender<()>, Receiver<()>),
    clients: Clients<'s>,
    timer: Timer,
    end: EventFd,
}

struct EventLoop<'l, 's> {
    shared: &'l Loops<'s>,
    actor: &'l Actor,
    buffer: [u8; READ],
    /// When its last pause ended.
    busy_since: Option<Instant>,
}

/// Ends the loops when it is dropped.
struct EndOnDrop<'l, 's>(&'l Loops<'s>);

pub(crate) fn serve(listener: Listener, server: &Server, stage: &Stage, workers: usize) -> Result<(), Error> {
    let loops = Loops::new(server).map_err(|errno| Error::refused("make", words::an_event_loop(), errno))?;
    let loops = &loops;
    thread::scope(|scope| {
        let _end = EndOnDrop(loops);
        for number in 1..=workers {
            stage.thread(scope, words::event_loop(number), move |actor| EventLoop::new(loops, actor).run())?;
        }
        acceptor::run(listener, server, stage, loops)
    })
}

impl<'s> ClientHandler<'s> for Loops<'s> {
    fn serve(&self, client: Client<'s>) -> Result<(), Error> {
        client.stream.set_nonblocking(true).map_err(|source| Error::refused("serve", client.name, source))?;
        let connection = self.clients.insert(client);
        if self.server.shutdown.has_begun() {
            connection.end();
        }
        if let Err(errno) = self.epoll.add(&connection.stream, connection.interest()) {
            self.close(&connection, &mut connection.lock(), Err(errno.into()));
        }
        Ok(())
    }

    fn drain(&self) {
        self.clients.all().iter().for_each(|connection| connection.end());
    }

    fn cut_off(&self) {
        for connection in self.clients.all() {
            self.close(&connection, &mut connection.lock(), Err(ErrorKind::ConnectionAborted.into()));
        }
    }
}

impl<'s> Loops<'s> {
    fn new(server: &'s Server) -> Result<Self, Errno> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let end = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let timer = Timer::new()?;
        // No loop reads `end`, so its event is reported again and again, until every loop has seen it.
        epoll.add(&end, EpollEvent::new(EpollFlags::EPOLLIN, END))?;
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, TIMER))?;
        if let Some(timeout) = server.idle_timeout {
            timer.set(Instant::now() + timeout);
        }
        let (leader, wake_ups, clients) = (Mutex::new(()), bounded(1), Clients::default());
        Ok(Self { server, epoll, leader, wake_ups, clients, timer, end })
    }

    /// Wakes a follower, if there is one.
    fn wake_follower(&self) {
        let _ = self.wake_ups.0.try_send(()); // fails if one is being woken already
    }

    /// Puts a client at the end of the kernel's queue: it has an event if there is something to do.
    fn requeue(&self, connection: &Connection<'_>) -> Result<(), Errno> {
        self.epoll.modify(&connection.stream, &mut connection.interest())
    }

    /// The stream closes, and the permit is released, when the last loop drops the connection.
    fn close(&self, connection: &Connection<'_>, state: &mut State, end: io::Result<()>) {
        if state.is_closed {
            return;
        }
        state.is_closed = true;
        self.clients.remove(connection);
        let traffic = state.session.traffic;
        connection::closed(connection.name, traffic.received, traffic.sent);
        self.server.count_end(connection.name, traffic, end);
    }
}

impl<'l, 's> EventLoop<'l, 's> {
    fn new(shared: &'l Loops<'s>, actor: &'l Actor) -> Self {
        Self { shared, actor, buffer: [0; READ], busy_since: None }
    }

    fn run(mut self) {
        let mut events = [EpollEvent::empty(); EVENTS];
        loop {
            let events = match self.wait(&mut events) {
                Ok(count) => &events[..count],
                Err(Errno::EINTR) => continue,
                Err(errno) => {
                    return self.shared.server.shutdown.begin(Error::refused("wait for", objects::events(), errno));
                }
            };
            let now = Instant::now();
            self.call_for_help(now);
            for event in events {
                match event.data() {
                    END => return,
                    TIMER => self.look_at_all(now),
                    key => {
                        if let Some(connection) = self.shared.clients.get(key) {
                            let ends = event.events().intersects(EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLHUP);
                            self.serve(&connection, ends, now);
                        }
                    }
                }
            }
        }
    }

    /// Takes the events that are there. If there are none, it becomes the leader and waits for the next
    /// one, or sleeps as a follower until another loop wakes it.
    fn wait(&mut self, events: &mut [EpollEvent]) -> Result<usize, Errno> {
        loop {
            let count = self.shared.epoll.wait(events, EpollTimeout::ZERO)?;
            if count > 0 {
                return Ok(count);
            }
            self.busy_since = None;
            if let Ok(_leader) = self.shared.leader.try_lock() {
                return self.shared.server.while_waiting(|| self.shared.epoll.wait(events, EpollTimeout::NONE));
            }
            // The leader waits for events or works, and asks for events again after its work: none is missed.
            // Cannot fail: the sender lives as long.
            let _ = self.shared.server.while_waiting(|| self.shared.wake_ups.1.recv());
        }
    }

    fn call_for_help(&mut self, now: Instant) {
        let since = self.busy_since.get_or_insert(now);
        if now.saturating_duration_since(*since) >= BUSY {
            self.shared.wake_follower();
            *since = now;
        }
    }

    /// Gives a connection a turn. If another loop serves it now, that loop sees that there was an event.
    fn serve(&mut self, connection: &Connection<'s>, ends: bool, now: Instant) {
        if connection.events.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        let (server, actor, name) = (self.shared.server, self.actor, connection.name);
        let mut state = connection.lock();
        if state.is_closed {
            return;
        }
        let before = state.session.traffic;
        let print = |text: &str| server.print(&actor.other(name), text);
        let turn = if state.is_lingering {
            Ok(Turn::Finished)
        } else {
            state.session.turn(&connection.stream, ends, server, &mut self.buffer, |echo, bytes| {
                server.answer(echo, bytes, print);
            })
        };
        if state.session.traffic != before {
            state.last_moved = now;
        }
        // After this, an event makes the next loop serve the connection; it waits until this one unlocks it.
        let has_new_event = connection.events.swap(0, Ordering::AcqRel) > 1;
        let end = match turn {
            Ok(Turn::Waits) if !has_new_event => return,
            Ok(Turn::Waits | Turn::HasMore) => match self.shared.requeue(connection) {
                Ok(()) => return,
                Err(errno) => Err(errno.into()),
            },
            Ok(Turn::Finished) => match server.may_close(&connection.stream) {
                Ok(true) => {
                    server.end_of_stream(name, &connection.stream, std::mem::take(&mut state.session.echo), print);
                    Ok(())
                }
                Ok(false) => {
                    state.is_lingering = true;
                    return self.shared.timer.set(now + TICK);
                }
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        self.shared.close(connection, &mut state, end);
    }

    /// Closes idle clients, and gives the lingering ones a turn: no event tells that they have acknowledged.
    fn look_at_all(&mut self, now: Instant) {
        self.shared.timer.expired();
        let mut longest_idle = Duration::ZERO;
        for connection in self.shared.clients.all() {
            // A client that is served now is neither idle nor lingering.
            let Some(mut state) = connection.try_lock() else { continue };
            let idle = now.saturating_duration_since(state.last_moved);
            if self.shared.server.idle_timeout.is_some_and(|timeout| idle >= timeout) {
                self.shared.close(&connection, &mut state, Err(ErrorKind::TimedOut.into()));
            } else if state.is_lingering {
                drop(state);
                self.serve(&connection, true, now);
            } else {
                longest_idle = longest_idle.max(idle);
            }
        }
        if let Some(timeout) = self.shared.server.idle_timeout {
            self.shared.timer.set(now + timeout.saturating_sub(longest_idle).max(IDLE_SLACK));
        }
    }
}

/// A loop that ends wakes a follower, which may have to wait for events, or to end as well.
impl Drop for EventLoop<'_, '_> {
    fn drop(&mut self) {
        self.shared.wake_follower();
    }
}

impl Drop for EndOnDrop<'_, '_> {
    fn drop(&mut self) {
        let _ = self.0.end.write(1); // fails if the counter is full, and then it is readable
    }
}
