//! All connections of a load: what becomes of each when something happens to it.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::time::Instant;

use common::error::cause;
use mio::event::Event;
use mio::net::TcpStream;

use crate::backoff::nanos;
use crate::connection::{Connection, State, Verdict};
use crate::dialer::Dialer;
use crate::schedule::Pace;
use crate::{Outcome, Plan};

/// How much one read takes at most.
const READ: usize = 64 << 10;

pub(crate) struct Crew<'p> {
    plan: &'p Plan,
    expected: Vec<u8>,
    epoch: Instant,
    connections: Vec<Connection>,
    pub(crate) dialer: Dialer,
    pub(crate) pace: Pace,
    /// What was measured so far.
    pub(crate) outcome: Outcome,
    /// How many connections came about at least once.
    pub(crate) greeted: usize,
    /// How many there are just now.
    pub(crate) connected: usize,
    /// How many messages were begun, repeats not counted.
    begun: u64,
    /// How many of them have no answer yet.
    owed: u64,
    /// How many were late when the time of an open loop was over.
    behind: Option<u64>,
    /// When there was an answer, or a connection, last.
    pub(crate) progress: u64,
    /// Why nobody can be reached at all.
    pub(crate) nobody: Option<io::Error>,
    buffer: Vec<u8>,
}

impl<'p> Crew<'p> {
    pub(crate) fn new(plan: &'p Plan, dialer: Dialer) -> Self {
        let mut crew = Self {
            plan,
            expected: plan.message.to_ascii_uppercase(),
            epoch: Instant::now(),
            connections: (0..plan.connections).map(|_| Connection::new()).collect(),
            dialer,
            pace: Pace::Hold,
            outcome: Outcome::new(),
            greeted: 0,
            connected: 0,
            begun: 0,
            owed: 0,
            behind: None,
            progress: 0,
            nobody: None,
            buffer: vec![0; READ],
        };
        (0..plan.connections).for_each(|index| crew.dialer.soon(index));
        crew
    }

    /// Nanoseconds since the beginning.
    pub(crate) fn now(&self) -> u64 {
        nanos(self.epoch.elapsed())
    }

    /// Makes the connections that are to be made now.
    pub(crate) fn dial(&mut self) {
        while let Some(index) = self.dialer.due(self.now()) {
            match self.dialer.dial(index) {
                Ok(stream) => {
                    let now = self.now();
                    let connection = &mut self.connections[index];
                    (connection.stream, connection.state, connection.since) = (Some(stream), State::Connecting, now);
                }
                Err(error) => self.not_made(index, error),
            }
        }
    }

    /// Sends from now on, as `pace` says.
    pub(crate) fn start(&mut self, pace: Pace) {
        self.pace = pace;
        self.progress = self.now();
        (0..self.connections.len()).for_each(|index| self.go_on(index));
    }

    /// Sends what has become due by time alone.
    pub(crate) fn advance(&mut self) {
        let now = self.now();
        let Pace::Open(schedule) = &mut self.pace else { return };
        schedule.advance(now).for_each(|index| self.go_on(index));
        if self.behind.is_none() && self.pace.is_all_due(now) {
            self.behind = Some(self.late());
        }
    }

    /// Whether all is sent that will be, and answered that was sent, or nobody waits any longer.
    pub(crate) fn is_done(&self) -> bool {
        let (now, timeout) = (self.now(), nanos(self.plan.timeout));
        let is_over = self.owed == 0 && self.pace.is_over(self.connections.len(), self.begun, now);
        is_over || now >= self.pace.gives_up(self.progress, timeout)
    }

    /// Nothing is sent any more.
    pub(crate) fn stop(&mut self) {
        self.outcome.behind = self.behind.unwrap_or_else(|| self.late());
        self.outcome.unsent = self.pace.due().map_or(0, |due| due.saturating_sub(self.begun));
        self.pace = Pace::Hold;
        self.dialer.rest();
    }

    /// Nobody waits for what is still owed.
    pub(crate) fn give_up(&mut self) {
        self.outcome.unanswered = self.owed;
    }

    /// How many messages were due and have no answer.
    fn late(&self) -> u64 {
        self.pace.due().map_or(0, |due| due.saturating_sub(self.outcome.answered))
    }

    /// Closes this side of every connection.
    pub(crate) fn say_goodbye(&mut self) {
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            let was = std::mem::replace(&mut connection.state, State::Closing);
            match &connection.stream {
                Some(stream) if was == State::Idle => {
                    let _ = stream.shutdown(Shutdown::Write); // fails if the server is gone: then the end is near
                }
                stream => {
                    // Nobody waits for the rest of an answer any more.
                    self.connected -= usize::from(stream.is_some() && was == State::Busy);
                    connection.stream = None;
                }
            }
        }
    }

    /// Something happened to a connection.
    pub(crate) fn happened(&mut self, index: usize, event: &Event) {
        if self.connections[index].state == State::Connecting && !self.arrives(index) {
            return;
        }
        if event.is_writable() && self.connections[index].state == State::Busy {
            self.write(index);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.read(index, event.is_read_closed() || event.is_error());
        }
    }

    /// Gives up what takes too long.
    pub(crate) fn look_at_the_clock(&mut self) {
        let now = self.now();
        self.hurry(now);
        let timeout = nanos(self.plan.timeout);
        for index in 0..self.connections.len() {
            let connection = &self.connections[index];
            if connection.state == State::Busy && now.saturating_sub(connection.since) > timeout {
                self.outcome.timed_out += 1;
                self.lose(index, format!("no answer within {} s", self.plan.timeout.as_secs_f64()));
            }
        }
    }

    /// Makes anew what is on its way for too long.
    pub(crate) fn hurry(&mut self, now: u64) {
        let late = |index: &usize| {
            let Connection { since, failures, .. } = self.connections[*index];
            now.saturating_sub(since) > self.dialer.patience(failures)
        };
        for index in self.dialer.dialing().iter().copied().filter(late).collect::<Vec<_>>() {
            self.not_made(index, ErrorKind::TimedOut.into());
        }
    }

    /// The system says that a connection has come about, or not. True if it has.
    fn arrives(&mut self, index: usize) -> bool {
        let now = self.now();
        let Some(stream) = self.connections[index].stream.as_ref() else { return false };
        match is_made(stream) {
            Ok(false) => return false,
            Err(error) => {
                self.not_made(index, error);
                return false;
            }
            Ok(true) => {}
        }
        let connection = &mut self.connections[index];
        connection.state = State::Idle;
        self.dialer.done(index, Some(now.saturating_sub(connection.since)));
        self.greeted += usize::from(!connection.was_up);
        connection.was_up = true;
        self.connected += 1;
        self.progress = now;
        self.go_on(index);
        self.connections[index].stream.is_some()
    }

    /// A connection did not come about.
    fn not_made(&mut self, index: usize, error: io::Error) {
        let now = self.now();
        let connection = &mut self.connections[index];
        (connection.stream, connection.state) = (None, State::Down);
        let failures = connection.failures;
        connection.failures += 1;
        self.dialer.done(index, None);
        if self.greeted == 0 {
            if self.dialer.turn_to_next_address() {
                self.dialer.soon(index);
            } else {
                self.nobody = Some(error);
            }
            return;
        }
        if error.kind() == ErrorKind::TimedOut {
            // Dropped at a full line of clients. That is no trouble, and soon there will be room.
            self.dialer.later(index, 0, now);
            return;
        }
        self.outcome.refused += 1;
        self.outcome.last_trouble = Some(cause(&error));
        self.dialer.later(index, failures, now);
    }

    /// A connection that had come about is no more.
    fn lose(&mut self, index: usize, why: String) {
        let now = self.now();
        let connection = &mut self.connections[index];
        connection.stream = None;
        let was = std::mem::replace(&mut connection.state, State::Down);
        self.connected -= 1;
        if was == State::Closing {
            return; // as it should
        }
        self.outcome.last_trouble = Some(why);
        let failures = connection.failures;
        connection.failures += 1;
        self.dialer.later(index, failures, now);
    }

    fn breaks(&mut self, index: usize, error: &io::Error) {
        if self.connections[index].state != State::Closing {
            self.outcome.broken += 1;
        }
        self.lose(index, cause(error));
    }

    /// Begins the next message of a connection, if it is free and one is due.
    fn go_on(&mut self, index: usize) {
        let now = self.now();
        let connection = &mut self.connections[index];
        if connection.state != State::Idle {
            return;
        }
        if connection.owed.is_none() {
            let Some(counts_from) = self.pace.next(index, connection.begun, now) else { return };
            connection.owed = Some(counts_from);
            connection.begun += 1;
            self.begun += 1;
            self.owed += 1;
        }
        connection.begin(now);
        self.outcome.sent += 1;
        self.write(index);
    }

    fn write(&mut self, index: usize) {
        if let Err(error) = self.connections[index].write(&self.plan.message) {
            self.breaks(index, &error);
        }
    }

    /// Reads what has come; to the end of the stream, if that has come too.
    ///
    /// A read that does not fill the buffer has taken all there was: no second one is needed to learn
    /// that (epoll(7), "edge-triggered").
    fn read(&mut self, index: usize, to_the_end: bool) {
        while self.connections[index].stream.is_some() {
            let got = match self.connections[index].read(&self.expected, &mut self.buffer) {
                Ok(got) => got,
                Err(error) => return self.breaks(index, &error),
            };
            self.outcome.surplus += got.surplus as u64;
            if let Some(verdict) = got.answer {
                self.answered(index, verdict);
            }
            if got.read == 0 || (got.read < READ && !to_the_end) {
                return;
            }
        }
    }

    fn answered(&mut self, index: usize, verdict: Verdict) {
        let now = self.now();
        let connection = &mut self.connections[index];
        (connection.state, connection.failures) = (State::Idle, 0);
        let Some(counts_from) = connection.owed.take() else { return };
        self.owed -= 1;
        self.progress = now;
        self.outcome.answered += 1;
        self.outcome.wrong += u64::from(verdict == Verdict::Wrong);
        self.outcome.latencies.saturating_record(now.saturating_sub(counts_from));
        self.go_on(index);
    }
}

/// Whether a connection has come about. An error if it never will.
fn is_made(stream: &TcpStream) -> io::Result<bool> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    let peer = match stream.peer_addr() {
        Ok(peer) => peer,
        Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(false),
        Err(error) => return Err(error),
    };
    // With nobody at a port of the range from which clients get theirs, a client can get this very
    // port, and then TCP connects it to itself.
    if stream.local_addr()? == peer {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?; // a message goes at once, however short it is
    Ok(true)
}
