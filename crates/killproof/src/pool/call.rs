//! One call of a pool with many inputs: it sends chunks while there is room for them, and takes results.

use super::crew::Crew;
use super::entries::{self, words_of};
use super::errors::PoolError;
use super::inboxes::{Arrived, CallId};
use super::outcome::{self, Kind};
use super::pace::{self, Pace};
use crate::queue::buffer::Buffer;

/// Writes the next input, or says why it cannot be sent. `None`: there is none.
pub(super) type Next<'i> = dyn FnMut(&mut Buffer) -> Option<Result<(), String>> + 'i;

/// How many chunks of measured size are on their way for each worker.
const CHUNKS: u32 = 4;

pub(super) struct Call<'p> {
    crew: &'p Crew,
    id: CallId,
    pace: Pace,
    /// How many chunks may be on their way, or back and not read.
    most: u32,
    /// How many tasks may be pulled and not yet returned.
    ahead: u64,
    /// How many inputs there are, if that is known.
    total: Option<u64>,
    is_exhausted: bool,
    /// How many inputs were pulled.
    pulled: u64,
    /// Of how many tasks the results have arrived.
    arrived: u64,
    /// Of how many the caller has them.
    yielded: u64,
    chunk: Chunk,
    content: Buffer,
    /// The input in `content` did not fit into the last chunk.
    is_held: bool,
    /// Tasks that cannot be sent.
    unsent: Vec<Arrived>,
}

/// Inputs that are not sent yet.
#[derive(Default)]
struct Chunk {
    first: u64,
    tasks: u32,
    bytes: Vec<u8>,
}

impl<'p> Call<'p> {
    /// `chunk` 0: by the pace.
    pub(super) fn new(crew: &'p Crew, chunk: u32, ahead: u64, total: Option<u64>) -> Result<Self, PoolError> {
        crew.check_owner()?;
        crew.check()?;
        Ok(Self {
            crew,
            id: crew.desk().open(),
            pace: Pace::new(chunk),
            most: if chunk == 0 { CHUNKS * crew.workers } else { crew.floor.places() },
            ahead,
            total,
            is_exhausted: false,
            pulled: 0,
            arrived: 0,
            yielded: 0,
            chunk: Chunk::default(),
            content: Buffer::default(),
            is_held: false,
            unsent: Vec::new(),
        })
    }

    /// Of how many tasks the caller has the results, and of how many, if that is known.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        (self.yielded, self.total)
    }

    /// The caller has the results of this many more tasks.
    pub(super) fn yields(&mut self, tasks: u32) {
        self.yielded += u64::from(tasks);
    }

    /// Takes back the buffer of results that the caller has read.
    pub(super) fn take_back(&self, buffer: Vec<u8>) {
        self.crew.desk().keep(buffer);
    }

    /// The next results in the order in which they come. `None`: there is none any more.
    pub(super) fn next(&mut self, inputs: &mut Next<'_>) -> Result<Option<Arrived>, PoolError> {
        self.crew.check_owner()?;
        loop {
            self.feed(inputs);
            let unsent = self.unsent.pop();
            let arrived = match unsent {
                Some(unsent) => Some(unsent),
                None if self.is_exhausted && self.arrived == self.pulled => return Ok(None),
                None => self.wait()?,
            };
            if let Some(arrived) = arrived {
                self.arrived += u64::from(arrived.tasks);
                pace::note(self.crew, arrived.tasks, arrived.nanos);
                return Ok(Some(arrived));
            }
        }
    }

    /// `None`: there is room for another chunk.
    fn wait(&self) -> Result<Option<Arrived>, PoolError> {
        let sends = self.chunk.tasks > 0;
        let waited = self.crew.wait(None, |desk| match desk.take(self.id) {
            Some(arrived) => Some(Some(arrived)),
            None => (sends && desk.has_room(self.id, self.most)).then_some(None),
        })?;
        Ok(waited.flatten())
    }

    /// Sends as many chunks as there is room for.
    fn feed(&mut self, inputs: &mut Next<'_>) {
        loop {
            self.fill(inputs);
            if self.chunk.tasks == 0 || !self.send() {
                return;
            }
        }
    }

    fn send(&mut self) -> bool {
        let Chunk { first, tasks, bytes } = &self.chunk;
        let mut desk = self.crew.desk();
        if !desk.has_room(self.id, self.most)
            || !desk.send(&self.crew.floor, self.id, *first, *tasks, |words| entries::store(words, bytes))
        {
            return false;
        }
        drop(desk);
        self.chunk.tasks = 0;
        self.chunk.bytes.clear();
        true
    }

    /// Pulls inputs for the next chunk. It may stay empty.
    fn fill(&mut self, inputs: &mut Next<'_>) {
        if self.chunk.tasks > 0 {
            return;
        }
        if std::mem::take(&mut self.is_held) {
            self.push();
        }
        let left = self.total.map(|total| total.saturating_sub(self.pulled));
        let wanted = self.pace.chunk(self.crew, left, self.ahead / (2 * u64::from(self.crew.workers)));
        while !self.is_exhausted && self.chunk.tasks < wanted && self.pulled - self.yielded < self.ahead {
            let Some(written) = inputs(&mut self.content) else {
                self.is_exhausted = true;
                return;
            };
            self.pulled += 1;
            let (size, limit) = (self.content.as_slice().len(), self.crew.floor.max_message());
            match written {
                Err(cause) => self.cannot_send(Kind::Unserialisable, cause.as_bytes()),
                Ok(()) if size > limit => self.cannot_send(Kind::TooLarge, &outcome::too_large(size, limit)),
                Ok(()) if self.fits() => {
                    self.push();
                    continue;
                }
                Ok(()) => self.is_held = true,
            }
            // What follows is another chunk: the tasks of one chunk have consecutive numbers.
            if self.chunk.tasks > 0 {
                return;
            }
        }
    }

    /// Whether the input fits into the chunk. Into an empty one every input does.
    fn fits(&self) -> bool {
        let area = self.crew.floor.inputs(0).len() * entries::WORD;
        let size = words_of(self.content.as_slice().len()) * entries::WORD;
        self.chunk.tasks == 0 || self.chunk.bytes.len() + size <= area
    }

    fn push(&mut self) {
        if self.chunk.tasks == 0 {
            self.chunk.first = self.pulled - 1;
        }
        entries::push(&mut self.chunk.bytes, 0, self.content.as_slice());
        self.chunk.tasks += 1;
    }

    fn cannot_send(&mut self, kind: Kind, content: &[u8]) {
        let mut bytes = Vec::new();
        entries::push(&mut bytes, kind as u8, content);
        self.unsent.push(Arrived { first: self.pulled - 1, tasks: 1, bytes, nanos: 0 });
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        // In a forked process the desk may be locked by a thread that is not there.
        if self.crew.check_owner().is_ok() {
            let mut desk = self.crew.desk();
            desk.abandon(&self.crew.floor, self.id);
        }
    }
}
