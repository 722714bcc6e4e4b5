//! Where a message is written before it is put, and read after it is taken.
//!
//! A buffer's capacity is never near a multiple of the page size. Otherwise the allocator would place
//! the next large value a few bytes further in its page than the buffer, and glibc's `memcpy` between
//! two such places is many times slower on processors whose `rep movsb` stumbles over that
//! (on an AMD EPYC 25 times; <https://sourceware.org/bugzilla/show_bug.cgi?id=30994>).

use std::cell::Cell;
use std::io::{self, Write};

use crate::primitive::memory::PAGE;
use crate::primitive::thread_local;

/// Up to this size a thread keeps its buffer, in bytes.
const KEPT: usize = 1 << 21;

/// The bytes of one message at a time.
#[derive(Default)]
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Room for a message of this length. Its bytes are old ones.
    #[inline]
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        self.reserve(length);
        self.0.truncate(length);
        self.0.resize(length, 0);
        &mut self.0
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    #[inline]
    fn reserve(&mut self, length: usize) {
        if length > self.0.capacity() {
            self.grow(length);
        }
    }

    /// Frees the memory of a large message.
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

/// Lends this thread's buffer, which holds the bytes of an earlier message, to `work`.
#[inline]
pub(crate) fn lend<R>(work: impl FnOnce(&mut Buffer) -> R) -> R {
    thread_local! {
        static BUFFER: Cell<Buffer> = const { Cell::new(Buffer(Vec::new())) };
    }
    // Taken, not borrowed: the serialiser of a value may itself use a queue, and gets an empty buffer then.
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    // The result is not touched here: a copy of it on the way would cost more than the lending.
    let result = work(&mut buffer);
    buffer.shrink();
    let _ = BUFFER.try_with(|place| place.set(buffer)); // fails at the end of the thread
    result
}
