//! Notes 10, the server: it sends everything back in upper case.
//!
//! Three models of serving many clients at once, a file each, to be held side by side: `threads.rs`,
//! `pool.rs`, `events.rs`. What comes before and after is the same for all: `door.rs` lets clients in
//! and sees them off, [`echo`] is the protocol, `blocking.rs` a conversation on a thread of its own, and
//! `turns.rs` one that whoever has a moment goes on with.

mod blocking;
mod clock;
mod door;
pub mod echo;
mod events;
mod limits;
mod notices;
mod places;
mod pool;
mod seconds;
mod server;
mod stop;
mod threads;
mod turns;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::OnceLock;
use std::thread;

use common::cli::{self, CommonOptions, Format, Scene, Section};
use common::error::cause;
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim};
use nix::sys::socket::{Backlog, listen};

use places::Places;
use seconds::Seconds;
use server::Server;
use stop::Stop;

/// A server that sends everything back in upper case, in three models of serving many at once.
///
/// A server listens at an address, and accepts: each accept yields one connection, which is a
/// stream of bytes both ways. A stream knows no messages: what one side sent in one piece may
/// come in several, and a Chinese character may come in two. So the server answers bytes as they
/// come, and prints a character when all of it has come.
///
/// Who waits for whom, when there are many clients?
///   threads  A thread per connection waits for its own client only, so a silent client keeps
///            nobody else waiting. Each costs a thread: memory, and a switch per message.
///   pool     N threads serve N clients; client N+1 is connected, and waits until one of them
///            goes. Nothing grows with the number of clients but the queue.
///   events   One loop per core; one of them waits for all clients at once, and the others help
///            when it has no rest. Cheapest per client; but nothing may block, and the code is
///            inside out.
///
/// It runs until Ctrl-C or SIGTERM. Then it accepts nobody any more, answers what has come, closes
/// its connections, and shows what it found out. If clients hold that up for longer than
/// --drain-timeout, they are cut off, and the exit code is 1. A second signal ends it at once.
///
/// A client that sends and does not read is not read from any more until it does: TCP slows it
/// down, and no more than one read of 1024 bytes is ever kept for it.
///
/// Scenes:
///   serve  the only one
#[derive(Debug, clap::Parser)]
#[command(name = "tcp-server", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// The address to listen at, or a name of this machine; other machines reach only what you name here
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// The port to listen at; 0 picks a free one, and the line `listening on ...` tells which
    #[arg(long, value_name = "PORT", default_value_t = 8005)]
    port: u16,
    /// How many clients are served at once
    #[arg(long, value_name = "MODEL", default_value = "threads")]
    model: Model,
    /// Threads of the pool [default: 64], or loops of events [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    workers: Option<u32>,
    /// Clients at once; further ones wait in the kernel's backlog until others leave [default: 10000,
    /// or as many threads as the system gives]. The limit of open files is raised for it as far as it may be
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: Option<u32>,
    /// Close a connection on which no byte has moved either way for so long, in real seconds [default: never]
    #[arg(long, value_name = "SECONDS")]
    idle_timeout: Option<Seconds>,
    /// How long clients can hold up the end, in real seconds
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    drain_timeout: Seconds,
    /// Do not print what clients say
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    common: CommonOptions,
    /// What the host's name means, looked up once.
    #[arg(skip)]
    addresses: OnceLock<Vec<SocketAddr>>,
}

const EXAMPLES: &str = "Examples:
  tcp-server                            at 127.0.0.1:8005, as in the notes; Ctrl-C ends it
  tcp-server --port 0                   at a free port
  tcp-server --model pool --workers 2   then start three clients: the third waits for one to go
  tcp-server --model events --quiet     as fast as it gets
  tcp-server --host ::1 --idle-timeout 30 --max-connections 100
  tcp-client                            in another terminal: says hello every now and then
  nc 127.0.0.1 8005                     in another terminal: say what you like";

/// How many clients are served at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Model {
    /// A thread per connection, as in the notes
    Threads,
    /// A fixed number of threads, a connection each; further ones wait for a free one
    Pool,
    /// A loop per core, which serves whoever is ready
    Events,
}

/// Threads of the pool, unless the user says otherwise. They wait most of the time: cores do not matter.
const POOL: usize = 64;

impl Section for Options {
    const NAME: &'static str = "tcp-server";
    const SCENES: &'static [Scene<Self>] = &[("serve", serve)];
    const ENDS: bool = false;

    fn common(&self) -> &CommonOptions {
        &self.common
    }

    fn validate(&self) -> Result<(), Error> {
        if self.model == Model::Threads && self.workers.is_some() {
            let why = "--workers is for --model pool and events; threads has one for each connection";
            return Err(Error::Usage(why.to_owned()));
        }
        let found = cli::resolve(&self.host, self.port)?;
        self.addresses.get_or_init(|| found);
        Ok(())
    }
}

fn serve(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let most = limits::connections(options.max_connections, options.model, options.workers())?;
    let files = open_files()?;
    let listener = options.listen()?;
    let address = listener.local_addr().map_err(|source| Error::refused("listen on", &options.host, source))?;
    let stop = Stop::new(options.drain_timeout.into())?;
    let server = Server::new(options, stage.lang(), Places::new(most)?, stop);

    let all_back = claim!(
        stage,
        Is(0),
        "to clients that stay, every byte is sent back: bytes missing",
        "只要客户端没有中途断开,每个字节都会发回去:缺少的字节数"
    )?;
    let none_cut = claim!(
        stage,
        Is(0),
        "in the end every client has its whole answer in time: clients cut off",
        "结束时每个客户端都及时收到全部回复:被强行断开的客户端数"
    )?;
    let all_closed = claim!(
        stage,
        Is(files),
        "in the end every connection is closed: as many open files as in the beginning",
        "结束时所有连接都已关闭:打开的文件数与开始时相同"
    )?;

    stage.ready(format!("listening on {address}"))?;
    if options.common.format == Format::Json {
        // Standard output shows nothing but the report; somebody must still learn the port.
        cli::notice(Options::NAME, format_args!("listening on {address}"));
    }
    match options.model {
        Model::Threads => threads::serve(listener, &server, stage),
        Model::Pool => pool::serve(listener, &server, stage, options.workers()),
        Model::Events => events::serve(listener, &server, stage, options.workers()),
    }?;
    let (total, peak) = server.finish()?;

    stage.figure("connections", total.connections, "clients")?;
    stage.figure("at once, at most", peak, "clients")?;
    stage.figure("broken off", total.broken, "clients")?;
    stage.figure("closed as idle", total.idle, "clients")?;
    stage.figure("turned away", total.turned_away, "clients")?;
    stage.figure("bytes in", total.received, "bytes")?;
    stage.figure("bytes out", total.sent, "bytes")?;
    stage.check(all_back, total.missing)?;
    stage.check(none_cut, total.cut)?;
    stage.check(all_closed, open_files()?)?;
    Ok(())
}

impl Options {
    fn workers(&self) -> usize {
        let default = || match self.model {
            Model::Pool => POOL,
            Model::Threads | Model::Events => thread::available_parallelism().map_or(1, usize::from),
        };
        self.workers.and_then(|workers| workers.try_into().ok()).unwrap_or_else(default)
    }

    fn listen(&self) -> Result<TcpListener, Error> {
        let addresses = self.addresses.get().map_or(&[][..], Vec::as_slice);
        let listening = TcpListener::bind(addresses).and_then(|listener| {
            // A client may be gone between the wait and the accept, which must not wait for the next one then.
            listener.set_nonblocking(true)?;
            // The standard library lets 128 wait at the door: a crowd would be turned to trying again
            // a second later. This lets in as many as the system allows (net.core.somaxconn).
            listen(&listener, Backlog::MAXALLOWABLE)?;
            Ok(listener)
        });
        listening.map_err(|error| {
            let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            Error::refused("listen on", shown.join(" or "), self.with_advice(error))
        })
    }

    fn with_advice(&self, error: io::Error) -> io::Error {
        let port = self.port;
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("`ss -tlnp 'sport = :{port}'` shows who has it, --port 0 takes a free one")
            }
            io::ErrorKind::PermissionDenied => {
                "ports from 1024 up are open to everybody, --port 0 takes a free one".into()
            }
            _ => return error,
        };
        io::Error::new(error.kind(), format!("{}; {advice}", cause(&error)))
    }
}

/// How many files, and so connections, this process has open.
fn open_files() -> Result<usize, Error> {
    let files = std::fs::read_dir("/proc/self/fd").map_err(|source| Error::refused("read", "/proc/self/fd", source))?;
    Ok(files.count())
}
