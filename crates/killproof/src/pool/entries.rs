//! The inputs and the results of a chunk as bytes.
//!
//! Each is an entry with a length of its own, so that one that cannot be read spoils no other one of its chunk. An
//! entry begins with a word that has its kind and its length, and fills whole words.

use crate::primitive::atomic::{AtomicU64, Ordering};

/// In bytes.
pub(super) const WORD: usize = size_of::<u64>();

const LENGTH: u64 = (1 << 56) - 1;

/// How many words an entry of this many bytes takes.
#[inline]
pub(super) const fn words_of(bytes: usize) -> usize {
    1 + bytes.div_ceil(WORD)
}

#[inline]
fn header(kind: u8, bytes: usize) -> u64 {
    u64::from(kind) << 56 | bytes as u64
}

#[inline]
fn split(header: u64) -> (u8, usize) {
    ((header >> 56) as u8, usize::try_from(header & LENGTH).unwrap_or(usize::MAX))
}

/// Appends an entry to a chunk that is still private.
#[inline]
pub(super) fn push(chunk: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    chunk.reserve(words_of(bytes.len()) * WORD);
    chunk.extend_from_slice(&header(kind, bytes.len()).to_ne_bytes());
    let (whole, rest) = bytes.as_chunks::<WORD>();
    if !whole.is_empty() {
        chunk.extend_from_slice(whole.as_flattened());
    }
    if !rest.is_empty() {
        chunk.extend_from_slice(&padded(rest));
    }
}

/// The entries of a chunk: kind and content.
pub(super) struct Entries<'a>(&'a [u8]);

impl<'a> Entries<'a> {
    pub(super) fn of(chunk: &'a [u8]) -> Self {
        Self(chunk)
    }

    /// The bytes of the entries that were not taken yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (u8, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.0.split_first_chunk::<WORD>()?;
        let (kind, length) = split(u64::from_ne_bytes(*first));
        let content = rest.get(..length)?;
        self.0 = rest.get(length.next_multiple_of(WORD)..).unwrap_or_default();
        Some((kind, content))
    }
}

/// The bytes of a last word. By hand, because a copy of a length that is not known is a call, and most entries are a
/// few bytes.
#[inline]
fn padded(rest: &[u8]) -> [u8; WORD] {
    rest.iter().rev().fold(0, |word: u64, byte| word << 8 | u64::from(*byte)).to_le_bytes()
}

/// Writes whole words of bytes into shared memory, which no other process reads meanwhile.
pub(super) fn store(words: &[AtomicU64], bytes: &[u8]) {
    let (whole, rest) = bytes.as_chunks::<WORD>();
    for (word, bytes) in words.iter().zip(whole) {
        word.store(u64::from_ne_bytes(*bytes), Ordering::Relaxed);
    }
    if !rest.is_empty() {
        words[whole.len()].store(u64::from_ne_bytes(padded(rest)), Ordering::Relaxed);
    }
}

/// Writes one entry into shared memory.
#[inline]
pub(super) fn store_entry(words: &[AtomicU64], kind: u8, bytes: &[u8]) {
    words[0].store(header(kind, bytes.len()), Ordering::Relaxed);
    store(&words[1..], bytes);
}

/// Reads words of shared memory into `bytes`, whose old content need not be cleared.
pub(super) fn load(words: &[AtomicU64], bytes: &mut Vec<u8>) {
    let length = words.len() * WORD;
    bytes.truncate(length);
    bytes.resize(length, 0);
    for (bytes, word) in bytes.as_chunks_mut::<WORD>().0.iter_mut().zip(words) {
        *bytes = word.load(Ordering::Relaxed).to_ne_bytes();
    }
}

/// Reads the entry at the beginning of `words` to the beginning of `content`, which it may fill further, and returns
/// the length of the entry in bytes.
#[inline]
pub(super) fn load_entry(words: &[AtomicU64], content: &mut Vec<u8>) -> usize {
    let (_, length) = split(words[0].load(Ordering::Relaxed));
    load(&words[1..words_of(length)], content);
    length
}

/// How many words the entry at the beginning of `words` takes.
#[inline]
pub(super) fn skip_entry(words: &[AtomicU64]) -> usize {
    words_of(split(words[0].load(Ordering::Relaxed)).1)
}
