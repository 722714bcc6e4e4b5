//! The loop that waits for something to happen, and the phases of a load.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use common::{Error, interrupt};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::backoff::nanos;
use crate::connection_set::Crew;
use crate::dialer::Dialer;
use crate::schedule::Pace;
use crate::{Outcome, Phase, Plan, SoFar};

/// How many events one wait brings at most.
const EVENTS: usize = 1024;
/// How often to look at timeouts and signals, and to say how far it is.
const TICK: Duration = Duration::from_millis(50);
/// The same while connections are made.
const SHORT_TICK: Duration = Duration::from_millis(2);
/// How long a server may take to close its side.
const GOODBYE: Duration = Duration::from_secs(1);
/// The clock's token: no connection has this number.
const CLOCK: Token = Token(usize::MAX);

pub(crate) struct Engine<'p, W> {
    plan: &'p Plan,
    watch: W,
    poll: Poll,
    events: Events,
    /// A wait for events is good for whole milliseconds; an open loop needs a better clock.
    clock: TimerFd,
    /// What it is set to.
    alarm: u64,
    crew: Crew<'p>,
    phase: Phase,
    /// Since when it is in this phase.
    since: u64,
    next_tick: u64,
}

impl<'p, W: FnMut(SoFar)> Engine<'p, W> {
    pub(crate) fn new(plan: &'p Plan, watch: W) -> Result<Self, Error> {
        let refused = |source: io::Error| Error::refused("wait for", "events", source);
        let poll = Poll::new().map_err(refused)?;
        let clock = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC);
        let clock = clock.map_err(|errno| refused(errno.into()))?;
        let registry = poll.registry().try_clone().map_err(refused)?;
        registry.register(&mut SourceFd(&clock.as_fd().as_raw_fd()), CLOCK, Interest::READABLE).map_err(refused)?;
        let dialer = Dialer::new(registry, &plan.addresses, plan.timeout, plan.seed);
        Ok(Self {
            plan,
            watch,
            poll,
            events: Events::with_capacity(EVENTS),
            clock,
            alarm: 0,
            crew: Crew::new(plan, dialer),
            phase: Phase::Connecting,
            since: 0,
            next_tick: 0,
        })
    }

    /// The whole load. A signal ends it with what was measured until then.
    pub(crate) fn run(mut self) -> Result<Outcome, Error> {
        let signal = match self.play() {
            Ok(()) => None,
            Err(error) if error.signal().is_some() => error.signal(),
            Err(error) => return Err(error),
        };
        Ok(Outcome { signal, ..self.crew.outcome })
    }

    fn play(&mut self) -> Result<(), Error> {
        self.enter(Phase::Connecting);
        self.connect_all()?;
        self.enter(Phase::Idle);
        self.hold_all()?;
        self.enter(Phase::Talking);
        let talked = self.talk();
        self.crew.outcome.elapsed = self.in_phase();
        self.crew.stop();
        talked?;
        self.crew.give_up();
        self.enter(Phase::Closing);
        self.close_all()
    }

    fn connect_all(&mut self) -> Result<(), Error> {
        while self.crew.greeted < self.plan.connections {
            self.turn(u64::MAX)?;
            if let Some(error) = self.crew.nobody.take() {
                let addresses: Vec<_> = self.plan.addresses.iter().map(ToString::to_string).collect();
                return Err(Error::refused("connect to", addresses.join(" or "), error));
            }
            // Until somebody has answered, each address has its own time, and `nobody` is its end.
            let gives_up = self.crew.progress.saturating_add(nanos(self.plan.timeout));
            if self.crew.greeted > 0 && self.crew.now() > gives_up {
                let why =
                    self.crew.outcome.last_trouble.take().unwrap_or_else(|| "the server accepts no more".to_owned());
                let object = format!("{} connections, only {}", self.plan.connections, self.crew.greeted);
                return Err(Error::refused("make", object, io::Error::other(why)));
            }
        }
        self.crew.outcome.connecting = self.in_phase();
        Ok(())
    }

    fn hold_all(&mut self) -> Result<(), Error> {
        let until = self.since.saturating_add(nanos(self.plan.idle));
        while self.crew.now() < until {
            self.turn(until)?;
        }
        Ok(())
    }

    fn talk(&mut self) -> Result<(), Error> {
        self.crew.start(Pace::new(self.plan.until, self.plan.rate, self.plan.connections, self.since));
        while !self.crew.is_done() {
            self.crew.advance();
            self.turn(u64::MAX)?;
        }
        Ok(())
    }

    /// Closes as a client should, the half-close first, and sees whether anything comes that nobody
    /// had asked for.
    fn close_all(&mut self) -> Result<(), Error> {
        self.crew.say_goodbye();
        let until = self.since.saturating_add(nanos(GOODBYE));
        while self.crew.connected > 0 && self.crew.now() < until {
            self.turn(until)?;
        }
        Ok(())
    }

    /// Waits until something happens, at most until `until`, and sees to it.
    fn turn(&mut self, until: u64) -> Result<(), Error> {
        self.crew.dial();
        self.wait(until)?;
        for event in &self.events {
            if event.token() != CLOCK {
                self.crew.happened(event.token().0, event);
            }
        }
        let now = self.crew.now();
        if now >= self.next_tick {
            let tick = if self.crew.dialer.dialing().is_empty() { TICK } else { SHORT_TICK };
            self.next_tick = now.saturating_add(nanos(tick.min(self.plan.timeout / 4)));
            self.crew.look_at_the_clock();
            self.tell();
            interrupt::check()?;
        }
        Ok(())
    }

    fn wait(&mut self, until: u64) -> Result<(), Error> {
        let refused = |source: io::Error| Error::refused("wait for", "events", source);
        let now = self.crew.now();
        let mut wakes = until.min(self.next_tick).min(self.crew.dialer.wakes().unwrap_or(u64::MAX));
        if let Some(precisely) = self.crew.pace.wakes(now).filter(|precisely| *precisely < wakes) {
            if precisely <= now {
                wakes = now;
            } else if precisely != self.alarm {
                let left = TimeSpec::from_duration(Duration::from_nanos(precisely - now));
                let set = self.clock.set(Expiration::OneShot(left), TimerSetTimeFlags::empty());
                set.map_err(|errno| refused(errno.into()))?;
                self.alarm = precisely;
            }
        }
        let timeout = Duration::from_nanos(wakes.saturating_sub(now));
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.next_tick = 0; // a signal: look now
                Ok(())
            }
            Err(source) => Err(refused(source)),
        }
    }

    fn enter(&mut self, phase: Phase) {
        (self.phase, self.since) = (phase, self.crew.now());
        self.tell();
    }

    fn in_phase(&self) -> Duration {
        Duration::from_nanos(self.crew.now().saturating_sub(self.since))
    }

    fn tell(&mut self) {
        let so_far = SoFar {
            phase: self.phase,
            connected: self.crew.connected,
            answered: self.crew.outcome.answered,
            elapsed: self.in_phase(),
        };
        (self.watch)(so_far);
    }
}
