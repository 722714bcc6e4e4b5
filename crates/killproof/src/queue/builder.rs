//! Queues with limits of the caller's choice.

use std::marker::PhantomData;

use super::ring::Limits;

/// The largest message of a queue, in bytes, unless its [`Builder`] sets another limit.
pub const MAX_MESSAGE: usize = 1 << 20;

/// At this number of deaths of its holders a value becomes a dead letter, unless its queue's [`Builder`] sets
/// another limit.
pub const MAX_DEATHS: u32 = 3;

/// Makes a queue with limits of its own: [`Queue::builder`](super::Queue::builder),
/// [`JoinableQueue::builder`](super::JoinableQueue::builder).
///
/// ```
/// use killproof::queue::JoinableQueue;
///
/// let dishes = JoinableQueue::<String>::builder(8).max_message(256).max_deaths(1).build()?;
/// assert_eq!(dishes.capacity(), 8);
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "no queue is made before build()"]
pub struct Builder<Q> {
    pub(super) limits: Limits,
    queue: PhantomData<fn() -> Q>,
}

impl<Q> Builder<Q> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            limits: Limits {
                capacity,
                max_message: MAX_MESSAGE,
                max_deaths: MAX_DEATHS,
                max_lease: None,
                verified: cfg!(debug_assertions),
            },
            queue: PhantomData,
        }
    }

    /// The largest message, in bytes of its serial form; [`MAX_MESSAGE`] by default.
    ///
    /// A queue takes `capacity * (max_message + 144)` bytes of address space (16 of the 144 count double
    /// where the capacity is no power of two), and about 40 kB for itself; it never grows. Real memory is
    /// taken page by page, when a message first reaches it, and slots that were used before are used again
    /// first: a queue takes as much as the most messages that it ever held at once. Messages of up to 64
    /// bytes stay in the first `capacity * 144` bytes.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.limits.max_message = bytes;
        self
    }

    /// Every producer decodes each message before it puts it, and compares what it reads with the value, by all
    /// that its `Serialize` says of both. A value that would be read as another one, or not at all, is refused
    /// with the reason. So it is in debug builds anyway.
    ///
    /// What is found in this way alone: a `Serialize` and a `Deserialize` that do not fit together, and a
    /// 128-bit integer in a type with `#[serde(tag)]`, `untagged` or `flatten`, which serde cannot read there.
    ///
    /// ```
    /// use killproof::queue::{PutError, Queue};
    ///
    /// #[derive(Debug, serde::Serialize, serde::Deserialize)]
    /// struct Door {
    ///     /// It is written, and not read again.
    ///     #[serde(skip_deserializing)]
    ///     is_open: bool,
    /// }
    ///
    /// let doors = Queue::builder(1).verified().build()?;
    /// assert!(matches!(doors.put(Door { is_open: true }), Err(PutError::Unserialisable { .. })));
    /// assert!(doors.put(Door { is_open: false }).is_ok());
    /// # Ok::<(), killproof::Error>(())
    /// ```
    pub fn verified(mut self) -> Self {
        self.limits.verified = true;
        self
    }

    /// No producer decodes its messages. So it is in release builds anyway: it takes as long as a `get`.
    pub fn unverified(mut self) -> Self {
        self.limits.verified = false;
        self
    }
}
