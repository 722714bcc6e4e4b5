//! Inputs and results as messages.

use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::queue::buffer::Buffer;
use crate::queue::codec::{self, EncodeError};

/// Serialises a value, or says why that cannot be. A debug build reads it again, as a producer of a queue does.
#[inline]
pub(super) fn written<T: Serialize + DeserializeOwned>(value: &T, content: &mut Buffer) -> Result<(), String> {
    let mut written = codec::encode(value, content);
    if cfg!(debug_assertions) {
        written = written.and_then(|()| codec::verify(value, content.as_slice()));
    }
    written.map_err(|EncodeError(cause)| cause)
}

/// Writes this content and no other.
pub(super) fn write(content: &mut Buffer, bytes: &[u8]) {
    content.clear();
    // A buffer in memory takes all.
    let _ = content.write_all(bytes);
}
