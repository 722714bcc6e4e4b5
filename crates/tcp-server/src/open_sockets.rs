//! The sockets that blocked threads wait for.
//!
//! A thread that is blocked in read(2) or write(2) sees nothing but its own socket. To end its wait, the
//! acceptor shuts that socket down.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::acceptor::Client;
use crate::client_name::ClientName;
use crate::connection_limiter::Permit;

#[derive(Debug, Default)]
pub(crate) struct OpenSockets(Mutex<Sockets>);

#[derive(Debug, Default)]
struct Sockets {
    open: HashMap<RawFd, Arc<TcpStream>>,
    /// How the open sockets have been shut down, and how a new one is.
    shut: Option<Shutdown>,
}

/// A client whose socket is registered.
#[derive(Debug)]
pub(crate) struct RegisteredClient<'s> {
    pub(crate) name: ClientName,
    pub(crate) socket: RegisteredSocket<'s>,
    pub(crate) permit: Permit<'s>,
}

/// Closes the socket when it is dropped.
#[derive(Debug)]
pub(crate) struct RegisteredSocket<'s> {
    pub(crate) stream: Arc<TcpStream>,
    sockets: &'s OpenSockets,
}

impl OpenSockets {
    pub(crate) fn register<'s>(&'s self, client: Client<'s>) -> RegisteredClient<'s> {
        let Client { stream, name, permit } = client;
        let mut sockets = self.lock();
        if let Some(how) = sockets.shut {
            let _ = stream.shutdown(how); // fails if the client is gone
        }
        let stream = Arc::new(stream);
        sockets.open.insert(stream.as_raw_fd(), Arc::clone(&stream));
        RegisteredClient { name, socket: RegisteredSocket { stream, sockets: self }, permit }
    }

    /// Puts the end of the stream behind what each client has sent: its thread reads that, and then the end.
    pub(crate) fn drain(&self) {
        self.shut(Shutdown::Read);
    }

    /// Ends every wait for a client, in read(2) and in write(2).
    pub(crate) fn cut_off(&self) {
        self.shut(Shutdown::Both);
    }

    fn shut(&self, how: Shutdown) {
        let mut sockets = self.lock();
        sockets.shut = Some(how);
        for stream in sockets.open.values() {
            let _ = stream.shutdown(how); // fails if the client is gone, and then its thread does not wait
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // an entry is there or not, never half
    }
}

impl Drop for RegisteredSocket<'_> {
    fn drop(&mut self) {
        // Before the socket is closed: its number may be that of the next one then.
        self.sockets.lock().open.remove(&self.stream.as_raw_fd());
    }
}
