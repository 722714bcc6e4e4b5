//! A fixed number of threads, each of which takes the next client when its last one has left.
//!
//! What this model costs:
//! - *Memory*: that of the threads, however many clients there are.
//! - *Switches*: as with a thread per connection, but no thread is started or ended for a client.
//! - *Fairness*: first come, first served, and to the end. With N workers, client N+1 is connected and
//!   waits in a queue until one of the N leaves, even if those N are silent.
//! - *Waiting*: every client beyond the first N waits for one of the N. `--idle-timeout` limits how long a
//!   silent client holds a worker.
//! - *The limit*: N sessions at once. That is the purpose: a peak of clients makes a queue, and not a peak
//!   of threads.

use std::thread::{self, Builder};

use common::Error;
use common::actor::Actor;
use common::stage::Stage;
use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::acceptor::{self, Client, ClientHandler};
use crate::blocking;
use crate::listener::Listener;
use crate::open_sockets::{OpenSockets, RegisteredClient};
use crate::server::Server;
use crate::threads::STACK;
use crate::words;

struct Pool<'env> {
    /// Connected clients that wait for a worker. `--max-connections` limits its length.
    queue: Sender<RegisteredClient<'env>>,
    sockets: &'env OpenSockets,
}

pub(crate) fn serve(listener: Listener, server: &Server, stage: &Stage, workers: usize) -> Result<(), Error> {
    let sockets = OpenSockets::default();
    let sockets = &sockets;
    thread::scope(|scope| {
        let (queue, clients) = unbounded();
        for number in 1..=workers {
            let clients: Receiver<RegisteredClient<'_>> = clients.clone();
            let work = move |actor: &Actor| {
                while let Ok(client) = server.while_waiting(|| clients.recv()) {
                    let speaker = actor.other(client.name);
                    blocking::serve(&speaker, client, server);
                }
            };
            // If this fails, the queue is dropped, and with it the workers end that were started before.
            stage.thread_by(Builder::new().stack_size(STACK), scope, words::worker(number), work)?;
        }
        acceptor::run(listener, server, stage, &Pool { queue, sockets })
    })
}

impl<'env> ClientHandler<'env> for Pool<'env> {
    fn serve(&self, client: Client<'env>) -> Result<(), Error> {
        let sent = self.queue.send(self.sockets.register(client));
        sent.map_err(|_| Error::unusable("serve a client", words::every_worker_is_gone()))
    }

    fn drain(&self) {
        self.sockets.drain();
    }

    fn cut_off(&self) {
        self.sockets.cut_off();
    }
}
