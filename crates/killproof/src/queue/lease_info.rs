//! What a process that does not hold a lease can know of it.

use std::time::Duration;

use super::ring::Ring;

/// A value of a [`JoinableQueue`](super::JoinableQueue) that a consumer works on: which consumer, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseInfo {
    /// The consumer's process id, in its own pid namespace.
    pub pid: i32,
    /// For how long it has held the value, to the kernel's tick (1 to 10 ms).
    pub held_for: Duration,
    /// How often the value was handed out, this time included.
    pub attempt: u32,
    /// How many of its holders died.
    pub deaths: u32,
}

/// All leases, the oldest first, as they were at some moment of the call.
pub(super) fn all(ring: &Ring) -> Vec<LeaseInfo> {
    let mut all: Vec<LeaseInfo> = ring
        .leases()
        .map(|lease| LeaseInfo {
            pid: lease.holder.pid,
            held_for: lease.held_for(),
            attempt: lease.deliveries,
            deaths: lease.deaths,
        })
        .collect();
    all.sort_by_key(|lease| std::cmp::Reverse(lease.held_for));
    all
}
