//! Which consumers hold leases, and whether one is left.

use std::io;
use std::time::Duration;

use super::locking::{LockLimit, NoLock};
use super::{LeaseName, Ring};
use crate::primitive::atomic::Ordering;
use crate::primitive::clock;
use crate::queue::consumers_registry::{Consumer, ConsumerId, ConsumersRegistry};
use crate::queue::slots::Kind;

/// A lease as a process sees it that looks at all of them.
pub(in crate::queue) struct HeldLease {
    pub(in crate::queue) name: LeaseName,
    pub(in crate::queue) holder: Consumer,
    pub(in crate::queue) turn: u64,
    /// In nanoseconds since boot.
    pub(in crate::queue) since: u64,
    pub(in crate::queue) deliveries: u32,
    pub(in crate::queue) deaths: u32,
}

/// Why the calling process is no consumer.
pub(in crate::queue) enum NoConsumer {
    NoLock(NoLock),
    Refused(io::Error),
}

impl Ring {
    /// Each lease. It may have ended, and another consumer may hold the slot, before the caller looks at it.
    pub(in crate::queue) fn leases(&self) -> impl Iterator<Item = HeldLease> {
        let leased = self.used_slots().filter(|(_, slot)| slot.state().kind == Kind::Leased);
        leased.map(|(number, slot)| HeldLease {
            // Before its holder: the holder is that of this lease, or of a later one.
            name: LeaseName::new(number, slot.lease()),
            holder: slot.holder(),
            turn: slot.turn(),
            since: slot.since(),
            deliveries: slot.deliveries(),
            deaths: slot.state().deaths.into(),
        })
    }

    /// Whether its holder is dead.
    pub(in crate::queue) fn is_dead(&self, holder: ConsumerId) -> bool {
        self.registry.as_ref().is_some_and(|registry| !registry.is_alive(holder))
    }

    /// Whether its holder has held it for too long.
    pub(in crate::queue) fn is_overdue(&self, lease: &HeldLease) -> bool {
        let max_lease = self.header.status.max_lease.load(Ordering::Relaxed);
        max_lease != 0 && lease.held_for() > Duration::from_nanos(max_lease)
    }

    /// The calling process as a consumer of leases. It enters the registry the first time.
    #[inline]
    pub(in crate::queue) fn consumer(&self, limit: LockLimit) -> Result<Consumer, NoConsumer> {
        match self.registry.as_ref().and_then(ConsumersRegistry::entered) {
            Some(me) => Ok(me),
            None => self.enter(limit),
        }
    }

    #[cold]
    fn enter(&self, limit: LockLimit) -> Result<Consumer, NoConsumer> {
        let unsupported = || NoConsumer::Refused(io::ErrorKind::Unsupported.into());
        let registry = self.registry.as_ref().ok_or_else(unsupported)?;
        registry.announce().map_err(NoConsumer::Refused)?;
        let _head = self.lock_head(limit).map_err(NoConsumer::NoLock)?;
        Ok(registry.enter())
    }

    /// Whether messages are unfinished, every consumer has been dead for a while, and no successor has come. The
    /// calling thread is no consumer, unless this process holds a lease.
    pub(in crate::queue) fn is_abandoned(&self) -> bool {
        let Some(registry) = &self.registry else { return false };
        let are_dead = registry.all_others_are_dead() && !self.leases().any(|lease| registry.is_me(lease.holder.id));
        self.grace.is_over(are_dead, self.deliveries())
    }
}

impl HeldLease {
    /// For how long its holder has held it.
    pub(in crate::queue) fn held_for(&self) -> Duration {
        Duration::from_nanos(clock::coarse_uptime_nanos().saturating_sub(self.since))
    }
}
