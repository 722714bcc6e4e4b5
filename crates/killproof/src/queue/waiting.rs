//! Waiting for a change of the queue: awake for a moment, then asleep, and never with a lock.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::event_count::EventCount;
use super::ring::Ring;
use crate::interrupt;
use crate::observe::{End, Location, Span, SpanKind};
use crate::primitive::clock;

/// How long a waiter sleeps before it looks after the dead, and whether its run was asked to end.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// How often a waiter looks before it sleeps, after twice the time each time: some 15 microseconds in
/// all, which is what falling asleep and being woken takes on another core. With less, two that answer
/// each other would both sleep for ever: each would be asleep again before the other one is awake. Who
/// looks seldom lets the other side get ahead, and then finds several messages at once.
const LOOKS: u32 = 10;

/// How long an operation may wait.
#[derive(Clone, Copy)]
pub(super) enum Until {
    Now,
    Forever,
    Deadline(Instant),
}

impl Until {
    pub(super) fn after(timeout: Duration) -> Self {
        clock::now().checked_add(timeout).map_or(Self::Forever, Self::Deadline)
    }
}

/// Why waiting ended without what was waited for.
pub(super) enum NoMore {
    NotNow,
    TooLate,
    Interrupted(Signal),
}

impl Ring {
    /// Tries `attempt` until it gives something. In between it waits for `event`, as long as there is
    /// no `hint` that it could: a look without a lock. To the journal that is the span of `doing`.
    #[inline]
    pub(super) fn wait_for<R>(
        &self,
        kind: SpanKind,
        event: &EventCount,
        until: Until,
        at: Location,
        hint: impl Fn() -> bool,
        mut attempt: impl FnMut() -> Option<R>,
    ) -> Result<R, NoMore> {
        match attempt() {
            Some(result) => Ok(result),
            None if matches!(until, Until::Now) => self.poll(&mut attempt),
            None => self.wait_slowly(kind, event, until, at, &hint, &mut attempt),
        }
    }

    /// Whoever does not wait announces nothing: nobody has to wake it. But whoever only polls must not
    /// wait for the dead for ever.
    #[cold]
    fn poll<R>(&self, attempt: &mut dyn FnMut() -> Option<R>) -> Result<R, NoMore> {
        if let Some(signal) = interrupt::requested() {
            return Err(NoMore::Interrupted(signal));
        }
        let found = self.look_after_the_dead().then(attempt).flatten();
        found.ok_or(NoMore::NotNow)
    }

    #[cold]
    fn wait_slowly<R>(
        &self,
        kind: SpanKind,
        event: &EventCount,
        until: Until,
        at: Location,
        hint: &dyn Fn() -> bool,
        attempt: &mut dyn FnMut() -> Option<R>,
    ) -> Result<R, NoMore> {
        let mut spin = true;
        // Only who sleeps is blocked.
        let mut wait = Span::none();
        loop {
            if spin
                && comes_soon(hint)
                && let Some(result) = attempt()
            {
                return Ok(result);
            }
            // Announced before the attempt: what happens after it changes the sequence, and the sleep
            // ends at once.
            let sequence = event.announce();
            if let Some(result) = attempt() {
                return Ok(result);
            }
            // Before giving up, too: what the dead held is there to be had.
            if self.look_after_the_dead() {
                continue;
            }
            let left = match until {
                Until::Deadline(deadline) => deadline.saturating_duration_since(clock::now()),
                Until::Forever | Until::Now => TICK,
            };
            if left.is_zero() {
                wait.ends(End::TimedOut);
                return Err(NoMore::TooLate);
            }
            if wait.is_none() {
                wait = self.id.begin(kind, at);
            }
            // Whoever slept in vain will probably do so again. And it may have been asked to end: a
            // question to the kernel that somebody who was woken need not ask.
            spin = event.sleep(sequence, left.min(TICK));
            if !spin && let Some(signal) = interrupt::requested() {
                wait.ends(End::Interrupted);
                return Err(NoMore::Interrupted(signal));
            }
        }
    }
}

/// Looks for a while whether there is a `hint`.
fn comes_soon(hint: &dyn Fn() -> bool) -> bool {
    for look in 0..LOOKS {
        for _ in 0..1 << look {
            crate::primitive::hint::spin_loop();
        }
        if hint() {
            return true;
        }
    }
    false
}
