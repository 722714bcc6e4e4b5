//! How much of a run without an end is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, complain};
use crate::shared::Shared;

/// At most so much is kept of a run that has no end of its own, in bytes: about 100,000 events.
pub(crate) const MOST: u64 = 16 << 20;

/// How much room there is. All processes of the run count together.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    /// Who says that it is full.
    program: &'static str,
    most: u64,
    written: Arc<Shared<AtomicU64>>,
}

impl Bound {
    pub(super) fn new(program: &'static str, most: u64) -> Result<Self, Error> {
        Ok(Self { program, most, written: Arc::new(Shared::new(AtomicU64::new(0))?) })
    }

    /// What to write instead of `lines`, which is one event: themselves, as long as there is room; once,
    /// that there is none any more; then nothing.
    pub(super) fn admit<'a>(&self, lines: &'a [u8], full: &'a mut Vec<u8>) -> &'a [u8] {
        let size = lines.len() as u64;
        let before = self.written.fetch_add(size, Ordering::Relaxed);
        if before + size <= self.most {
            return lines;
        }
        if before > self.most {
            // Counted no further: a run that goes on for ever must not come to the end of the numbers.
            self.written.fetch_sub(size, Ordering::Relaxed);
            return &[];
        }
        let told = format!("the record of the run is full at {} KiB: pictures end here", self.most >> 10);
        complain(self.program, told);
        full.extend_from_slice(beginning(lines));
        full.extend_from_slice(b"mark\",\"what\":\"record full\",\"on\":\"\"}\n");
        full
    }
}

/// The part of a line that says who made it and when, which all lines begin with.
fn beginning(line: &[u8]) -> &[u8] {
    // A quote in a name is escaped, so the first place that looks like the key is the key.
    let key = b"\"kind\":\"";
    let place = line.windows(key.len()).position(|part| part == key);
    place.map_or(&[], |place| &line[..place + key.len()])
}
