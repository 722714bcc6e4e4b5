//! How many tasks a chunk has: as many as a worker does in a short time, so that the way there and back costs little
//! beside them, and the last chunks end together.

use std::time::Duration;

use super::crew::Crew;
use super::place::MAX_TASKS;
use crate::primitive::atomic::Ordering;

/// How long a chunk should take.
const CHUNK: Duration = Duration::from_micros(300);

/// No chunk is this much larger than the last one: the first tasks may have been the short ones.
const GROWTH: u64 = 8;

pub(super) struct Pace {
    /// What the caller wants; 0: by the pace.
    fixed: u32,
    last: u64,
}

impl Pace {
    pub(super) fn new(fixed: u32) -> Self {
        Self { fixed, last: 1 }
    }

    /// The size of the next chunk, of `left` tasks if that is known.
    pub(super) fn chunk(&mut self, crew: &Crew, left: Option<u64>, most: u64) -> u32 {
        let wanted = if self.fixed > 0 { u64::from(self.fixed) } else { self.paced(crew, left) };
        u32::try_from(wanted.clamp(1, most.max(1))).map_or(MAX_TASKS, |wanted| wanted.min(MAX_TASKS))
    }

    fn paced(&mut self, crew: &Crew, left: Option<u64>) -> u64 {
        let pace = crew.pace.load(Ordering::Relaxed);
        let by_time = u64::try_from(CHUNK.as_nanos()).unwrap_or(u64::MAX).checked_div(pace).unwrap_or(1);
        let fair = left.map_or(u64::MAX, |left| left / (2 * u64::from(crew.workers)));
        self.last = by_time.min(self.last.saturating_mul(GROWTH)).min(fair).max(1);
        self.last
    }
}

/// Notes how long tasks took.
pub(super) fn note(crew: &Crew, tasks: u32, nanos: u64) {
    let Some(new) = nanos.checked_div(u64::from(tasks)) else { return };
    let old = crew.pace.load(Ordering::Relaxed);
    // A task of 0 ns is a known one.
    let mean = if old == 0 { new } else { (3 * old + new) / 4 };
    crew.pace.store(mean.max(1), Ordering::Relaxed);
}
