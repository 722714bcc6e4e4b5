//! How much of a connection is still read once the shutdown has begun.

use std::io;
use std::os::fd::AsFd;

use common::socket::unread;

use crate::shutdown::Shutdown;

/// The bytes that had come when the session first looked during the shutdown, less those that it has read
/// since. `None` before that look.
///
/// Without this budget, a client that never stops sending would be read for ever.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnreadBudget(Option<usize>);

impl UnreadBudget {
    /// The most bytes that the next read may take, at most `limit`. 0: nothing more is read.
    #[inline]
    pub(crate) fn limit(&mut self, shutdown: &Shutdown, stream: impl AsFd, limit: usize) -> io::Result<usize> {
        if !shutdown.has_begun() {
            return Ok(limit);
        }
        let left = match self.0 {
            Some(left) => left,
            None => *self.0.insert(unread(stream)?),
        };
        Ok(left.min(limit))
    }

    #[inline]
    pub(crate) fn spend(&mut self, read: usize) {
        if let Some(left) = &mut self.0 {
            *left = left.saturating_sub(read);
        }
    }
}
