//! Values as messages: `MessagePack`, with the names of fields.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::buffer::Buffer;
use crate::error::Error;

/// A message is not what the type's deserialiser expects.
///
/// The type of the queue's values reads other bytes than it writes: its `Serialize` and its
/// `Deserialize` do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message cannot be read: {cause}")]
pub struct DecodeError {
    cause: String,
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Unusable { operation: "read a message", cause: error.cause }
    }
}

/// A value has no serial form, for this reason.
pub(super) struct EncodeError(pub(super) String);

#[inline]
pub(super) fn encode<T: Serialize>(value: &T, message: &mut Buffer) -> Result<(), EncodeError> {
    message.clear();
    rmp_serde::encode::write_named(message, value).map_err(|error| EncodeError(text(&error)))
}

/// The error is the caller's own, so that the value is moved once.
#[inline]
pub(super) fn decode<T: DeserializeOwned, E: From<DecodeError>>(message: &[u8]) -> Result<T, E> {
    rmp_serde::from_slice(message).map_err(|error| DecodeError { cause: text(&error) }.into())
}

#[cold]
fn text(error: &dyn Display) -> String {
    error.to_string()
}
