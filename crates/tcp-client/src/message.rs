//! The message: a text, or the content of a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use common::Error;
use common::error::cause;
use common::words::Text;
use load::MAX_MESSAGE;

use crate::words;

/// The content of `file`, or else `text`.
///
/// # Errors
///
/// [`Error::Usage`] if it is empty; [`Error::Input`] if the file cannot be read, or is too long.
pub(crate) fn read(text: &str, file: Option<&Path>) -> Result<Vec<u8>, Error> {
    let message = match file {
        None => text.as_bytes().to_vec(),
        Some(path) => {
            let wrong = |cause: Text| Error::input("send", path.display(), cause);
            let message = content(path).map_err(|error| wrong(cause(&error)))?;
            if message.len() > MAX_MESSAGE {
                return Err(wrong(words::at_most_64_mib()));
            }
            message
        }
    };
    if message.is_empty() {
        return Err(Error::Usage(words::empty_message()));
    }
    Ok(message)
}

/// At most one byte more than a message may have: a device such as /dev/zero has no end.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_MESSAGE as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}
