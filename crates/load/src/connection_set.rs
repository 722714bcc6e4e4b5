//! All connections of a load, and the messages on them.

mod opening;

use std::io;
use std::net::Shutdown;

use killproof::error::Phrase;
use mio::event::Event;

use crate::clock::{Clock, nanos};
use crate::connection::{Connection, State, Verdict};
use crate::dialer::Dialer;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::Schedule;

/// The most bytes that one read takes.
const READ: usize = 64 << 10;

pub(crate) struct ConnectionSet<'p> {
    plan: &'p Plan,
    expected: Vec<u8>,
    clock: Clock,
    connections: Vec<Connection>,
    pub(crate) dialer: Dialer,
    pub(crate) schedule: Schedule,
    pub(crate) outcome: Outcome,
    /// The connections that have been open at least once.
    pub(crate) established: usize,
    /// The connections that are open now.
    pub(crate) open: usize,
    /// The messages begun so far. One that is sent again after a lost connection counts once.
    begun: u64,
    /// Those of them without an answer.
    pending: u64,
    /// Open loop: the messages that were late when the time was over. `None` until then.
    behind: Option<u64>,
    /// When the load last got further: a connection was open for the first time, or an answer came. A lost
    /// connection that is open again is no progress: a server may accept for ever, and never answer.
    pub(crate) last_progress: u64,
    /// Why the last address did not accept the first connection.
    pub(crate) unreachable: Option<io::Error>,
    buffer: Vec<u8>,
}

impl<'p> ConnectionSet<'p> {
    pub(crate) fn new(plan: &'p Plan, dialer: Dialer) -> Self {
        let mut set = Self {
            plan,
            expected: plan.message.to_ascii_uppercase(),
            clock: Clock::start(),
            connections: (0..plan.connections).map(|_| Connection::new()).collect(),
            dialer,
            schedule: Schedule::Stopped,
            outcome: Outcome::new(),
            established: 0,
            open: 0,
            begun: 0,
            pending: 0,
            behind: None,
            last_progress: 0,
            unreachable: None,
            buffer: vec![0; READ],
        };
        (0..plan.connections).for_each(|index| set.dialer.queue(index));
        set
    }

    /// Nanoseconds since the load began.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Sends messages from now on.
    pub(crate) fn start(&mut self, schedule: Schedule) {
        self.schedule = schedule;
        self.last_progress = self.now();
        (0..self.connections.len()).for_each(|index| self.send_next(index));
    }

    /// Open loop: sends the messages whose time has come.
    pub(crate) fn send_due(&mut self) {
        let now = self.now();
        let Schedule::Open(timetable) = &mut self.schedule else { return };
        timetable.advance(now).for_each(|index| self.send_next(index));
        if self.behind.is_none() && self.schedule.is_past_its_end(now) {
            self.behind = Some(self.due_and_unanswered());
        }
    }

    /// Whether no message is to be sent and no answer to be waited for.
    pub(crate) fn is_done(&self) -> bool {
        let (now, timeout) = (self.now(), nanos(self.plan.timeout));
        let is_over = self.pending == 0 && self.schedule.is_over(self.connections.len(), self.begun, now);
        is_over || now >= self.schedule.gives_up_at(self.last_progress, timeout)
    }

    /// Sends no message from now on.
    pub(crate) fn stop(&mut self) {
        self.outcome.behind = self.behind.unwrap_or_else(|| self.due_and_unanswered());
        self.outcome.unsent = self.schedule.due().map_or(0, |due| due.saturating_sub(self.begun));
        self.schedule = Schedule::Stopped;
        self.dialer.stop();
    }

    /// Counts the messages under way as unanswered.
    pub(crate) fn give_up(&mut self) {
        self.outcome.unanswered = self.pending;
    }

    /// Handles an event of a connection.
    pub(crate) fn on_event(&mut self, index: usize, event: &Event) {
        if self.connections[index].state == State::Connecting && !self.has_opened(index) {
            return;
        }
        if event.is_writable() && self.connections[index].state == State::Busy {
            self.write(index);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.read(index, event.is_read_closed() || event.is_error());
        }
    }

    /// Gives up the connections and answers that take too long.
    pub(crate) fn check_timeouts(&mut self) {
        let now = self.now();
        self.redial_slow(now);
        let timeout = nanos(self.plan.timeout);
        for index in 0..self.connections.len() {
            let connection = &self.connections[index];
            if connection.state == State::Busy && now.saturating_sub(connection.since) > timeout {
                self.outcome.timed_out += 1;
                let seconds = Phrase::name(self.plan.timeout.as_secs_f64());
                self.lose(index, Phrase::new("no answer within {} s", [seconds]));
            }
        }
    }

    /// Closes this side of every connection, and drops those whose answer is not complete.
    pub(crate) fn half_close_all(&mut self) {
        for connection in &mut self.connections {
            let was = std::mem::replace(&mut connection.state, State::Closing);
            match &connection.stream {
                Some(stream) if was == State::Idle => {
                    let _ = stream.shutdown(Shutdown::Write); // fails if the server is gone: an event tells
                }
                stream => {
                    self.open -= usize::from(stream.is_some() && was == State::Busy);
                    connection.stream = None;
                }
            }
        }
    }

    fn due_and_unanswered(&self) -> u64 {
        self.schedule.due().map_or(0, |due| due.saturating_sub(self.outcome.answered))
    }

    /// Begins the next message of a connection, if the connection is idle and a message is due.
    fn send_next(&mut self, index: usize) {
        let now = self.now();
        let connection = &mut self.connections[index];
        if connection.state != State::Idle {
            return;
        }
        if connection.pending_since.is_none() {
            let Some(counts_from) = self.schedule.next(index, connection.begun, now) else { return };
            connection.pending_since = Some(counts_from);
            connection.begun += 1;
            self.begun += 1;
            self.pending += 1;
        }
        connection.begin(now);
        self.outcome.sent += 1;
        self.write(index);
    }

    fn write(&mut self, index: usize) {
        if let Err(error) = self.connections[index].write(&self.plan.message) {
            self.break_off(index, &error);
        }
    }

    /// Reads all that has come. With `to_the_end` also the end of the stream.
    ///
    /// A read that does not fill the buffer has taken all there was, so no second read is needed to find
    /// that out (epoll(7), "edge-triggered").
    fn read(&mut self, index: usize, to_the_end: bool) {
        while self.connections[index].stream.is_some() {
            let received = match self.connections[index].read(&self.expected, &mut self.buffer) {
                Ok(received) => received,
                Err(error) => return self.break_off(index, &error),
            };
            self.outcome.surplus += received.surplus as u64;
            if let Some(verdict) = received.answer {
                self.count_answer(index, verdict);
            }
            if received.read == 0 || (received.read < READ && !to_the_end) {
                return;
            }
        }
    }

    fn count_answer(&mut self, index: usize, verdict: Verdict) {
        let now = self.now();
        let connection = &mut self.connections[index];
        (connection.state, connection.failures) = (State::Idle, 0);
        let Some(counts_from) = connection.pending_since.take() else { return };
        self.pending -= 1;
        self.last_progress = now;
        self.outcome.answered += 1;
        self.outcome.wrong += u64::from(verdict == Verdict::Wrong);
        self.outcome.latencies.saturating_record(now.saturating_sub(counts_from));
        self.send_next(index);
    }

    /// The server closed or reset a connection.
    fn break_off(&mut self, index: usize, error: &io::Error) {
        if self.connections[index].state != State::Closing {
            self.outcome.broken += 1;
        }
        self.lose(index, Phrase::cause(error));
    }

    /// Drops an open connection. It is opened again, unless this side has closed it.
    fn lose(&mut self, index: usize, why: Phrase) {
        let now = self.now();
        let connection = &mut self.connections[index];
        connection.stream = None;
        let was = std::mem::replace(&mut connection.state, State::Down);
        self.open -= 1;
        if was == State::Closing {
            return;
        }
        self.outcome.last_trouble = Some(why);
        let failures = connection.failures;
        connection.failures += 1;
        self.dialer.queue_after_pause(index, failures, now);
    }
}
