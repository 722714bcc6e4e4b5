//! Opening connections: which, when, and how many at a time.
//!
//! A listener has a backlog, a short queue of connections that it has not accepted yet (the notes'
//! `listen(5)`). The kernel drops the first packet of a connection that finds the queue full, and the
//! client's kernel repeats it after one second, then after two, four, eight. So the dialer opens few
//! connections at a time, and drops one that takes far longer than any before: a new one finds the queue
//! short again, long before the kernel would have repeated the packet.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::backoff::Backoff;
use crate::clock::nanos;
use crate::jitter::Jitter;

/// The number of connections that are opened at the same time.
const MAX_DIALING: usize = 32;
/// A connection may take this long, even where all others were faster.
const SHORTEST_LIMIT: Duration = Duration::from_millis(5);
/// A connection may take this many times as long as the slowest one before.
const LIMIT_FACTOR: u64 = 4;
/// The pause before a connection is opened again.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(10), longest: Duration::from_secs(1) };

#[derive(Debug)]
pub(crate) struct Dialer {
    registry: Registry,
    addresses: Vec<SocketAddr>,
    /// The address that is dialed. It stays once it has answered.
    address: usize,
    /// The connections to open, with their times; the earliest on top.
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    /// The connections that are being opened.
    dialing: Vec<usize>,
    /// The longest time that a connection took to open. `None` until one is open.
    slowest: Option<u64>,
    timeout: u64,
    jitter: Jitter,
}

impl Dialer {
    pub(crate) fn new(registry: Registry, addresses: &[SocketAddr], timeout: Duration, seed: u64) -> Self {
        Self {
            registry,
            addresses: addresses.to_vec(),
            address: 0,
            queue: BinaryHeap::new(),
            dialing: Vec::new(),
            slowest: None,
            timeout: nanos(timeout),
            jitter: Jitter::new(seed),
        }
    }

    /// Queues a connection to be opened as soon as possible.
    pub(crate) fn queue(&mut self, index: usize) {
        self.queue.push(Reverse((0, index)));
    }

    /// Queues a connection to be opened after a pause, which grows with the number of its `failures`.
    pub(crate) fn queue_after_pause(&mut self, index: usize, failures: u32, now: u64) {
        let pause = self.jitter.draw(BACKOFF.range(failures));
        self.queue.push(Reverse((now.saturating_add(pause), index)));
    }

    /// Takes a connection from the queue whose time has come, if one more may be opened now.
    pub(crate) fn next(&mut self, now: u64) -> Option<usize> {
        self.wakes_at().filter(|when| *when <= now)?;
        self.queue.pop().map(|Reverse((_, index))| index)
    }

    /// Begins to open a connection. [`Dialer::finished`] ends that.
    pub(crate) fn dial(&mut self, index: usize) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.addresses[self.address])?;
        self.registry.register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        self.dialing.push(index);
        Ok(stream)
    }

    /// A connection is open after `took` nanoseconds, or (`None`) it failed.
    pub(crate) fn finished(&mut self, index: usize, took: Option<u64>) {
        self.dialing.retain(|dialing| *dialing != index);
        self.slowest = self.slowest.max(took);
    }

    /// Turns to the next address. False if there is none, or if this one has answered before.
    pub(crate) fn try_next_address(&mut self) -> bool {
        let has_next = self.slowest.is_none() && self.address + 1 < self.addresses.len();
        self.address += usize::from(has_next);
        has_next
    }

    pub(crate) fn dialing(&self) -> &[usize] {
        &self.dialing
    }

    /// How long a connection with this many `failures` may take to open.
    pub(crate) fn time_limit(&self, failures: u32) -> u64 {
        let Some(slowest) = self.slowest else { return self.timeout };
        let limit = slowest.saturating_mul(LIMIT_FACTOR).max(nanos(SHORTEST_LIMIT));
        limit.saturating_mul(u64::from(failures) + 1).min(self.timeout)
    }

    /// When the next connection may be opened. `None` if the queue is empty, or if another connection
    /// must be finished first.
    pub(crate) fn wakes_at(&self) -> Option<u64> {
        let Reverse((when, _)) = self.queue.peek()?;
        (self.dialing.len() < self.max_dialing()).then_some(*when)
    }

    /// Empties the queue.
    pub(crate) fn stop(&mut self) {
        self.queue.clear();
    }

    /// One at a time until an address has answered.
    fn max_dialing(&self) -> usize {
        if self.slowest.is_some() { MAX_DIALING } else { 1 }
    }
}
