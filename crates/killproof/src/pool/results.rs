//! The results of one call, as an iterator.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::Progress;
use super::call::Call;
use super::entries::Entries;
use super::errors::{PoolError, TaskError};
use super::inboxes::Arrived;
use super::outcome;
use crate::queue::buffer::Buffer;

/// Writes an input, or says why it cannot be sent.
pub(super) type Write<I> = fn(&I, &mut Buffer) -> Result<(), String>;

/// What is called with the progress of a call.
pub(super) type OnProgress<'p> = Option<&'p (dyn Fn(Progress) + Send + Sync + 'p)>;

/// The results of a call: of [`Pool::imap`](super::Pool::imap), in the order of the inputs, or of
/// [`Pool::imap_unordered`](super::Pool::imap_unordered), as they come.
///
/// An input is pulled when there is room for it, and no further ahead of the caller than
/// [`Options::ahead`](super::Options::ahead) says. Tasks that no worker has begun are taken back when it is
/// dropped.
///
/// An item is an error if its task has no result; the next ones follow. After an error of the pool itself it ends.
pub struct Results<'p, J: Iterator, R> {
    call: Call<'p>,
    inputs: J,
    write: Write<J::Item>,
    order: Option<Order>,
    part: Part,
    on_progress: OnProgress<'p>,
    is_over: bool,
    types: PhantomData<fn() -> R>,
}

/// What has come before its turn, by the number of the first task.
#[derive(Default)]
struct Order {
    early: BTreeMap<u64, Arrived>,
    next: u64,
}

/// Results of which some are read.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    at: usize,
    task: u64,
    left: u32,
}

impl<'p, J: Iterator, R> Results<'p, J, R> {
    pub(super) fn as_they_come(call: Call<'p>, inputs: J, write: Write<J::Item>, on_progress: OnProgress<'p>) -> Self {
        let (part, types) = (Part::default(), PhantomData);
        Self { call, inputs, write, order: None, part, on_progress, is_over: false, types }
    }

    pub(super) fn in_order(call: Call<'p>, inputs: J, write: Write<J::Item>, on_progress: OnProgress<'p>) -> Self {
        Self { order: Some(Order::default()), ..Self::as_they_come(call, inputs, write, on_progress) }
    }
}

impl<J: Iterator, R: DeserializeOwned> Results<'_, J, R> {
    /// The next result, with the error of its task apart from that of the pool.
    #[inline]
    fn next_of_task(&mut self) -> Result<Option<Result<R, TaskError>>, PoolError> {
        while self.part.left == 0 {
            let Some(arrived) = self.fetch()? else { return Ok(None) };
            self.call.yields(arrived.tasks);
            if let Some(tell) = self.on_progress {
                let (done, total) = self.call.progress();
                tell(Progress { done, total });
            }
            let next = Part { bytes: arrived.bytes, at: 0, task: arrived.first, left: arrived.tasks };
            self.call.take_back(std::mem::replace(&mut self.part, next).bytes);
        }
        Ok(Some(self.part.next()))
    }

    /// All results, or the first error.
    pub(super) fn values(mut self) -> Result<Vec<R>, PoolError> {
        let mut all = Vec::new();
        while let Some(result) = self.next_of_task()? {
            all.push(result?);
        }
        Ok(all)
    }

    /// All results, with the error of each task in its place.
    pub(super) fn outcomes(mut self) -> Result<Vec<Result<R, TaskError>>, PoolError> {
        let mut all = Vec::new();
        while let Some(result) = self.next_of_task()? {
            all.push(result);
        }
        Ok(all)
    }

    fn fetch(&mut self) -> Result<Option<Arrived>, PoolError> {
        loop {
            if let Some(order) = &mut self.order
                && let Some(arrived) = order.early.remove(&order.next)
            {
                order.next += u64::from(arrived.tasks);
                return Ok(Some(arrived));
            }
            let (inputs, write) = (&mut self.inputs, self.write);
            let mut next = |content: &mut Buffer| inputs.next().map(|input| write(&input, content));
            let Some(arrived) = self.call.next(&mut next)? else { return Ok(None) };
            let Some(order) = &mut self.order else { return Ok(Some(arrived)) };
            order.early.insert(arrived.first, arrived);
        }
    }
}

impl Part {
    fn next<R: DeserializeOwned>(&mut self) -> Result<R, TaskError> {
        let mut entries = Entries::of(&self.bytes[self.at..]);
        let entry = entries.next();
        self.at = self.bytes.len() - entries.rest().len();
        let task = self.task;
        self.task += 1;
        self.left -= 1;
        match entry {
            Some((kind, content)) => outcome::read(task, kind, content),
            None => Err(TaskError::Undecodable { task, cause: "its result is not there".to_owned() }),
        }
    }
}

impl<J: Iterator, R: DeserializeOwned> Iterator for Results<'_, J, R> {
    type Item = Result<R, PoolError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.next_of_task();
        self.is_over = !matches!(next, Ok(Some(_)));
        match next {
            Ok(result) => Some(result?.map_err(PoolError::Task)),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<J: Iterator, R> fmt::Debug for Results<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").finish_non_exhaustive()
    }
}
