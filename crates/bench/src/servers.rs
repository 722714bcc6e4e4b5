//! The servers that the TCP cases compare, each in a process of its own: ours in its three models, one
//! on tokio, and the notes' in Python.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::net::SocketAddr;
use std::thread;

use common::actor::Failures;
use common::error::Toolkit;
use common::lang::Lang;
use common::process::{Child, Process};
use common::python::{Script, is_missing};
use common::{Error, cli, objects};
use nix::unistd::{dup2_stderr, dup2_stdout};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::scripts::ECHO;
use crate::words;

/// A server to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// `tcp-server`, in this model.
    Ours(&'static str),
    /// A task per connection on tokio's threads, one per core.
    Tokio,
    /// The notes' program: a thread per connection.
    Python,
}

/// A server that listens. Dropping it ends it.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Held open: a server that writes to a closed pipe would be killed by that.
    _output: BufReader<PipeReader>,
}

impl Server {
    /// In the table's words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours(_) => "tcp-server",
            Self::Tokio => "tokio",
            Self::Python => "the notes' in Python",
        }
    }

    /// The program that runs it, which may be missing.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Ours(_) | Self::Tokio => self.name(),
            Self::Python => "python3",
        }
    }

    /// Starts it for this many connections, and waits until it listens. `None` if its program is missing.
    pub(crate) fn start(self, connections: usize) -> Result<Option<Running>, Error> {
        let (output, input) = pipe().map_err(|source| Error::refused("make", objects::a_pipe(), source))?;
        let parent = std::process::id();
        let failures = Failures::new(Lang::En)?;
        let serve = |input| failures.code(self.serve(input, connections, parent));
        let child = Process::with_descriptor("server", input, serve);
        let mut child = child.daemon().start()?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        loop {
            line.clear();
            let read =
                output.read_line(&mut line).map_err(|source| Error::refused("read from", objects::a_pipe(), source))?;
            if let Some((_, address)) = line.split_once("listening on ")
                && let Ok(address) = address.trim().parse()
            {
                return Ok(Some(Running { child, address, _output: output }));
            }
            if read == 0 {
                let exit = child.join()?;
                return if is_missing(exit) { Ok(None) } else { Err(failures.of(child.name(), exit)) };
            }
        }
    }

    fn serve(self, output: PipeWriter, connections: usize, parent: u32) -> Result<u8, Error> {
        match self {
            Self::Ours(model) => ours(&output, model, connections),
            Self::Tokio => tokio_serves(output, connections).map(|()| 0),
            Self::Python => Ok(Script::new(ECHO).args([parent.to_string()]).exec(output)),
        }
    }
}

impl Running {
    /// Its memory in bytes: see [`resident`].
    pub(crate) fn resident(&self) -> Result<u64, Error> {
        resident(self.child.pid())
    }
}

/// The memory that a process has in the machine, in bytes: `VmRSS` of proc(5).
pub(crate) fn resident(pid: impl Display) -> Result<u64, Error> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).map_err(|source| Error::refused("read", &path, source))?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    let kibibytes = kibibytes.and_then(|number| number.parse::<u64>().ok());
    kibibytes.map(|number| number * 1024).ok_or(Error::unusable("read", path))
}

/// `tcp-server`. Its standard output is the pipe; its standard error, which tells of lost clients, goes
/// nowhere.
fn ours(output: &PipeWriter, model: &str, connections: usize) -> Result<u8, Error> {
    let refused = |errno: nix::Error| Error::refused("redirect", words::a_servers_output(), errno);
    let nowhere = OpenOptions::new().write(true).open("/dev/null");
    let nowhere = nowhere.map_err(|source| Error::refused("open", "/dev/null", source))?;
    dup2_stdout(output).map_err(refused)?;
    dup2_stderr(&nowhere).map_err(refused)?;
    let most = connections.to_string();
    let mut options = vec!["tcp-server", "--port", "0", "--quiet", "--lang", "en", "--model", model];
    options.extend(["--max-connections", &most]);
    // A worker of the pool serves one client to its end: with fewer workers than clients, the others
    // would wait for ever.
    if model == "pool" {
        options.extend(["--workers", &most]);
    }
    Ok(cli::run_with::<tcp_server::Options>(options.into_iter().map(Into::into)))
}

fn tokio_serves(mut output: PipeWriter, connections: usize) -> Result<(), Error> {
    load::allow_connections(connections).map_err(Toolkit::from)?;
    let refused = |source| Error::refused("serve", words::by_tokio(), source);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(cores).enable_io().build();
    runtime.map_err(refused)?.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        writeln!(output, "listening on {address}").map_err(refused)?;
        loop {
            let (stream, _) = listener.accept().await.map_err(refused)?;
            tokio::spawn(echo(stream));
        }
    })
}

/// Reads 1024 bytes at a time, as ours and the notes' do. An error is a client that has gone.
async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        buffer[..read].make_ascii_uppercase();
        stream.write_all(&buffer[..read]).await?;
    }
}
