//! Waiting for a change of a queue: awake for a moment, then asleep, and never with a lock held.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::recovery;
use super::ring::{LockLimit, Ring, TICK};
use crate::event_count::EventCount;
use crate::observe::{End, Location, Span, SpanKind};
use crate::primitive::{clock, hint, interrupt};

/// How long an operation waits for what it cannot have at once.
pub(super) trait Patience: Copy {
    /// What a wait returns that reached its limit. Where there is no limit the type has no value, so that
    /// `put`, say, cannot return that it timed out.
    type Limit;

    /// How long the operation waits for a lock of the queue.
    fn lock_limit(self) -> LockLimit;

    /// The limit is reached. The caller waited for a lock of the queue, if there is a holder: the id of the
    /// thread that kept it.
    fn reached(holder: Option<i32>) -> Self::Limit;

    /// Waits until an attempt succeeds.
    fn wait<R>(self, wait: Wait<'_>, looks: Looks<'_, R>) -> Result<R, Unmet<Self::Limit>>;
}

/// Not at all.
#[derive(Clone, Copy)]
pub(super) struct Now;

#[derive(Clone, Copy)]
pub(super) struct Forever;

/// Until this instant; `None`: it is further away than the clock can tell.
#[derive(Clone, Copy)]
pub(super) struct Until(Option<Instant>);

/// What [`Now`] returns.
pub(super) struct NotNow {
    /// The thread that kept a lock of the queue.
    pub(super) stalled: Option<i32>,
}

/// What [`Until`] returns.
pub(super) struct TimedOut {
    /// The thread that kept a lock of the queue.
    pub(super) stalled: Option<i32>,
}

/// Why a wait ended without what the caller waited for.
pub(super) enum Unmet<L> {
    Limit(L),
    /// The process was asked to end.
    Interrupted(Signal),
    /// No process is left that could bring about what the caller waits for.
    InVain,
}

/// What a caller waits for, and on which queue.
#[derive(Clone, Copy)]
pub(super) struct Wait<'a> {
    pub(super) ring: &'a Ring,
    pub(super) event: &'a EventCount,
    /// For the observer, if the caller has to sleep.
    pub(super) kind: SpanKind,
    pub(super) at: Location,
    /// Whether no process is left that could bring about what the caller waits for. Asked after a sleep in vain.
    pub(super) is_in_vain: &'a dyn Fn() -> bool,
}

/// How a waiter looks for what it waits for.
pub(super) struct Looks<'a, R> {
    /// Without a lock: whether an attempt may succeed.
    hint: &'a dyn Fn() -> bool,
    attempt: &'a mut dyn FnMut() -> Option<R>,
}

impl Until {
    pub(super) fn after(timeout: Duration) -> Self {
        Self(clock::now().checked_add(timeout))
    }
}

impl Patience for Now {
    type Limit = NotNow;

    #[inline]
    fn lock_limit(self) -> LockLimit {
        LockLimit::Glance
    }

    fn reached(stalled: Option<i32>) -> NotNow {
        NotNow { stalled }
    }

    #[cold]
    fn wait<R>(self, wait: Wait<'_>, looks: Looks<'_, R>) -> Result<R, Unmet<NotNow>> {
        wait.poll(looks)?.ok_or(Unmet::Limit(NotNow { stalled: None }))
    }
}

impl Patience for Forever {
    type Limit = Infallible;

    #[inline]
    fn lock_limit(self) -> LockLimit {
        LockLimit::Forever
    }

    fn reached(_: Option<i32>) -> Infallible {
        unreachable!("a wait for ever has no limit, neither has its wait for a lock")
    }

    #[cold]
    fn wait<R>(self, wait: Wait<'_>, looks: Looks<'_, R>) -> Result<R, Unmet<Infallible>> {
        wait.sleep(looks, || Ok(TICK))
    }
}

impl Patience for Until {
    type Limit = TimedOut;

    #[inline]
    fn lock_limit(self) -> LockLimit {
        self.0.map_or(LockLimit::Forever, LockLimit::Until)
    }

    fn reached(stalled: Option<i32>) -> TimedOut {
        TimedOut { stalled }
    }

    #[cold]
    fn wait<R>(self, wait: Wait<'_>, looks: Looks<'_, R>) -> Result<R, Unmet<TimedOut>> {
        wait.sleep(looks, || {
            let Some(deadline) = self.0 else { return Ok(TICK) };
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() { Err(TimedOut { stalled: None }) } else { Ok(left) }
        })
    }
}

impl Wait<'_> {
    /// Tries `attempt` until it succeeds. Before it tries again, a spinning waiter asks `hint`, which looks
    /// without a lock.
    #[inline]
    pub(super) fn until<R, P: Patience>(
        self,
        patience: P,
        hint: impl Fn() -> bool,
        mut attempt: impl FnMut() -> Option<R>,
    ) -> Result<R, Unmet<P::Limit>> {
        match attempt() {
            Some(result) => Ok(result),
            None => patience.wait(self, Looks { hint: &hint, attempt: &mut attempt }),
        }
    }

    /// A second look, after a check for dead processes: a caller that only polls must get what they held,
    /// too. It announces no sleeper, so that no other process wakes one.
    fn poll<R, L>(self, looks: Looks<'_, R>) -> Result<Option<R>, Unmet<L>> {
        if let Some(signal) = interrupt::requested() {
            return Err(Unmet::Interrupted(signal));
        }
        if let Some(result) = recovery::recover(self.ring).then(looks.attempt).flatten() {
            return Ok(Some(result));
        }
        if (self.is_in_vain)() { Err(Unmet::InVain) } else { Ok(None) }
    }

    /// `left` returns how long the waiter may still sleep.
    fn sleep<R, L>(self, looks: Looks<'_, R>, left: impl Fn() -> Result<Duration, L>) -> Result<R, Unmet<L>> {
        let Looks { hint, attempt } = looks;
        let mut spin = true;
        // Begun only when the caller really sleeps.
        let mut blocked = Span::none();
        loop {
            if spin
                && comes_soon(hint)
                && let Some(result) = attempt()
            {
                return Ok(result);
            }
            // Before the attempt: a change after it changes the sequence, and the sleep ends at once.
            let sequence = self.event.announce();
            if let Some(result) = attempt() {
                return Ok(result);
            }
            // Before the deadline counts: what dead processes held may be what the caller waits for.
            if recovery::recover(self.ring) {
                continue;
            }
            let left = left().map_err(Unmet::Limit).inspect_err(|_| blocked.ends(End::TimedOut))?;
            if blocked.is_none() {
                blocked = self.ring.id().begin(self.kind, self.at);
            }
            // A waiter that slept in vain does not spin before its next sleep, which will probably be in vain,
            // too. And it may have been asked to end: a waiter that was woken need not ask the kernel.
            spin = self.event.sleep(sequence, left.min(TICK));
            if spin {
                continue;
            }
            if let Some(signal) = interrupt::requested() {
                blocked.ends(End::Interrupted);
                return Err(Unmet::Interrupted(signal));
            }
            if (self.is_in_vain)() {
                return Err(Unmet::InVain);
            }
        }
    }
}

/// Spins for a moment. True as soon as there is a `hint`.
fn comes_soon(hint: &dyn Fn() -> bool) -> bool {
    for look in 0..hint::LOOKS {
        for _ in 0..1 << look {
            hint::spin_loop();
        }
        if hint() {
            return true;
        }
    }
    false
}
