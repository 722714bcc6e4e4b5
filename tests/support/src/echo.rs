//! Servers for tests of clients: each runs in a thread of the test, and decides connection by connection
//! how well it behaves.

#![expect(clippy::missing_panics_doc, reason = "a server that cannot go on fails its test")]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use nix::sys::socket::{Backlog, listen};

/// A server of one test.
#[derive(Debug)]
pub struct Server {
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The port of the address, for a command line.
    pub port: String,
    thread: JoinHandle<()>,
    /// Of a server that serves all clients until then.
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Serves one connection after the other, each by its own function.
    #[must_use]
    pub fn start<const N: usize>(serve: [fn(TcpStream); N]) -> Self {
        Self::start_at("127.0.0.1", serve)
    }

    /// [`Server::start`] on another address of this machine.
    #[must_use]
    pub fn start_at<const N: usize>(host: &str, serve: [fn(TcpStream); N]) -> Self {
        Self::listen(host, move |listener| {
            for serve in serve {
                serve(listener.accept().expect("a client").0);
            }
        })
    }

    /// Serves `connections` clients at once, a thread each, all by the same function.
    #[must_use]
    pub fn start_many(connections: usize, serve: impl Fn(TcpStream) + Clone + Send + 'static) -> Self {
        Self::start_many_at("127.0.0.1", connections, serve)
    }

    /// [`Server::start_many`] on another address of this machine.
    #[must_use]
    pub fn start_many_at(host: &str, connections: usize, serve: impl Fn(TcpStream) + Clone + Send + 'static) -> Self {
        Self::listen(host, move |listener| {
            let clients = (0..connections).map(|_| listener.accept().expect("a client").0);
            let serving = clients.map(|stream| {
                let serve = serve.clone();
                let small = thread::Builder::new().stack_size(64 << 10);
                small.spawn(move || serve(stream)).expect("a thread")
            });
            for thread in serving.collect::<Vec<_>>() {
                thread.join().expect("a client that is served");
            }
        })
    }

    /// Serves all clients that come until [`Server::end`], a thread each.
    #[must_use]
    pub fn serve_until_end(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let mut server = Self::listen("127.0.0.1", {
            let ended = Arc::clone(&ended);
            move |listener| {
                while let (client, false) = (listener.accept().expect("a client").0, ended.load(Ordering::SeqCst)) {
                    let serve = serve.clone();
                    thread::spawn(move || serve(client));
                }
            }
        });
        server.ended = ended;
        server
    }

    /// Ends a server of [`Server::serve_until_end`].
    pub fn end(self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.join();
    }

    /// Waits until it has served all its connections. Panics if the server did.
    pub fn join(self) {
        self.thread.join().expect("a server that serves");
    }

    fn listen(host: &str, serve: impl FnOnce(TcpListener) + Send + 'static) -> Self {
        let listener = TcpListener::bind((host, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (port, thread) = (address.port().to_string(), thread::spawn(move || serve(listener)));
        Self { address, port, thread, ended: Arc::default() }
    }
}

/// The notes' server: reads 1024 bytes at a time, and sends them back in upper case, until the client goes.
pub fn upper_case(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        buffer[..read].make_ascii_uppercase();
        if stream.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
}

/// Answers one `hello` byte by byte, and closes.
pub fn answer_one(mut stream: TcpStream) {
    stream.set_nodelay(true).expect("a socket");
    stream.read_exact(&mut [0; 5]).expect("hello");
    for byte in b"HELLO" {
        stream.write_all(&[*byte]).expect("a client that reads");
    }
}

/// Answers one `hello`, waits for the half-close, and then sends four bytes more.
pub fn answer_too_much(mut stream: TcpStream) {
    stream.read_exact(&mut [0; 5]).expect("hello");
    stream.write_all(b"HELLO").expect("a client that reads");
    assert_eq!(stream.read(&mut [0; 1]).expect("a half-close"), 0, "the client sends nothing more");
    stream.write_all(b"AND?").expect("a client that waits");
}

/// Reads for ever, and answers nothing.
pub fn stay_silent(mut stream: TcpStream) {
    let _ = io::copy(&mut stream, &mut io::sink());
}

/// Closes with most of a `hello` unread: the client sees a reset.
pub fn reset(mut stream: TcpStream) {
    stream.peek(&mut [0; 5]).expect("hello");
    stream.read_exact(&mut [0; 1]).expect("a byte");
}

/// A listener whose backlog has room for `backlog` connections, and one more.
#[must_use]
pub fn listener_with_backlog(backlog: i32) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listen(&listener, Backlog::new(backlog).expect("a backlog")).expect("our own socket");
    listener
}

/// A listener whose backlog is full.
#[derive(Debug)]
pub struct FullListener {
    /// Accepting makes room for one connection.
    pub listener: TcpListener,
    /// The address that it listens on.
    pub address: SocketAddr,
    _client: TcpStream,
}

impl FullListener {
    /// Fills a backlog of its own.
    #[must_use]
    pub fn new() -> Self {
        let listener = listener_with_backlog(0);
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).expect("room for one");
        Self { listener, address, _client: client }
    }
}

impl Default for FullListener {
    fn default() -> Self {
        Self::new()
    }
}
