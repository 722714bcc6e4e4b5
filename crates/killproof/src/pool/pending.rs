//! One task that was submitted.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::crew::Crew;
use super::desk::Desk;
use super::entries::{self, Entries};
use super::errors::{PoolError, TaskError};
use super::inboxes::{Arrived, CallId};
use super::{outcome, pace};
use crate::error::Error;
use crate::primitive::clock;
use crate::queue::buffer::Buffer;

/// A task that was submitted: Python's `AsyncResult`, or `Future`.
///
/// Dropping it does not end the task: it runs, and its result is dropped. To take it back before a worker takes it,
/// [`cancel`](Pending::cancel) it.
#[must_use = "without it the result is dropped"]
pub struct Pending<'p, R> {
    crew: &'p Crew,
    id: CallId,
    state: State,
    result: PhantomData<fn() -> R>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Cancelled,
    /// The caller has its result.
    Taken,
}

impl<'p, R> Pending<'p, R> {
    /// Sends the input in `content`. Waits while there is no room.
    pub(super) fn send(crew: &'p Crew, content: &Buffer) -> Result<Self, PoolError> {
        crew.check_owner()?;
        crew.check()?;
        let id = crew.desk().open();
        let pending = Self { crew, id, state: State::Open, result: PhantomData };
        let bytes = content.as_slice();
        let write = |desk: &mut Desk| {
            desk.send(&crew.floor, id, 0, 1, |words| entries::store_entry(words, 0, bytes)).then_some(())
        };
        crew.wait(None, write)?;
        Ok(pending)
    }

    /// Whether a call of [`wait`](Pending::wait) would return at once. False in a process that was forked from the
    /// owner of the pool.
    #[must_use]
    pub fn is_done(&self) -> bool {
        if self.state != State::Open {
            return true;
        }
        let mut has_any = |desk: &mut Desk| desk.has_any(self.id).then_some(());
        self.crew.check_owner().is_ok() && self.crew.look(&mut has_any).is_some()
    }

    /// Takes the task back, unless a worker has taken it: then it returns false, and the task goes on. The result of a
    /// cancelled task is [`TaskError::Cancelled`].
    pub fn cancel(&mut self) -> bool {
        let is_cancelled = self.state == State::Open
            && self.crew.check_owner().is_ok()
            && self.crew.desk().cancel(&self.crew.floor, self.id);
        if is_cancelled {
            self.state = State::Cancelled;
        }
        is_cancelled
    }

    /// The first of `pendings` that is done.
    pub(super) fn first_done(crew: &Crew, pendings: &[Self]) -> Result<usize, PoolError> {
        let unusable = |cause: &'static str| Error::Unusable { operation: "wait for a task", cause: cause.into() };
        if pendings.is_empty() {
            return Err(unusable("there is none").into());
        }
        if pendings.iter().any(|pending| !std::ptr::eq(pending.crew, crew)) {
            return Err(unusable("it is a task of another pool").into());
        }
        let is_done = |desk: &mut Desk, pending: &Self| pending.state != State::Open || desk.has_any(pending.id);
        let found = crew.wait(None, |desk| pendings.iter().position(|pending| is_done(desk, pending)))?;
        // Without a deadline a wait ends with what it is for.
        Ok(found.unwrap_or_default())
    }
}

impl<R: DeserializeOwned> Pending<'_, R> {
    /// Waits for the result.
    ///
    /// # Errors
    ///
    /// [`PoolError::Task`] if the task has none; all others if the pool cannot go on.
    pub fn wait(mut self) -> Result<R, PoolError> {
        loop {
            if let Some(result) = self.wait_timeout(Duration::MAX)? {
                return Ok(result);
            }
        }
    }

    /// Waits for the result, for at most `timeout`. `None`: it is not there yet.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Pending::wait), and [`Error::Unusable`] if the result was taken before.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<R>, PoolError> {
        match self.state {
            State::Open => {}
            State::Cancelled => return Err(TaskError::Cancelled { task: 0 }.into()),
            State::Taken => {
                let cause = "its result was taken before".into();
                return Err(Error::Unusable { operation: "wait for a task", cause }.into());
            }
        }
        let deadline = clock::now().checked_add(timeout);
        let Some(arrived) = self.crew.wait(deadline, |desk| desk.take(self.id))? else { return Ok(None) };
        self.state = State::Taken;
        let Arrived { bytes, nanos, .. } = arrived;
        pace::note(self.crew, 1, nanos);
        let result = match Entries::of(&bytes).next() {
            Some((kind, content)) => outcome::read(0, kind, content),
            None => Err(TaskError::Undecodable { task: 0, cause: "its result is not there".to_owned() }),
        };
        self.crew.desk().keep(bytes);
        Ok(Some(result?))
    }

    /// The result, if it is there.
    ///
    /// # Errors
    ///
    /// Those of [`wait_timeout`](Pending::wait_timeout).
    pub fn try_take(&mut self) -> Result<Option<R>, PoolError> {
        self.wait_timeout(Duration::ZERO)
    }
}

impl<R> Drop for Pending<'_, R> {
    fn drop(&mut self) {
        if self.crew.check_owner().is_ok() {
            self.crew.desk().forget(self.id);
        }
    }
}

impl<R> fmt::Debug for Pending<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("state", &self.state).finish_non_exhaustive()
    }
}
