//! The event loop, and the phases of a load.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use killproof::{Error as SystemError, interrupt};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::clock::nanos;
use crate::connection_set::ConnectionSet;
use crate::dialer::Dialer;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::progress::{Phase, Progress};
use crate::schedule::Schedule;

/// The most events that one poll returns.
const EVENTS: usize = 1024;
/// How often timeouts and signals are checked, and progress is reported.
const TICK: Duration = Duration::from_millis(50);
/// The same while connections are opened.
const SHORT_TICK: Duration = Duration::from_millis(2);
/// How long the server may take to close its side.
const CLOSING: Duration = Duration::from_secs(1);
/// The token of the timer: larger than the index of any connection.
const TIMER: Token = Token(usize::MAX);

pub(crate) struct Engine<'p, W> {
    plan: &'p Plan,
    watch: W,
    poll: Poll,
    events: Events,
    /// A poll waits for whole milliseconds. An open loop needs a finer timer.
    timer: TimerFd,
    /// The time that the timer is set to.
    timer_at: u64,
    connections: ConnectionSet<'p>,
    phase: Phase,
    phase_began: u64,
    next_tick: u64,
}

impl<'p, W: FnMut(Progress)> Engine<'p, W> {
    pub(crate) fn new(plan: &'p Plan, watch: W) -> Result<Self, Error> {
        let poll = Poll::new().map_err(cannot_wait)?;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC);
        let timer = timer.map_err(|errno| cannot_wait(errno.into()))?;
        let registry = poll.registry().try_clone().map_err(cannot_wait)?;
        let source = timer.as_fd().as_raw_fd();
        registry.register(&mut SourceFd(&source), TIMER, Interest::READABLE).map_err(cannot_wait)?;
        let dialer = Dialer::new(registry, &plan.addresses, plan.timeout, plan.seed);
        Ok(Self {
            plan,
            watch,
            poll,
            events: Events::with_capacity(EVENTS),
            timer,
            timer_at: 0,
            connections: ConnectionSet::new(plan, dialer),
            phase: Phase::Connecting,
            phase_began: 0,
            next_tick: 0,
        })
    }

    /// Drives the whole load. A signal ends it early, with the numbers so far.
    pub(crate) fn run(mut self) -> Result<Outcome, Error> {
        let signal = match self.run_phases() {
            Ok(()) => None,
            Err(Error::System(SystemError::Interrupted(signal))) => Some(signal),
            Err(error) => return Err(error),
        };
        Ok(Outcome { signal, ..self.connections.outcome })
    }

    fn run_phases(&mut self) -> Result<(), Error> {
        self.enter(Phase::Connecting);
        self.open_all()?;
        self.enter(Phase::Idle);
        self.hold_all()?;
        self.enter(Phase::Talking);
        let talked = self.talk();
        self.connections.outcome.elapsed = self.in_phase();
        self.connections.stop();
        talked?;
        self.connections.give_up();
        self.enter(Phase::Closing);
        self.close_all()
    }

    fn open_all(&mut self) -> Result<(), Error> {
        while self.connections.established < self.plan.connections {
            self.step(u64::MAX)?;
            if let Some(source) = self.connections.unreachable.take() {
                return Err(Error::Unreachable { addresses: self.plan.addresses.clone(), source });
            }
            // Before the first connection is open, the dialer gives each address the whole timeout.
            let gives_up_at = self.connections.last_progress.saturating_add(nanos(self.plan.timeout));
            if self.connections.established > 0 && self.connections.now() > gives_up_at {
                let trouble = self.connections.outcome.last_trouble.take();
                return Err(Error::TooFewConnections {
                    wanted: self.plan.connections,
                    made: self.connections.established,
                    cause: trouble.unwrap_or_else(|| "the server accepts no more".into()),
                });
            }
        }
        self.connections.outcome.connecting = self.in_phase();
        Ok(())
    }

    fn hold_all(&mut self) -> Result<(), Error> {
        let until = self.phase_began.saturating_add(nanos(self.plan.idle));
        while self.connections.now() < until {
            self.step(until)?;
        }
        Ok(())
    }

    fn talk(&mut self) -> Result<(), Error> {
        let Plan { until, rate, connections, .. } = *self.plan;
        self.connections.start(Schedule::new(until, rate, connections, self.phase_began));
        while !self.connections.is_done() {
            self.connections.send_due();
            self.step(u64::MAX)?;
        }
        Ok(())
    }

    /// Closes this side of every connection first, so that surplus bytes of the server are still seen.
    fn close_all(&mut self) -> Result<(), Error> {
        self.connections.half_close_all();
        let until = self.phase_began.saturating_add(nanos(CLOSING));
        while self.connections.open > 0 && self.connections.now() < until {
            self.step(until)?;
        }
        Ok(())
    }

    /// Waits for events, at most until `until`, and handles them.
    fn step(&mut self, until: u64) -> Result<(), Error> {
        self.connections.dial();
        self.wait(until)?;
        for event in &self.events {
            if event.token() != TIMER {
                self.connections.on_event(event.token().0, event);
            }
        }
        let now = self.connections.now();
        if now >= self.next_tick {
            let tick = if self.connections.dialer.dialing().is_empty() { TICK } else { SHORT_TICK };
            self.next_tick = now.saturating_add(nanos(tick.min(self.plan.timeout / 4)));
            self.connections.check_timeouts();
            self.report();
            interrupt::check()?;
        }
        Ok(())
    }

    fn wait(&mut self, until: u64) -> Result<(), Error> {
        let now = self.connections.now();
        let mut wakes_at = until.min(self.next_tick).min(self.connections.dialer.wakes_at().unwrap_or(u64::MAX));
        if let Some(exactly) = self.connections.schedule.wakes_at(now).filter(|exactly| *exactly < wakes_at) {
            if exactly <= now {
                wakes_at = now;
            } else if exactly != self.timer_at {
                let left = TimeSpec::from_duration(Duration::from_nanos(exactly - now));
                let set = self.timer.set(Expiration::OneShot(left), TimerSetTimeFlags::empty());
                set.map_err(|errno| cannot_wait(errno.into()))?;
                self.timer_at = exactly;
            }
        }
        let timeout = Duration::from_nanos(wakes_at.saturating_sub(now));
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.next_tick = 0; // a signal came: check for it now
                Ok(())
            }
            Err(source) => Err(cannot_wait(source)),
        }
    }

    fn enter(&mut self, phase: Phase) {
        (self.phase, self.phase_began) = (phase, self.connections.now());
        self.report();
    }

    fn in_phase(&self) -> Duration {
        Duration::from_nanos(self.connections.now().saturating_sub(self.phase_began))
    }

    fn report(&mut self) {
        let progress = Progress {
            phase: self.phase,
            connected: self.connections.open,
            answered: self.connections.outcome.answered,
            elapsed: self.in_phase(),
        };
        (self.watch)(progress);
    }
}

fn cannot_wait(source: io::Error) -> Error {
    Error::System(SystemError::refused("wait for", "events", source))
}
