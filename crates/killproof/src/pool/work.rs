//! What the workers of a pool run: one task at a time, from an input to the content of an entry.

use std::fmt::Display;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::message::{write, written};
use super::notes;
use super::outcome::{self, Kind};
use crate::foreign::caught_message;
use crate::queue::DecodeError;
use crate::queue::buffer::Buffer;
use crate::queue::codec;

/// The work of a pool. The owner and the keeper have it, and each worker begins with a copy.
pub(super) trait Work: Send + Sync {
    /// Makes what a new worker needs. The error says why it cannot be made.
    fn begin(&self) -> Result<Box<dyn Run + '_>, String>;
}

/// The work of one worker.
pub(super) trait Run {
    /// Runs the task of this number, and writes the content of its entry.
    fn run(&mut self, task: u64, input: &[u8], content: &mut Buffer) -> Kind;
}

/// A closure of an input, with what `init` made.
pub(super) struct Closure<B, F, I, S> {
    pub(super) init: B,
    pub(super) run: F,
    pub(super) types: PhantomData<fn(I) -> S>,
}

impl<B, F, I, S, E, R> Work for Closure<B, F, I, S>
where
    B: Fn() -> Result<S, E> + Send + Sync,
    F: Fn(&mut S, I) -> R + Send + Sync,
    E: Display,
    I: DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    fn begin(&self) -> Result<Box<dyn Run + '_>, String> {
        let made = caught_message(|| (self.init)().map_err(|error| error.to_string()));
        let state = made.and_then(|made| made)?;
        Ok(Box::new(WithState { state, run: &self.run, inputs: PhantomData::<fn(I)> }))
    }
}

struct WithState<'a, S, F, I> {
    state: S,
    run: &'a F,
    inputs: PhantomData<fn(I)>,
}

impl<S, F, I, R> Run for WithState<'_, S, F, I>
where
    F: Fn(&mut S, I) -> R,
    I: DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    fn run(&mut self, _: u64, input: &[u8], content: &mut Buffer) -> Kind {
        let Self { state, run, .. } = self;
        answer(content, |content| match codec::decode::<I, DecodeError>(input) {
            Ok(input) => written(&run(state, input), content).map_err(|cause| (Kind::Unserialisable, cause)),
            Err(error) => Err((Kind::Undecodable, error.to_string())),
        })
    }
}

/// A closure of an item that every worker inherits.
pub(super) struct Inherited<'a, T, F> {
    pub(super) items: &'a [T],
    pub(super) run: F,
}

impl<T: Sync, R, F> Work for Inherited<'_, T, F>
where
    F: Fn(&T) -> R + Send + Sync,
    R: Serialize + DeserializeOwned,
{
    fn begin(&self) -> Result<Box<dyn Run + '_>, String> {
        Ok(Box::new(OfItems { items: self.items, run: &self.run }))
    }
}

struct OfItems<'a, T, F> {
    items: &'a [T],
    run: &'a F,
}

impl<T, R, F> Run for OfItems<'_, T, F>
where
    F: Fn(&T) -> R,
    R: Serialize + DeserializeOwned,
{
    fn run(&mut self, task: u64, _: &[u8], content: &mut Buffer) -> Kind {
        let Some(item) = usize::try_from(task).ok().and_then(|task| self.items.get(task)) else {
            write(content, b"there is no such item");
            return Kind::Undecodable;
        };
        answer(content, |content| written(&(self.run)(item), content).map_err(|cause| (Kind::Unserialisable, cause)))
    }
}

/// Calls foreign code, and writes what it says if it fails.
#[inline]
pub(super) fn answer(content: &mut Buffer, task: impl FnOnce(&mut Buffer) -> Result<(), (Kind, String)>) -> Kind {
    // What leaves the closure is one byte: to move a larger value out of it takes longer than a short task.
    let kind = |content: &mut Buffer| match task(content) {
        Ok(()) => Kind::Value,
        Err((kind, cause)) => {
            write(content, cause.as_bytes());
            kind
        }
    };
    caught_message(|| notes::running(|| kind(content))).unwrap_or_else(|message| {
        write(content, &outcome::panicked(notes::take_place().as_deref(), &message));
        Kind::Panicked
    })
}
