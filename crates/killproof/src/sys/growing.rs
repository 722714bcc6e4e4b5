//! Shared memory that grows after the fork: a file without a name, which every process maps piece by piece.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::OnceLock;
#[cfg(not(killproof_model))]
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(killproof_model)]
use crashcheck::atomic::{AtomicU64, Ordering};
use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::resource::{Resource, getrlimit};

use super::descriptor::anonymous_file;
use super::memory::ShmSlice;
use super::shm_box::ShmBox;

const WORD: u64 = size_of::<AtomicU64>() as u64;

/// The first segment, in words. Each further one is twice as large as the one before it, so that few of them
/// hold everything, and a process maps at most twice as much as is used.
pub(crate) const FIRST: u64 = 1 << 17;
const SEGMENTS: usize = 24;

/// By how much the file grows at least and at most, in bytes.
const STEPS: (u64, u64) = (1 << 16, 1 << 20);

/// Words of shared memory, zero at first, as many as are asked for. A process that forks shares them with its
/// child, and either may ask for more.
pub(crate) struct GrowingWords {
    file: File,
    /// What this process has mapped of it. A child has its own copy of the list, with the same beginning.
    segments: [OnceLock<ShmSlice<AtomicU64>>; SEGMENTS],
    /// The number of bytes of the file that have memory. The file may have more: a process that was killed while it
    /// added some had not counted them yet.
    grown: ShmBox<AtomicU64>,
}

impl GrowingWords {
    pub(crate) fn new() -> io::Result<Self> {
        let file = anonymous_file(c"killproof")?.into();
        let grown = ShmBox::new(AtomicU64::new(0))?;
        Ok(Self { file, segments: [const { OnceLock::new() }; SEGMENTS], grown })
    }

    /// How many words can be touched for certain.
    pub(crate) fn len(&self) -> u64 {
        self.grown.load(Ordering::Acquire) / WORD
    }

    /// The words from `from` to before `until`, which are in one [segment](segment_end).
    #[inline]
    pub(crate) fn words(&self, from: u64, until: u64) -> io::Result<&[AtomicU64]> {
        let (segment, first) = segment_of(from);
        let mapped = match self.segments.get(segment).map(OnceLock::get) {
            Some(Some(mapped)) => mapped,
            _ => self.map(segment, first)?,
        };
        let place = |word: u64| usize::try_from(word - first).unwrap_or(usize::MAX);
        if until * WORD > self.grown.load(Ordering::Acquire) {
            let new = self.grow(until * WORD)?;
            mapped.populate(place(new.start.max(first))..place(new.end).min(mapped.len()));
        }
        Ok(&mapped[place(from)..place(until)])
    }

    #[cold]
    fn map(&self, segment: usize, first: u64) -> io::Result<&ShmSlice<AtomicU64>> {
        let place = self.segments.get(segment).ok_or(Errno::EFBIG)?;
        let length = usize::try_from(FIRST << segment).map_err(|_| Errno::EFBIG)?;
        let new = ShmSlice::map_file(&self.file, first * WORD, length)?;
        // Another thread may have been faster.
        Ok(place.get_or_init(|| new))
    }

    /// Gives the file memory. The memory is taken here, where the system can refuse it: a page that is missing
    /// when it is touched would be a SIGBUS. Returns which words are new.
    #[cold]
    fn grow(&self, end: u64) -> io::Result<Range<u64>> {
        let grown = self.grown.load(Ordering::Acquire);
        let step = (grown / 8).clamp(STEPS.0, STEPS.1).next_multiple_of(STEPS.0);
        // Beyond this limit the system would not only refuse but send SIGXFSZ.
        let (limit, _) = getrlimit(Resource::RLIMIT_FSIZE)?;
        let until = end.next_multiple_of(step).min(limit);
        if until < end {
            return Err(Errno::EFBIG.into());
        }
        let offset = |bytes: u64| i64::try_from(bytes).map_err(|_| Errno::EFBIG);
        if until > grown {
            let (from, length) = (offset(grown)?, offset(until - grown)?);
            // The system gives up half-way when a signal comes.
            let allocate = || fallocate(&self.file, FallocateFlags::empty(), from, length);
            std::iter::repeat_with(allocate).find(|done| *done != Err(Errno::EINTR)).unwrap_or(Ok(()))?;
        }
        self.grown.fetch_max(until, Ordering::Release);
        Ok(grown.min(until) / WORD..until / WORD)
    }
}

/// The first word behind the segment in which this word is.
#[inline]
pub(crate) fn segment_end(word: u64) -> u64 {
    let (segment, first) = segment_of(word);
    first + (FIRST << segment)
}

/// The segment in which a word is, and the first word of it.
#[inline]
pub(crate) fn segment_of(word: u64) -> (usize, u64) {
    let segment = (word / FIRST + 1).ilog2();
    (segment as usize, FIRST * ((1 << segment) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_follow_each_other_and_each_is_twice_as_large_as_the_one_before() {
        let mut first = 0;
        for segment in 0..SEGMENTS {
            let end = segment_end(first);
            assert_eq!((segment_of(first), segment_of(end - 1)), ((segment, first), (segment, first)));
            assert_eq!(end - first, FIRST << segment);
            first = end;
        }
    }
}
