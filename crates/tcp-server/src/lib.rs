//! Notes 10, the server: it sends everything back in upper case.
//!
//! Three models of serving many clients at once, a file each, to be read side by side: `threads.rs`,
//! `pool.rs`, `events.rs`. All share the rest: `acceptor.rs` accepts clients and sees them off at the end,
//! [`echo`] is the protocol, `blocking.rs` is a session on a thread of its own, and `session.rs` is one
//! that any thread may resume.

#![forbid(unsafe_code)]

mod acceptor;
mod blocking;
mod claims;
mod client_name;
mod connection_limiter;
pub mod echo;
mod events;
mod help;
mod limits;
mod listener;
mod model;
mod open_sockets;
mod pool;
mod rate_limited_log;
mod seconds;
mod server;
mod session;
mod shutdown;
mod tally;
mod threads;
mod timer;
mod unread_budget;
mod words;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use common::Error;
use common::cli::{self, CommonOptions, Scene, Section};
use common::help::Help;
use common::stage::Stage;
use common::units;
use common::view;

use connection_limiter::ConnectionLimiter;
use listener::Listener;
pub use model::Model;
use rate_limited_log::RateLimitedLog;
use seconds::Seconds;
use server::Server;
use shutdown::Shutdown;
use tally::Tally;

/// A server that sends everything back in upper case, in three models of serving many at once.
///
/// A server listens at an address, and accepts: each accept yields one connection, which is a
/// stream of bytes both ways. A stream knows no messages: what one side sent in one piece may
/// come in several, and a Chinese character may come in two. So the server answers bytes as they
/// come, and prints a character when all of it has come.
///
/// Who waits for whom, when there are many clients?
///   threads  A thread per connection waits for its own client only, so a silent client keeps no
///            other client waiting. Each costs a thread: memory, and a switch per message.
///   pool     N threads serve N clients; client N+1 is connected, and waits until one of them
///            leaves. Only the queue grows with the number of clients.
///   events   One loop per core. One of them waits for all clients at once, and wakes another one
///            when it has worked for a millisecond without a pause. The cheapest model per client;
///            but no call may block, and the code that serves one client is cut into many pieces.
///
/// The server runs until Ctrl-C or SIGTERM. Then it accepts no further client, answers what has
/// come, closes its connections, and reports what it found. Clients that hold this up for longer
/// than --drain-timeout are cut off, and the exit code is 1. A second signal ends the server at once.
///
/// While a client sends and does not read its answers, the server does not read from it, either: TCP
/// slows it down, and the server never keeps more than one read of 1024 bytes for it.
///
/// No client waits for the reader of standard output or standard error. What the server prints
/// waits in a buffer of 4 MiB, and lines for which that has no room are dropped and counted.
///
/// Scenes:
///   serve  the only one
#[derive(Debug, clap::Parser)]
#[command(name = "tcp-server", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// The address to listen on, or a name of this machine. The default cannot be reached from other machines
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// The port to listen on. 0 takes a free one, and the line `listening on ...` names it
    #[arg(long, value_name = "PORT", default_value_t = 8005)]
    port: u16,
    /// How the server serves many clients
    #[arg(long, value_name = "MODEL", default_value = "threads")]
    model: Model,
    /// Threads of the pool [default: 64], or loops of events [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    workers: Option<u32>,
    /// The most clients at once; further ones wait in the kernel's backlog until others leave. The server
    /// raises its limit of open files to fit, up to the hard limit [default: 10000, or as many threads as
    /// the system gives]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: Option<u32>,
    /// Close a connection on which no byte has moved either way for this long, in real seconds [default: never]
    #[arg(long, value_name = "SECONDS")]
    idle_timeout: Option<Seconds>,
    /// How long clients, and the reader of standard output, may hold up the end, in real seconds
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    drain_timeout: Seconds,
    /// Do not print what clients say
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    common: CommonOptions,
    /// The addresses of the host, looked up once.
    #[arg(skip)]
    addresses: OnceLock<Vec<SocketAddr>>,
}

const EXAMPLES: &str = "Examples:
  tcp-server                            on 127.0.0.1:8005, as in the notes; Ctrl-C ends it
  tcp-server --port 0                   on a free port
  tcp-server --model pool --workers 2   then start three clients: the third waits until one leaves
  tcp-server --model events --quiet     as fast as it gets
  tcp-server --host ::1 --idle-timeout 30 --max-connections 100
  tcp-client                            in another terminal: says hello again and again
  nc 127.0.0.1 8005                     in another terminal: say what you like";

impl Section for Options {
    const NAME: &'static str = "tcp-server";
    const SCENES: &'static [Scene<Self>] = &[("serve", serve)];
    const ENDS: bool = false;
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }

    fn validate(&self) -> Result<(), Error> {
        if self.model == Model::Threads && self.workers.is_some() {
            return Err(Error::Usage(words::workers_are_of_other_models()));
        }
        let found = cli::resolve(&self.host, self.port)?;
        self.addresses.get_or_init(|| found);
        Ok(())
    }
}

/// Serves until a signal ends the server, and then counts.
fn serve(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let limit = limits::max_connections(options.max_connections, options.model, options.workers())?;
    let (output, log) = (view::never_wait()?, Arc::new(RateLimitedLog::new(stage.lang())?));
    let sockets = limits::open_sockets()?;
    let listener = Listener::open(options)?;
    let shutdown = Shutdown::new(options.drain_timeout.into(), output)?;
    let server = Server::new(options, stage.lang(), ConnectionLimiter::new(limit)?, shutdown, Arc::clone(&log), output);
    let act = |stage: &mut Stage| {
        let ended = match options.model {
            Model::Threads => threads::serve(listener, &server, stage),
            Model::Pool => pool::serve(listener, &server, stage, options.workers()),
            Model::Events => events::serve(listener, &server, stage, options.workers()),
        };
        output.finish_by(server.shutdown.deadline());
        ended?;
        let (total, peak) = server.finish()?;
        measure(&total, peak, output.dropped(), stage)?;
        Ok((total, limits::open_sockets()?))
    };
    stage.play(claims::serve(sockets), act).map(drop)
}

fn measure(total: &Tally, peak: usize, dropped: u64, stage: &mut Stage) -> Result<(), Error> {
    stage.figure(words::connections(), total.connections, units::clients())?;
    stage.figure(words::at_once(), peak, units::clients())?;
    stage.figure(words::broken_off(), total.broken, units::clients())?;
    stage.figure(words::closed_as_idle(), total.idle, units::clients())?;
    stage.figure(words::turned_away(), total.turned_away, units::clients())?;
    stage.figure(words::bytes_in(), total.received, units::bytes())?;
    stage.figure(words::bytes_out(), total.sent, units::bytes())?;
    stage.figure(words::lines_dropped(), dropped, words::lines())
}

impl Options {
    fn workers(&self) -> usize {
        self.workers.and_then(|workers| workers.try_into().ok()).unwrap_or_else(|| self.model.workers())
    }

    fn addresses(&self) -> &[SocketAddr] {
        self.addresses.get().map_or(&[], Vec::as_slice)
    }
}
