//! Which connections are to be made, when, and how many at a time.
//!
//! A listener keeps a short line of clients whom it has not accepted yet (the notes' `listen(5)`), and
//! who comes when it is full is dropped without a word: the system tries again after a second, and
//! then after longer and longer. So few are on their way at a time, and one that takes far longer
//! than the longest before is dropped and made anew: by then the line is short again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::backoff::{Backoff, nanos};

/// How many connections are on their way at once.
const MOST_AT_ONCE: usize = 32;
/// How long one may be on its way at least before it is made anew.
const LEAST_PATIENCE: Duration = Duration::from_millis(5);
/// That, as a multiple of the longest time that one has taken.
const FACTOR: u64 = 4;
/// Before a connection is made anew.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(10), most: Duration::from_secs(1) };

#[derive(Debug)]
pub(crate) struct Dialer {
    registry: Registry,
    addresses: Vec<SocketAddr>,
    /// Which of them is tried; it stays as soon as one has answered.
    address: usize,
    /// What is to be made, the earliest first.
    waiting: BinaryHeap<Reverse<(u64, usize)>>,
    /// What is on its way.
    dialing: Vec<usize>,
    /// The longest that one has taken, once there was one.
    longest: Option<u64>,
    timeout: u64,
    random: Xoshiro256PlusPlus,
}

impl Dialer {
    pub(crate) fn new(registry: Registry, addresses: &[SocketAddr], timeout: Duration, seed: u64) -> Self {
        Self {
            registry,
            addresses: addresses.to_vec(),
            address: 0,
            waiting: BinaryHeap::new(),
            dialing: Vec::new(),
            longest: None,
            timeout: nanos(timeout),
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// Makes a connection as soon as it may be.
    pub(crate) fn soon(&mut self, index: usize) {
        self.waiting.push(Reverse((0, index)));
    }

    /// Makes a connection after a pause, when so many tries were in vain.
    pub(crate) fn later(&mut self, index: usize, failures: u32, now: u64) {
        let pause = self.random.random_range(BACKOFF.range(failures));
        self.waiting.push(Reverse((now.saturating_add(pause), index)));
    }

    /// The next one to be made now. Until somebody has answered, one at a time.
    pub(crate) fn due(&mut self, now: u64) -> Option<usize> {
        self.wakes().filter(|when| *when <= now)?;
        self.waiting.pop().map(|Reverse((_, index))| index)
    }

    /// Begins to make it; [`Dialer::done`] when that has ended.
    pub(crate) fn dial(&mut self, index: usize) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.addresses[self.address])?;
        self.registry.register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        self.dialing.push(index);
        Ok(stream)
    }

    /// It has come about, after so many nanoseconds, or (`None`) it has not.
    pub(crate) fn done(&mut self, index: usize, took: Option<u64>) {
        self.dialing.retain(|dialing| *dialing != index);
        self.longest = self.longest.max(took);
    }

    /// Turns to the next address. False if there is none, or if somebody has answered at this one.
    pub(crate) fn turn_to_next_address(&mut self) -> bool {
        let goes_on = self.longest.is_none() && self.address + 1 < self.addresses.len();
        self.address += usize::from(goes_on);
        goes_on
    }

    pub(crate) fn dialing(&self) -> &[usize] {
        &self.dialing
    }

    /// How long a connection may be on its way that was tried so often before.
    pub(crate) fn patience(&self, failures: u32) -> u64 {
        let Some(longest) = self.longest else { return self.timeout };
        let patience = longest.saturating_mul(FACTOR).max(nanos(LEAST_PATIENCE));
        patience.saturating_mul(u64::from(failures) + 1).min(self.timeout)
    }

    /// When the next one is to be made; when it depends on others first, nobody knows.
    pub(crate) fn wakes(&self) -> Option<u64> {
        let Reverse((when, _)) = self.waiting.peek()?;
        (self.dialing.len() < self.most_at_once()).then_some(*when)
    }

    /// Makes none any more.
    pub(crate) fn rest(&mut self) {
        self.waiting.clear();
    }

    fn most_at_once(&self) -> usize {
        if self.longest.is_some() { MOST_AT_ONCE } else { 1 }
    }
}
