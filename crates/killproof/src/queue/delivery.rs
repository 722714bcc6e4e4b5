//! A value that a consumer works on.

use std::marker::PhantomData;
use std::ops::Deref;
use std::panic::Location;

use serde::de::DeserializeOwned;

use super::codec::DecodeError;
use super::ring::{Lease, LockLimit, Ring, Undone};
use super::{buffer, codec, leases};
use crate::observe::{End, Mark, Span, SpanKind};
use crate::primitive::{Arc, identity};

/// A value of a [`JoinableQueue`](super::JoinableQueue) to work on: a lease of it, which dereferences to the
/// value.
///
/// [`Delivery::done`] acknowledges it. Dropped undone, the value goes back to the queue, in front, for another
/// consumer; so it does if its holder dies. If a panic drops it, that counts as a death of its holder.
///
/// The holder is the process that got it, as long as it runs the same program: an `exec` ends its leases as a
/// death does. So the work is done in the process that got it. A process forked from that one may have a copy of the
/// delivery, which does nothing: its [`done`](Delivery::done) returns false, and to drop it returns no value. A closure
/// cannot take the delivery along. It may borrow the value (`let dish = &*dish;`), or `get` one in the child.
///
/// ```compile_fail,E0277
/// use killproof::{process::Process, queue::JoinableQueue};
///
/// let dishes = JoinableQueue::<String>::new(2)?;
/// let dish = dishes.get()?;
/// Process::new("eater", move || u8::from(!dish.done())).start()?; // it is not `Send`
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// A delivery that is leaked is held until its process ends, or until the queue's
/// [`max_lease`](super::Builder::max_lease) is over; [`leases`](super::JoinableQueue::leases) names its holder.
///
/// ```
/// use killproof::queue::JoinableQueue;
///
/// let dishes = JoinableQueue::new(2)?;
/// dishes.put("rice".to_owned())?;
/// drop(dishes.get()?); // not done
/// let dish = dishes.get()?;
/// assert_eq!((dish.as_str(), dish.attempt()), ("rice", 2));
/// assert!(dish.done());
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a delivery that is dropped undone goes back to the queue"]
pub struct Delivery<T> {
    held: HeldLease,
    value: T,
    _this_process: PhantomData<*const ()>,
}

/// A lease that is returned when it is dropped, unless it has ended before.
#[derive(Debug)]
struct HeldLease {
    ring: Arc<Ring>,
    lease: Lease,
    /// The generation of the process that holds it.
    process: u64,
    ended: bool,
    /// The thread was already panicking when it took the lease: then unwinding is no death of the holder.
    in_panic: bool,
    span: Span,
}

/// Reads the value of a lease that was just taken. If the value cannot be read, it is a dead letter.
#[inline]
#[track_caller]
pub(super) fn deliver<T: DeserializeOwned, E: From<DecodeError>>(
    ring: &Arc<Ring>,
    lease: Lease,
) -> Result<Delivery<T>, E> {
    let in_panic = std::thread::panicking();
    let (ring, process) = (Arc::clone(ring), identity::generation());
    let mut held = HeldLease { ring, lease, process, ended: false, in_panic, span: Span::none() };
    let value = buffer::lend(|message| {
        held.ring.read(&held.lease.name, message);
        codec::decode(message.as_slice())
    });
    match value {
        Ok(value) => {
            held.record();
            Ok(Delivery { held, value, _this_process: PhantomData })
        }
        Err(error) => {
            // Handed out again it would be as unreadable.
            held.ended = true;
            // Refused when this process is asked to end: then its death returns the message.
            let _ = leases::reject(&held.ring, &held.lease.name);
            Err(error)
        }
    }
}

impl<T> Delivery<T> {
    /// Acknowledges the value: the work is done.
    ///
    /// False if it is not acknowledged, and another consumer does the work (again): harmless, but worth knowing.
    /// Either the lease had ended before, or this process was asked to end while it waited for a lock of the queue
    /// that a stopped process keeps; then the value goes to another consumer when this process has ended. Or the
    /// caller is a process that was forked from the holder: then the holder has the value as before.
    pub fn done(mut self) -> bool {
        if self.held.is_copy() {
            return false;
        }
        self.held.ended = true;
        // Before the acknowledgement: a process that joins sees no work that goes on.
        self.held.span.end();
        leases::ack(&self.held.ring, &self.held.lease.name).unwrap_or(false)
    }

    /// How often this value was handed out, this time included. Above 1, a part of the work may already
    /// have been done.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.held.lease.deliveries
    }

    /// How many processes died, or panicked, while they held this value, or held it longer than the queue
    /// [allows](super::Builder::max_lease).
    #[must_use]
    pub fn deaths(&self) -> u32 {
        self.held.lease.deaths
    }

    /// The process id of the last one of them, in its own pid namespace.
    #[must_use]
    pub fn last_death(&self) -> Option<i32> {
        self.held.lease.last_death
    }
}

impl<T> Deref for Delivery<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl HeldLease {
    /// In a process that was forked from the holder.
    #[inline]
    fn is_copy(&self) -> bool {
        self.process != identity::generation()
    }

    /// Reports that the work begins, and whether it had begun before.
    #[inline]
    #[track_caller]
    fn record(&mut self) {
        let (id, at) = (self.ring.id(), Location::caller());
        if !id.is_observed() {
            return;
        }
        if let Some(dead) = self.lease.last_death {
            id.mark(Mark::Redelivered { from_pid: Some(dead) }, at);
        } else if self.lease.deliveries > 1 {
            id.mark(Mark::Redelivered { from_pid: None }, at);
        } else if let Some(from) = self.ring.origin(&self.lease.name) {
            id.mark(Mark::HandedOver { from }, at);
        }
        self.span = id.begin(SpanKind::Work, at);
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if self.is_copy() {
            // The span is the holder's.
            self.span.forget();
            return;
        }
        // A value that makes its holders panic would go round for ever if it were simply requeued.
        let panicked = std::thread::panicking() && !self.in_panic;
        let (how, why) = if panicked { (End::Panicked, Undone::HolderDied) } else { (End::Returned, Undone::Returned) };
        self.span.ends(how);
        self.span.end();
        // Refused when this process is asked to end: then its death returns the message.
        let _ = leases::return_undone(&self.ring, [&self.lease.name], why, LockLimit::Forever);
    }
}
