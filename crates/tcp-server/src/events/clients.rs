//! The table of clients that all event loops share.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use nix::sys::epoll::{EpollEvent, EpollFlags};
use slab::Slab;

use crate::acceptor::Client;
use crate::client_name::ClientName;
use crate::connection_limiter::Permit;
use crate::session::Session;

#[derive(Default)]
pub(super) struct Clients<'s>(RwLock<Slab<Arc<Connection<'s>>>>);

pub(super) struct Connection<'s> {
    /// Its place in the table, which its events carry.
    key: usize,
    pub(super) stream: TcpStream,
    pub(super) name: ClientName,
    /// The events since a loop began to serve this connection. 0: no loop serves it.
    pub(super) events: AtomicUsize,
    state: Mutex<State>,
    // Dropped after the stream: a free permit means that the client's descriptor is free as well.
    _permit: Permit<'s>,
}

pub(super) struct State {
    pub(super) session: Session,
    pub(super) last_moved: Instant,
    /// In a shutdown: everything is answered, and the client has not acknowledged all of it yet.
    pub(super) is_lingering: bool,
    pub(super) is_closed: bool,
}

impl<'s> Clients<'s> {
    pub(super) fn insert(&self, client: Client<'s>) -> Arc<Connection<'s>> {
        let mut clients = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let entry = clients.vacant_entry();
        let connection = Arc::new(Connection::new(entry.key(), client));
        entry.insert(Arc::clone(&connection));
        connection
    }

    /// The connection that an event belongs to. After a connection has left, an event of it may find its
    /// successor in the same place, which then has a turn for nothing.
    pub(super) fn get(&self, key: u64) -> Option<Arc<Connection<'s>>> {
        let clients = self.0.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(usize::try_from(key).ok()?).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Connection<'s>>> {
        let clients = self.0.read().unwrap_or_else(PoisonError::into_inner);
        clients.iter().map(|(_, connection)| Arc::clone(connection)).collect()
    }

    pub(super) fn remove(&self, connection: &Connection<'_>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(connection.key);
    }
}

impl<'s> Connection<'s> {
    fn new(key: usize, client: Client<'s>) -> Self {
        let Client { stream, name, permit } = client;
        let state =
            State { session: Session::default(), last_moved: Instant::now(), is_lingering: false, is_closed: false };
        Self { key, stream, name, events: AtomicUsize::new(0), state: Mutex::new(state), _permit: permit }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` if a loop serves the connection now.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        self.state.try_lock().ok()
    }

    /// Puts the end of the stream behind what the client has sent, which is an event.
    pub(super) fn end(&self) {
        let _ = self.stream.shutdown(Shutdown::Read); // fails if the client is gone: a read tells
    }

    /// The events that epoll reports: every change once, for as long as the connection is open.
    pub(super) fn interest(&self) -> EpollEvent {
        let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET;
        EpollEvent::new(flags, self.key.try_into().unwrap_or(u64::MAX))
    }
}
