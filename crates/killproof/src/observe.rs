//! What the primitives report while they work: to an observer that the program installs, or to none.
//!
//! The toolkit writes no record of its own. A program that wants one implements [`Observer`] and
//! [installs](install) it, as a program installs a logger. Reports are kinds, numbers and code
//! locations: no text, no format, no file. `parking_lot`'s deadlock detector is fed in the same way
//! (<https://github.com/Amanieu/parking_lot/blob/master/core/src/parking_lot.rs>, `acquire_resource`).
//!
//! What it costs when off: nothing. An object asks for its number once, when it is made. An object
//! without a number ([`Observer::made`] returned `None`, or no observer was installed) reports
//! nothing, and its operations pay one comparison with zero.
//!
//! An observer is called while the caller may hold a lock of the toolkit: between the `begin` and
//! the `end` of a [`SpanKind::HoldLock`] or a [`SpanKind::HoldShared`]. So it must not write to a pipe or a terminal
//! there, which may block for ever, and must not wait for the object that the report is about.
//! [`Observer::released`] follows each such `end` as soon as the lock is free.
//!
//! An observer may use the toolkit. What its methods do with it is not reported, so no method is called because
//! of itself.
//!
//! ```
//! use std::num::NonZeroU32;
//! use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
//! use killproof::mutex::SharedMutex;
//! use killproof::observe::{self, Location, Object, ObjectKind, Observer, SpanKind};
//!
//! /// Counts how often a lock was taken.
//! struct Counter { made: AtomicU32, locked: AtomicU32 }
//!
//! impl Observer for Counter {
//!     fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
//!         NonZeroU32::new(self.made.fetch_add(1, Relaxed) + 1)
//!     }
//!     fn begin_here(&self, kind: SpanKind, _: Object<'_>, _: Location) -> Option<NonZeroU32> {
//!         self.locked.fetch_add(u32::from(kind == SpanKind::HoldLock), Relaxed);
//!         None
//!     }
//! }
//!
//! static COUNTER: Counter = Counter { made: AtomicU32::new(0), locked: AtomicU32::new(0) };
//! observe::install(&COUNTER)?;
//! let mutex = SharedMutex::new(0_u32)?;
//! *mutex.lock()? += 1;
//! assert_eq!(COUNTER.locked.load(Relaxed), 1);
//! # Ok::<(), killproof::Error>(())
//! ```

mod installed;
mod span;

pub use installed::install;

pub(crate) use installed::is_installed;
pub(crate) use span::{FreedSpan, HoldSpan, ObjectId, Span, SpanHere, begin, exits, released, stamp};

use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;

/// The line of code that called the operation, as `#[track_caller]` hands it on.
pub type Location = &'static std::panic::Location<'static>;

/// What kinds of objects there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A [`SharedMutex`](crate::mutex::SharedMutex).
    Mutex,
    /// A [`Queue`](crate::queue::Queue) or a [`JoinableQueue`](crate::queue::JoinableQueue).
    Queue,
    /// An [`Event`](crate::sync::Event).
    Event,
    /// A [`Barrier`](crate::sync::Barrier).
    Barrier,
    /// A [`Semaphore`](crate::sync::Semaphore).
    Semaphore,
    /// A [`Condvar`](crate::sync::Condvar).
    Condvar,
    /// A [`RwLock`](crate::sync::RwLock).
    RwLock,
}

impl ObjectKind {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 7] =
        [Self::Mutex, Self::Queue, Self::Event, Self::Barrier, Self::Semaphore, Self::Condvar, Self::RwLock];
}

// A kind that is declared and missing in the list does not compile.
const _: () = assert!(ObjectKind::ALL.len() == ObjectKind::RwLock as usize + 1);

/// Which object a report is about.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// One that asked for its number when it was made.
    Numbered(ObjectKind, NonZeroU32),
    /// A [`FileLock`](crate::file_lock::FileLock) on this path.
    File {
        /// The file that is locked.
        path: &'a Path,
        /// The lock may have several holders at once.
        shared: bool,
    },
    /// The process itself.
    Process,
    /// A child of the process.
    Child {
        /// Its name.
        name: &'a str,
        /// Its process id.
        pid: i32,
    },
    /// The child of the process that ends first.
    FirstChild,
}

/// What a caller does during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// It waits for a lock.
    WaitLock,
    /// It holds a lock.
    HoldLock,
    /// It holds a lock that others may hold meanwhile: it reads.
    HoldShared,
    /// It is blocked in `put`: the queue is full.
    WaitPut,
    /// It is blocked in `get`: the queue is empty.
    WaitGet,
    /// It is blocked in `join`: values are not done.
    WaitJoin,
    /// It works on a [`Delivery`](crate::queue::Delivery).
    Work,
    /// It waits for an event.
    WaitEvent,
    /// It waits for the other parties of a barrier.
    WaitBarrier,
    /// It waits for a permit of a semaphore.
    WaitPermit,
    /// It holds a permit.
    HoldPermit,
    /// It waits for a notification.
    WaitNotify,
    /// It waits for the end of a child: in a join, or in a destructor.
    WaitChild,
}

/// How a span ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// As it should: the lock was taken or freed, the value came, the work is done.
    #[default]
    Usual,
    /// The deadline came first.
    TimedOut,
    /// A request to end came first.
    Interrupted,
    /// A panic ended it.
    Panicked,
    /// The delivery went back to the queue undone.
    Returned,
}

/// Something that happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The caller gets a value from a queue for the first time.
    HandedOver {
        /// What [`Observer::stamp`] returned to the producer.
        from: Stamp,
    },
    /// The caller gets a value again.
    Redelivered {
        /// The last process that died with it, if one did.
        from_pid: Option<i32>,
    },
    /// A value became a dead letter.
    DeadLetter {
        /// The last process that died with it, if that is why.
        from_pid: Option<i32>,
    },
    /// The caller got a mutex whose holder died, or panicked, inside.
    OwnerDied {
        /// That holder.
        from_pid: i32,
    },
    /// This process ends by itself, right after this report.
    Exits {
        /// Its exit code.
        code: u8,
    },
}

/// Two words of the observer's own, which a queue keeps beside a message: the producer's name and the
/// time, say. They mean nothing to the toolkit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp(pub [u64; 2]);

/// A span that has begun.
///
/// It may end on another thread than the one that began it. It is dropped right after its `end`. A panic of
/// either ends there, as one of an [`Observer`] does.
pub trait OpenSpan: Send + fmt::Debug {
    /// The span ends now.
    fn end(&mut self, how: End);
}

/// What the primitives report to.
///
/// Its methods run on the thread that uses the primitive, in every process of the program. Each does nothing
/// until it is written.
///
/// A panic of a method ends there, after the program's panic hook has run: the report is lost, and the primitive
/// goes on as if there were no observer. Two panics end a child with code 101: one of [`Observer::forked`], and one
/// of the report of [`Mark::Exits`].
pub trait Observer: Sync {
    /// An object was made. `None`: it will report nothing.
    fn made(&self, kind: ObjectKind) -> Option<NonZeroU32> {
        let _ = kind;
        None
    }

    /// The caller begins a span. `None`: its end is not reported.
    fn begin(&self, kind: SpanKind, on: Object<'_>, at: Location) -> Option<Box<dyn OpenSpan>> {
        let _ = (kind, on, at);
        None
    }

    /// The caller begins a span that ends on this thread: one that a lock's guard keeps, in a single word.
    /// `None`: its end is not reported.
    fn begin_here(&self, kind: SpanKind, on: Object<'_>, at: Location) -> Option<NonZeroU32> {
        let _ = (kind, on, at);
        None
    }

    /// The span that [`Observer::begin_here`] began ends.
    fn end_here(&self, span: NonZeroU32, how: End) {
        let _ = (span, how);
    }

    /// The lock whose [`SpanKind::HoldLock`] or [`SpanKind::HoldShared`] ended last on this thread is free now.
    fn released(&self) {}

    /// Something happened at this instant.
    fn mark(&self, mark: Mark, on: Object<'_>, at: Location) {
        let _ = (mark, on, at);
    }

    /// What a queue keeps beside a message that the caller puts now. Of one that an observer puts it is the
    /// default.
    fn stamp(&self) -> Stamp {
        Stamp::default()
    }

    /// This process was forked just now, and has one thread. What the observer knows of the process is about
    /// its parent; what the toolkit knows of it ([`identity`](crate::identity)) is about itself.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
    /// use killproof::{identity, observe::{self, Observer}, process::Process, shared::Shared};
    ///
    /// struct Forks(Shared<AtomicI32>);
    ///
    /// impl Observer for Forks {
    ///     fn forked(&self) {
    ///         self.0.store(identity::process().map_or(0, |me| me.pid), Relaxed);
    ///     }
    /// }
    ///
    /// let forks: &Forks = Box::leak(Box::new(Forks(Shared::new(AtomicI32::new(0))?)));
    /// observe::install(forks)?;
    /// assert_eq!(identity::process()?.pid, std::process::id().cast_signed());
    /// let mut child = Process::new("child", || ()).start()?;
    /// child.join()?;
    /// assert_eq!(forks.0.load(Relaxed), child.pid());
    /// # Ok::<(), killproof::Error>(())
    /// ```
    fn forked(&self) {}
}
