//! Values as messages: `MessagePack`, with the names of fields.
//!
//! What was encoded is what is decoded. [`strict`] refuses what the format cannot carry, and [`verify`]
//! finds the rest by decoding.

mod fingerprint;
mod strict;

use std::fmt::Display;

use rmp_serde::Serializer;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::buffer::Buffer;
use crate::error::{Error, Phrase};
use fingerprint::fingerprint;
pub use strict::MAX_DEPTH;
use strict::Strict;

/// A message is not what the type's deserialiser expects.
///
/// The type of the queue's values reads other bytes than it writes: its `Serialize` and its
/// `Deserialize` do not fit together. A [verified](super::Builder::verified) queue refuses such a value at
/// `put`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub struct DecodeError {
    cause: String,
}

impl DecodeError {
    /// The reason, as a part of a message.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        Phrase::new("a message cannot be read: {}", [Phrase::name(&self.cause)])
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Unusable { operation: "read a message", cause: error.cause.into() }
    }
}

/// A value has no serial form, for this reason.
pub(crate) struct EncodeError(pub(crate) String);

#[inline]
pub(crate) fn encode<T: Serialize>(value: &T, message: &mut Buffer) -> Result<(), EncodeError> {
    message.clear();
    let mut serializer = Serializer::new(message).with_struct_map();
    Strict::whole(value).serialize(&mut serializer).map_err(|error| EncodeError(text(&error)))
}

/// The error is the caller's own, so that the value is moved once.
#[inline]
pub(crate) fn decode<T: DeserializeOwned, E: From<DecodeError>>(message: &[u8]) -> Result<T, E> {
    rmp_serde::from_slice(message).map_err(|error| DecodeError { cause: text(&error) }.into())
}

/// Refuses a message that is read as another value than the one that it was made of, or not at all.
#[cold]
pub(crate) fn verify<T: Serialize + DeserializeOwned>(value: &T, message: &[u8]) -> Result<(), EncodeError> {
    let read: Result<T, DecodeError> = decode(message);
    let copy = read.map_err(|DecodeError { cause }| EncodeError(format!("it could not be read again: {cause}")))?;
    if fingerprint(&copy) == fingerprint(value) {
        return Ok(());
    }
    let cause = "another value would be read: its Serialize and its Deserialize do not fit together";
    Err(EncodeError(cause.to_owned()))
}

#[cold]
fn text(error: &dyn Display) -> String {
    error.to_string()
}
