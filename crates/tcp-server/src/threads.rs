//! A thread per connection, as in the notes.
//!
//! What this model pays:
//! - *Memory*: a thread for every client, however silent. Of its stack of 128 KiB only the pages
//!   that it has touched are resident, some 11 KiB, and the kernel keeps a stack of 16 KiB of its own.
//! - *Switches*: every message wakes a thread, and puts it to sleep again.
//! - *Fairness*: the kernel's scheduler shares the cores among the clients that have something to say.
//! - *Who waits for whom*: nobody for anybody. A thread that waits for a slow client waits alone.
//! - *The limit*: threads. Beyond some ten thousand the kernel has no room for their stacks.

use std::net::TcpListener;
use std::thread::{self, Builder, Scope};

use common::Error;
use common::stage::Stage;

use crate::blocking::{self, Open};
use crate::door::{self, Client, Model};
use crate::server::Server;

/// What each thread reserves for its stack. What it needs is a buffer of 1 KiB and what it takes to print a line.
pub(crate) const STACK: usize = 128 << 10;

struct Threads<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    stage: &'env Stage,
    server: &'env Server,
    open: &'env Open,
}

pub(crate) fn serve(listener: TcpListener, server: &Server, stage: &Stage) -> Result<(), Error> {
    let open = Open::default();
    let open = &open;
    thread::scope(|scope| door::attend(listener, server, stage, &Threads { scope, stage, server, open }))
}

impl<'env> Model<'env> for Threads<'_, 'env> {
    fn take(&self, client: Client<'env>) -> Result<(), Error> {
        let (client, server) = (self.open.enter(client), self.server);
        let (name, builder) = (client.name.to_string(), Builder::new().stack_size(STACK));
        let serve = move |actor: &_| blocking::serve(actor, client, server);
        self.stage.thread_by(builder, self.scope, name, serve).map(drop)
    }

    fn drain(&self) {
        self.open.drain();
    }

    fn cut(&self) {
        self.open.cut();
    }
}
