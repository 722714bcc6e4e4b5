//! Barriers: parties that wait for each other, again and again.

mod state;

use std::mem;
use std::panic::Location;
use std::time::Duration;

use super::Wait;
use crate::error::{Error, Phrase};
use crate::observe::{self, ObjectId, ObjectKind, SpanKind};

pub use state::MAX_PARTIES;
use state::{Arrived, Meeting, Outcome};

/// No party passes before all have arrived.
///
/// Python's `multiprocessing.Barrier`. Like [`std::sync::Barrier`], but between processes and with a deadline: a party
/// that was killed on its way never arrives. It can be used again and again: when all have passed, the next
/// meeting begins.
///
/// | | Python | here |
/// |---|---|---|
/// | a party's time is up, or it is asked to end | the barrier is broken for all | its arrival is taken back, and it may come again |
/// | a party is killed on its way | the others wait until their time is up | the same; a parent that sees the death may [`abort`](Self::abort) |
/// | a party is killed while it waits | the others wait until their time is up | it has arrived, and the others pass |
/// | `abort` | the barrier is broken until `reset` | the same |
/// | the leader | the party whose `wait` returns 0 | [`elect`](Self::elect) |
///
/// ```
/// use std::time::Duration;
/// use killproof::{process::Process, sync::Barrier};
///
/// let barrier = Barrier::new(2)?;
/// let patience = Duration::from_secs(10);
/// let comes_twice = || barrier.wait(patience).and_then(|()| barrier.wait(patience));
/// let mut child = Process::new("comes twice", comes_twice).start()?;
/// barrier.wait(patience)?; // alone it would wait in vain
/// barrier.wait(patience)?;
/// assert!(child.join()?.success());
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Debug)]
pub struct Barrier {
    meeting: Meeting,
    id: ObjectId,
}

/// What a party learns when it passes a [`Barrier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this is the party that arrived last. At each meeting that is true for one party, unless that one dies.
    #[must_use]
    pub fn is_leader(self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier for `parties` processes or threads. With 0 or 1 no party waits.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] if there are more than [`MAX_PARTIES`]; [`Error::Refused`] if the system gives no memory.
    pub fn new(parties: u32) -> Result<Self, Error> {
        if parties > MAX_PARTIES {
            let cause = Phrase::new("its parties are more than {}", [MAX_PARTIES.into()]);
            return Err(Error::Unusable { operation: "make a barrier", cause });
        }
        let meeting = Meeting::new(parties).map_err(|source| Error::refused("share", "a barrier", source))?;
        Ok(Self { meeting, id: ObjectId::new(ObjectKind::Barrier) })
    }

    /// Arrives at the barrier and waits for the other parties, for at most `deadline`.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if they did not arrive by then; [`Error::Interrupted`] if this process is
    /// asked to end meanwhile; [`Error::Unusable`] if the barrier is broken, or breaks. Then no other party has passed.
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        self.wait_while(deadline, || Ok::<(), Error>(()))
    }

    /// Like [`Barrier::wait`], and elects one of the parties: for what one of them has to do before all go on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::sync::Barrier;
    ///
    /// let barrier = Barrier::new(1)?;
    /// assert!(barrier.elect(Duration::ZERO)?.is_leader());
    /// # Ok::<(), killproof::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Barrier::wait`].
    #[track_caller]
    pub fn elect(&self, deadline: Duration) -> Result<BarrierWaitResult, Error> {
        self.arrive_and_wait(deadline, || Ok::<(), Error>(()), Location::caller())
    }

    /// Like [`Barrier::wait`], but calls `look` some ten times a second meanwhile, and an error of `look`
    /// ends the wait. It is for a caller that can see that another party was killed on its way.
    ///
    /// # Errors
    ///
    /// Those of [`Barrier::wait`], and what `look` returns, at most some 100 ms later. If the last party arrives
    /// while `look` fails, the barrier is open, and the wait ends without an error.
    #[track_caller]
    pub fn wait_while<E: From<Error>>(&self, deadline: Duration, look: impl FnMut() -> Result<(), E>) -> Result<(), E> {
        self.arrive_and_wait(deadline, look, Location::caller()).map(drop)
    }

    fn arrive_and_wait<E: From<Error>>(
        &self,
        deadline: Duration,
        look: impl FnMut() -> Result<(), E>,
        at: observe::Location,
    ) -> Result<BarrierWaitResult, E> {
        let mut arrival = match self.meeting.arrive() {
            Arrived::Last => return Ok(BarrierWaitResult(true)),
            Arrived::Broken => return Err(broken().into()),
            Arrived::Waits { generation } => Arrival { meeting: &self.meeting, generation, counts: true },
        };
        let wait =
            Wait { object: self.id, kind: SpanKind::WaitBarrier, what: "all parties of a barrier", deadline, at };
        let waited = wait.until(self.meeting.word(), |_| self.meeting.outcome(arrival.generation).is_some(), look);
        match (arrival.take_back(), waited) {
            (Some(Outcome::Passed), _) => Ok(BarrierWaitResult(false)),
            (Some(Outcome::Broken), _) => Err(broken().into()),
            (None, Err(error)) => Err(error),
            // It waited until there was an outcome, so nothing was to be taken back.
            (None, Ok(())) => unreachable!("an arrival was taken back from a meeting that was over"),
        }
    }

    /// Breaks the barrier: every wait at it ends with an error, now and from now on, until it is [reset](Self::reset).
    ///
    /// It is for a party that cannot come, and for a parent that sees that a party has died.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::{process::Process, sync::Barrier};
    ///
    /// let barrier = Barrier::new(2)?;
    /// let mut waits = Process::new("waits", || u8::from(barrier.wait(Duration::MAX).is_ok())).start()?;
    /// barrier.abort(); // the other party will not come
    /// assert!(waits.join()?.success() && barrier.is_broken());
    /// barrier.reset();
    /// assert!(!barrier.is_broken());
    /// # Ok::<(), killproof::Error>(())
    /// ```
    pub fn abort(&self) {
        self.meeting.abort();
    }

    /// Begins a new meeting. Parties that wait get the error of a broken barrier, and those that come from now on wait
    /// for each other.
    pub fn reset(&self) {
        self.meeting.reset();
    }

    /// Whether it was [aborted](Self::abort) and not [reset](Self::reset) since.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.meeting.is_broken()
    }

    /// How many parties have to come.
    #[must_use]
    pub fn parties(&self) -> u32 {
        self.meeting.parties()
    }

    /// How many parties have arrived at this meeting, killed ones included.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.meeting.arrived()
    }
}

fn broken() -> Error {
    Error::Unusable { operation: "wait at a barrier", cause: "it is broken".into() }
}

/// One party's arrival. Its wait may end while the last party arrives: either the barrier opens with it, or it is
/// taken back and does not count.
struct Arrival<'a> {
    meeting: &'a Meeting,
    generation: u32,
    counts: bool,
}

impl Arrival<'_> {
    /// `None`: it is taken back. Otherwise what came of the meeting.
    fn take_back(&mut self) -> Option<Outcome> {
        mem::take(&mut self.counts).then(|| self.meeting.take_back(self.generation)).flatten()
    }
}

impl Drop for Arrival<'_> {
    /// A panic of the caller's `look` ends the wait, too.
    fn drop(&mut self) {
        self.take_back();
    }
}
