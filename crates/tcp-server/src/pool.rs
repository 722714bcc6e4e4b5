//! A fixed number of threads, which take the next client when they are done with one.
//!
//! What this model pays:
//! - *Memory*: that of so many threads, as few or as many clients as there are.
//! - *Switches*: as with a thread per connection; but none is ever started or ended for a client.
//! - *Fairness*: first come, first served, and to the end. With N workers, client N+1 is connected,
//!   and waits in a queue until one of the N goes, however long those N say nothing.
//! - *Who waits for whom*: everybody beyond the first N for the slowest of them. `--idle-timeout`
//!   bounds how long silence can hold a worker.
//! - *The limit*: N conversations at once, which is the point: a peak of clients makes a queue, and
//!   not a peak of threads.

use std::net::TcpListener;
use std::thread::{self, Builder};

use common::Error;
use common::stage::Stage;
use common::text;
use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::blocking::{self, Listed, Open};
use crate::door::{self, Client, Model};
use crate::server::Server;
use crate::threads::STACK;

struct Pool<'env> {
    /// Who is connected and waits for a worker. As long as it may be: `--max-connections` is its bound.
    queue: Sender<Listed<'env>>,
    open: &'env Open,
}

pub(crate) fn serve(listener: TcpListener, server: &Server, stage: &Stage, workers: usize) -> Result<(), Error> {
    let open = Open::default();
    let open = &open;
    thread::scope(|scope| {
        let (queue, clients) = unbounded();
        for number in 1..=workers {
            let clients: Receiver<Listed<'_>> = clients.clone();
            let work = move |actor: &common::actor::Actor| {
                for client in clients {
                    let speaker = actor.other(client.name.to_string());
                    blocking::serve(&speaker, client, server);
                }
            };
            let name = text!(stage, "worker {number}", "工作线程 {number}");
            // If this fails, the others end: with this function the queue ends.
            stage.thread_by(Builder::new().stack_size(STACK), scope, name, work)?;
        }
        door::attend(listener, server, stage, &Pool { queue, open })
    })
}

impl<'env> Model<'env> for Pool<'env> {
    fn take(&self, client: Client<'env>) -> Result<(), Error> {
        let sent = self.queue.send(self.open.enter(client));
        sent.map_err(|_| Error::unusable("serve a client", "every worker is gone"))
    }

    fn drain(&self) {
        self.open.drain();
    }

    fn cut(&self) {
        self.open.cut();
    }
}
