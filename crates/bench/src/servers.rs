//! The servers that are held side by side, each in a process of its own: ours in its three models, one
//! on tokio, and the notes' in Python.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::net::SocketAddr;
use std::thread;

use common::process::{Child, Process};
use common::{Error, cli};
use nix::unistd::{dup2_stderr, dup2_stdout};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::scripts::{self, ECHO};

/// Whose server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `tcp-server`, in this model.
    Ours(&'static str),
    /// A task per connection on tokio's threads, one per core.
    Tokio,
    /// A thread per connection.
    Python,
}

/// A server that listens. Dropping it ends it.
pub(crate) struct Listening {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Held open, or what the server says at its end would be its end.
    _output: BufReader<PipeReader>,
}

impl Kind {
    /// Starts it, and waits until it listens. `None` if its program is not there.
    pub(crate) fn start(self, connections: usize) -> Result<Option<Listening>, Error> {
        let (output, input) = pipe().map_err(|source| Error::refused("make", "a pipe", source))?;
        let parent = std::process::id();
        let mut child = Process::new("server", move || self.serve(input, connections, parent)).daemon().start()?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        loop {
            line.clear();
            let read = output.read_line(&mut line).map_err(|source| Error::refused("read from", "a pipe", source))?;
            if let Some((_, address)) = line.split_once("listening on ")
                && let Ok(address) = address.trim().parse()
            {
                return Ok(Some(Listening { child, address, _output: output }));
            }
            if read == 0 {
                let exit = child.join()?;
                let missing = exit == common::process::Exit::Code(scripts::NOT_FOUND.into());
                return if missing { Ok(None) } else { Err(Error::Child { name: child.name().to_owned(), exit }) };
            }
        }
    }

    fn serve(self, output: PipeWriter, connections: usize, parent: u32) -> Result<u8, Error> {
        match self {
            Self::Ours(model) => ours(&output, model, connections),
            Self::Tokio => tokio_serves(output, connections).map(|()| 0),
            Self::Python => Ok(scripts::serve(ECHO, parent, output)),
        }
    }
}

impl Listening {
    /// How much of the machine's memory it takes, in bytes.
    pub(crate) fn resident(&self) -> Result<u64, Error> {
        resident(self.child.pid())
    }
}

/// How much of the machine's memory a process takes, in bytes: `VmRSS` of proc(5).
pub(crate) fn resident(pid: impl Display) -> Result<u64, Error> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).map_err(|source| Error::refused("read", &path, source))?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    let kibibytes = kibibytes.and_then(|number| number.parse::<u64>().ok());
    kibibytes.map(|number| number * 1024).ok_or(Error::Unusable { operation: "read", cause: path })
}

/// What it prints goes to the pipe; what it complains about, such as a client that hangs up, nowhere.
fn ours(output: &PipeWriter, model: &str, connections: usize) -> Result<u8, Error> {
    let refused = |errno: nix::Error| Error::refused("redirect", "a server's output", errno);
    let nowhere = OpenOptions::new().write(true).open("/dev/null");
    let nowhere = nowhere.map_err(|source| Error::refused("open", "/dev/null", source))?;
    dup2_stdout(output).map_err(refused)?;
    dup2_stderr(&nowhere).map_err(refused)?;
    let most = connections.to_string();
    let mut options = vec!["tcp-server", "--port", "0", "--quiet", "--lang", "en", "--model", model];
    options.extend(["--max-connections", &most]);
    // As many threads as clients, or a pool would let all but the first wait for ever.
    if model == "pool" {
        options.extend(["--workers", &most]);
    }
    Ok(cli::run_with::<tcp_server::Options>(options.into_iter().map(Into::into)))
}

fn tokio_serves(mut output: PipeWriter, connections: usize) -> Result<(), Error> {
    tcp_client::load::allow_connections(connections)?;
    let refused = |source| Error::refused("serve", "by tokio", source);
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

/// The same 1024 bytes at a time. An error is a client that has gone.
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
