//! How much of a run without an end is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use killproof::Error;
use killproof::shared::Shared;

use crate::kinds::Mark;
use crate::line;

/// How much room there is. All processes of the run count together.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    most: u64,
    /// Called once, when it is full.
    full: fn(u64),
    written: Arc<Shared<AtomicU64>>,
}

impl Bound {
    pub(crate) fn new(most: u64, full: fn(u64)) -> Result<Self, Error> {
        Ok(Self { most, full, written: Arc::new(Shared::new(AtomicU64::new(0))?) })
    }

    /// What to write instead of `lines`, which is one event: themselves, as long as there is room; once,
    /// that there is none any more; then nothing.
    pub(crate) fn admit<'a>(&self, lines: &'a [u8], last: &'a mut Vec<u8>) -> &'a [u8] {
        let size = lines.len() as u64;
        let before = self.written.fetch_add(size, Ordering::Relaxed);
        if before + size <= self.most {
            return lines;
        }
        if before > self.most {
            // Not counted: a run that goes on for ever must not come to the end of the numbers.
            self.written.fetch_sub(size, Ordering::Relaxed);
            return &[];
        }
        (self.full)(self.most);
        line::replace_kind(last, lines, Mark::RecordFull);
        last
    }
}
