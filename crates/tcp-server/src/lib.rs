//! Notes 10, the server: it sends everything back in upper case, with a thread per connection.

mod connection;
pub mod echo;
mod stop;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use common::cli::{self, Common, Format, Scene, Section};
use common::error::cause;
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim, say, text};

use connection::Total;
use stop::Stop;

/// A server that sends everything back in upper case, with a thread per connection.
///
/// A server listens at an address, and accepts: each accept yields one connection, which is a
/// stream of bytes both ways. A stream knows no messages: what one side sent in one piece may
/// come in several, and a Chinese character may come in two. So the server answers bytes as they
/// come, and prints a character when all of it has come. A thread per connection waits for its
/// own client only, so a silent client keeps nobody else waiting.
///
/// It runs until Ctrl-C or SIGTERM. Then it accepts nobody any more, answers what has come, closes
/// its connections, and shows what it found out.
///
/// Scenes:
///   serve  the only one
#[derive(Debug, clap::Parser)]
#[command(name = "tcp-server", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// The address to listen at, or a name of this machine
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// The port to listen at; 0 picks a free one, and the line `listening on ...` tells which
    #[arg(long, value_name = "PORT", default_value_t = 8005)]
    port: u16,
    #[command(flatten)]
    common: Common,
    /// What the host's name means, looked up once.
    #[arg(skip)]
    addresses: OnceLock<Vec<SocketAddr>>,
}

const EXAMPLES: &str = "Examples:
  tcp-server                   at 127.0.0.1:8005, as in the notes; Ctrl-C ends it
  tcp-server --port 0          at a free port
  tcp-client                   in another terminal: says hello every now and then
  nc 127.0.0.1 8005            in another terminal: say what you like";

/// How long the server waits before it accepts again, when the system had no room for a client.
const BACK_OFF: Duration = Duration::from_millis(200);

impl Section for Options {
    const NAME: &'static str = "tcp-server";
    const SCENES: &'static [Scene<Self>] = &[("serve", serve)];
    const ENDS: bool = false;

    fn common(&self) -> &Common {
        &self.common
    }

    fn validate(&self) -> Result<(), Error> {
        let found = cli::resolve(&self.host, self.port)?;
        self.addresses.get_or_init(|| found);
        Ok(())
    }
}

fn serve(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let files = open_files()?;
    let listener = options.listen()?;
    let address = listener.local_addr().map_err(|source| Error::refused("listen on", &options.host, source))?;
    let stop = Stop::new()?;
    let total = Total::default();

    let all_back = claim!(
        stage,
        Is(0),
        "to clients that stay, every byte is sent back: bytes missing",
        "只要客户端没有中途断开,每个字节都会发回去:缺少的字节数"
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
    thread::scope(|scope| {
        // When it returns nobody listens any more; the scope ends when the last connection has ended.
        accept(listener, &stop, |stream, peer| {
            let port = peer.port();
            let name = text!(stage, "client {port}", "客户端 {port}");
            let (stop, total) = (&stop, &total);
            stage.thread(scope, name, move |actor| connection::serve(actor, &stream, stop, total)).map(drop)
        });
        say!(stage, "no new clients; answering what has come", "不再接受新的客户端;把已经收到的内容回复完")
    })?;
    stop.into_result()?;

    let total = total.sum();
    stage.figure("connections", total.connections, "clients")?;
    stage.figure("broken off", total.broken, "clients")?;
    stage.figure("bytes in", total.received, "bytes")?;
    stage.figure("bytes out", total.sent, "bytes")?;
    stage.check(all_back, total.missing)?;
    stage.check(all_closed, open_files()?)?;
    Ok(())
}

impl Options {
    fn listen(&self) -> Result<TcpListener, Error> {
        let addresses = self.addresses.get().map_or(&[][..], Vec::as_slice);
        let listening = TcpListener::bind(addresses);
        // A client may be gone between the wait and the accept, which must not wait for the next one then.
        let listening = listening.and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
        listening.map_err(|error| {
            let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            Error::refused("listen on", shown.join(" or "), self.with_advice(error))
        })
    }

    fn with_advice(&self, error: io::Error) -> io::Error {
        let port = self.port;
        let advice = match error.kind() {
            ErrorKind::AddrInUse => format!("`ss -tlnp 'sport = :{port}'` shows who has it, --port 0 takes a free one"),
            ErrorKind::PermissionDenied => "ports from 1024 up are open to everybody, --port 0 takes a free one".into(),
            _ => return error,
        };
        io::Error::new(error.kind(), format!("{}; {advice}", cause(&error)))
    }
}

/// Accepts clients until the server is asked to end, and those who came before that.
///
/// No error of one connection, and no lack of room for one, is the end of the server.
#[expect(clippy::needless_pass_by_value, reason = "who returns from here listens no more")]
fn accept(listener: TcpListener, stop: &Stop, start: impl Fn(TcpStream, SocketAddr) -> Result<(), Error>) {
    let mut short_of_room = false;
    while !stop.is_overdue() {
        let goes_on = stop.wait_readable(listener.as_fd());
        let accepted = match listener.accept() {
            Ok((stream, peer)) => start(stream, peer),
            Err(error) if error.kind() == ErrorKind::WouldBlock && !goes_on => return,
            Err(error) if is_passing(&error) => continue,
            Err(source) => Err(Error::refused("accept", "a client", source)),
        };
        match accepted {
            Ok(()) => short_of_room = false,
            Err(_) if !goes_on => return,
            Err(error) => {
                // Too many open files, no threads left. The client still stands at the door, so
                // trying again at once would only keep a core busy, and say this line again.
                if !short_of_room {
                    cli::notice(Options::NAME, format_args!("{error}; trying again"));
                }
                short_of_room = true;
                stop.rest(BACK_OFF);
            }
        }
    }
}

/// Whether accept(2) failed because of the client alone, who was gone before.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted)
}

/// How many files, and so connections, this process has open.
fn open_files() -> Result<usize, Error> {
    let files = std::fs::read_dir("/proc/self/fd").map_err(|source| Error::refused("read", "/proc/self/fd", source))?;
    Ok(files.count())
}
