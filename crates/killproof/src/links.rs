//! The children on which this process depends: every wait of it ends when one of them fails.
//!
//! Erlang's links, <https://www.erlang.org/doc/system/ref_man_processes.html#links>, without their messages.
//! The list is the parent's alone: a forked child has a copy, which is not about its own children.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};

use crate::identity::Owner;

/// Whether this process, or the one that it was forked from, ever had a link.
static ANY: AtomicBool = AtomicBool::new(false);
static LINKS: Mutex<Links> = Mutex::new(Links { owner: None, all: Vec::new() });

struct Links {
    /// The parent.
    owner: Option<Owner>,
    all: Vec<Link>,
}

/// The name of a link: a number that this process gives once.
pub(crate) type LinkId = u64;

struct Link {
    id: LinkId,
    name: String,
    pid: i32,
    handle: Arc<OwnedFd>,
    /// How it failed.
    failure: Option<Failure>,
}

/// The end of a child that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Not 0.
    Code(i32),
    Signal(i32),
}

/// A child that failed: its name, its process id, its end.
pub(crate) type Failed = (String, i32, Failure);

/// Adds a child that was just started.
pub(crate) fn add(name: &str, pid: i32, handle: &Arc<OwnedFd>) -> LinkId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut links = lock();
    if !links.are_the_callers() {
        links.all.clear();
        links.owner = Some(Owner::caller());
    }
    links.all.push(Link { id, name: name.to_owned(), pid, handle: Arc::clone(handle), failure: None });
    ANY.store(true, Ordering::Relaxed);
    id
}

/// The child was joined, or detached: its end is known to its parent, or of no interest.
pub(crate) fn remove(id: LinkId) {
    if let Some(mut links) = mine() {
        links.all.retain(|link| link.id != id);
    }
}

/// The end of the child is no failure from now on, because the parent ends it, or has waited for it. If it has
/// failed before, that is noted for good.
pub(crate) fn settle(id: LinkId) {
    if let Some(mut links) = mine() {
        links.look();
        links.all.retain(|link| link.id != id || link.failure.is_some());
    }
}

/// The handles of all linked children that live or have failed, except one.
pub(crate) fn handles(except: Option<LinkId>) -> Vec<Arc<OwnedFd>> {
    let Some(links) = mine() else { return Vec::new() };
    let watched = links.all.iter().filter(|link| Some(link.id) != except);
    watched.map(|link| Arc::clone(&link.handle)).collect()
}

/// Whether a linked child has ended, except one, and the debugger that traces it has not let go of it yet.
pub(crate) fn is_one_untold(except: Option<LinkId>) -> bool {
    let is_untold = |link: &Link| Some(link.id) != except && link.failure.is_none() && link.has_ended();
    mine().is_some_and(|links| links.all.iter().any(is_untold))
}

/// The first linked child that has failed, except one.
pub(crate) fn failed(except: Option<LinkId>) -> Option<Failed> {
    let mut links = mine()?;
    links.look();
    let mut failed = links.all.iter().filter(|link| Some(link.id) != except);
    failed.find_map(|link| Some((link.name.clone(), link.pid, link.failure?)))
}

/// The links of this process, if it has any.
fn mine() -> Option<MutexGuard<'static, Links>> {
    let any = ANY.load(Ordering::Relaxed);
    any.then(lock).filter(|links| !links.all.is_empty() && links.are_the_callers())
}

fn lock() -> MutexGuard<'static, Links> {
    LINKS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Links {
    fn are_the_callers(&self) -> bool {
        self.owner.is_some_and(Owner::is_caller)
    }

    /// Notes which children have failed, and forgets those that have ended well.
    fn look(&mut self) {
        let polled = self.all.iter().map(|link| PollFd::new(link.handle.as_fd(), PollFlags::POLLIN));
        let mut polled: Vec<_> = polled.collect();
        let ended: Vec<_> = match poll(&mut polled, PollTimeout::ZERO) {
            Ok(0) => return,
            Ok(_) => polled.iter().map(|fd| fd.any() == Some(true)).collect(),
            // The kernel has no memory to look at all handles at once: the caller asks it for each child.
            Err(_) => vec![true; polled.len()],
        };
        let mut ended = ended.into_iter();
        self.all.retain_mut(|link| {
            if ended.next() != Some(true) || link.failure.is_some() {
                return true;
            }
            match link.end() {
                End::Failed(failure) => link.failure = Some(failure),
                End::Untold => {}
                End::OfNoInterest => return false,
            }
            true
        });
    }
}

impl Link {
    fn has_ended(&self) -> bool {
        matches!(poll(&mut [PollFd::new(self.handle.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO), Ok(1..))
    }

    /// How a child ended whose handle says that it has; it stays a zombie.
    fn end(&self) -> End {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let status = match waitid(WaitId::PidFd(self.handle.as_fd()), look) {
            Ok(Some(status)) => status,
            Ok(None) => return End::Untold,
            Err(_) => return End::OfNoInterest,
        };
        let code = status.exit_status().filter(|code| *code != 0).map(Failure::Code);
        let failure = code.or_else(|| WaitIdStatus::terminating_signal(&status).map(Failure::Signal));
        failure.map_or(End::OfNoInterest, End::Failed)
    }
}

/// The end of a child.
enum End {
    Failed(Failure),
    /// It ended well, or the kernel has reaped it and knows no more.
    OfNoInterest,
    /// A debugger traces the child. Its parent learns how it ended when the debugger has learnt it.
    Untold,
}
