//! A thread per connection, as in the notes.
//!
//! What this model costs:
//! - *Memory*: a thread for every client, however silent. Of its stack of 128 KiB only the touched pages
//!   are resident, some 11 KiB (x86-64, Linux 6.18); the kernel adds a stack of 16 KiB of its own.
//! - *Switches*: every message wakes a thread, which then sleeps again.
//! - *Fairness*: the kernel's scheduler shares the cores among the clients that have something to say.
//! - *Waiting*: no client waits for another one. A thread that waits for a slow client waits alone.
//! - *The limit*: threads. Beyond some ten thousand the kernel has no room for their stacks.

use std::thread::{self, Builder, Scope};

use common::Error;
use common::stage::Stage;

use crate::acceptor::{self, Client, ClientHandler};
use crate::blocking;
use crate::listener::Listener;
use crate::open_sockets::OpenSockets;
use crate::server::Server;

/// The stack of each thread that serves a client: room for a buffer of 1 KiB and for printing a line.
pub(crate) const STACK: usize = 128 << 10;

struct Threads<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    stage: &'env Stage,
    server: &'env Server,
    sockets: &'env OpenSockets,
}

pub(crate) fn serve(listener: Listener, server: &Server, stage: &Stage) -> Result<(), Error> {
    let sockets = OpenSockets::default();
    let sockets = &sockets;
    thread::scope(|scope| acceptor::run(listener, server, stage, &Threads { scope, stage, server, sockets }))
}

impl<'env> ClientHandler<'env> for Threads<'_, 'env> {
    fn serve(&self, client: Client<'env>) -> Result<(), Error> {
        let (client, server) = (self.sockets.register(client), self.server);
        let (name, builder) = (client.name, Builder::new().stack_size(STACK));
        let serve = move |actor: &_| blocking::serve(actor, client, server);
        self.stage.thread_by(builder, self.scope, name, serve).map(drop)
    }

    fn drain(&self) {
        self.sockets.drain();
    }

    fn cut_off(&self) {
        self.sockets.cut_off();
    }
}
