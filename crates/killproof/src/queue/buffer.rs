//! Where a message is written before it is put, and read after it is taken.
//!
//! A buffer's capacity is never near a multiple of the page size. Otherwise the allocator would place
//! the next large value a few bytes further in its page than the buffer, and glibc's `memcpy` between
//! two such places is up to 25 times slower on processors whose `rep movsb` stumbles over that
//! (seen on AMD EPYC: 33 µs instead of 1.3 µs for 64 KiB; <https://sourceware.org/bugzilla/show_bug.cgi?id=30994>).

use std::cell::Cell;
use std::io::{self, Write};

const PAGE: usize = 4096;

/// Up to this size a thread keeps its buffer, in bytes.
const KEPT: usize = 1 << 21;

/// Bytes of one message at a time.
#[derive(Default)]
pub(super) struct Buffer(Vec<u8>);

impl Buffer {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Room for a message of this length, with whatever the buffer was last used for in it.
    #[inline]
    pub(super) fn room(&mut self, length: usize) -> &mut [u8] {
        self.reserve(length);
        self.0.truncate(length);
        self.0.resize(length, 0);
        &mut self.0
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    #[inline]
    fn reserve(&mut self, length: usize) {
        if length > self.0.capacity() {
            self.grow(length);
        }
    }

    /// Lets go of a large message's memory.
    #[inline]
    fn shrink(&mut self) {
        if self.0.capacity() > KEPT {
            *self = Self::default();
        }
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        let enough = length.max(2 * self.0.capacity());
        let off_the_page = enough.next_multiple_of(PAGE) + PAGE / 2;
        self.0.reserve_exact(off_the_page - self.0.len());
    }
}

impl Write for Buffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.reserve(self.0.len() + bytes.len());
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(|_| ())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lends this thread's buffer, with whatever it was last used for.
#[inline]
pub(super) fn lend<R>(work: impl FnOnce(&mut Buffer) -> R) -> R {
    crate::primitive::thread_local! {
        static BUFFER: Cell<Buffer> = const { Cell::new(Buffer(Vec::new())) };
    }
    // It is away while it is lent: where a value's own serialiser uses a queue, that one has a new one.
    // And the result goes from `work` to the caller in one step: a copy of it on the way, written in
    // one size and read in another, took a fifth of the time of a `get`.
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    let result = work(&mut buffer);
    buffer.shrink();
    let _ = BUFFER.try_with(|place| place.set(buffer)); // fails at the end of the thread
    result
}
