//! What a server writes into the journal about its clients: accepted, served, closed.
//!
//! Who serves one client at a time does so in a span. Who serves many at once has no spans, for
//! theirs would not nest: what it does for whom is between two marks.

use std::fmt::Display;
use std::panic::Location;

use super::doing::Doing;
use super::span::{Span, What, begin, mark};

/// While it lives, the thread that made it serves one client.
#[derive(Debug)]
#[must_use = "the client is served until this is dropped"]
pub struct Serving {
    _span: Span,
}

/// Notes that the caller accepted a client. Costs a look at whether anybody records, as all of these.
#[track_caller]
pub fn accepted(client: impl Display) {
    mark(What::Accepted, &client, &[], Location::caller());
}

/// Notes that the caller serves a client, and nobody else, from now on.
///
/// ```
/// use common::journal::{Journal, connection};
///
/// let journal = Journal::new()?;
/// let recording = journal.watch("main")?;
/// connection::accepted("client 51234");
/// let serving = connection::serving("client 51234");
/// connection::closed("client 51234", 5, 5);
/// drop((serving, recording));
/// let events = journal.events_since(0)?;
/// let what: Vec<_> = events.iter().filter_map(|event| event.data.get("what").or(event.data.get("doing"))).collect();
/// assert_eq!(what, ["accepted", "connection", "closed"]);
/// assert_eq!(events[2].data["received"], 5);
/// # Ok::<(), common::Error>(())
/// ```
#[track_caller]
pub fn serving(client: impl Display) -> Serving {
    Serving { _span: begin(Doing::Connection, &client, &[], Location::caller()) }
}

/// Notes that the caller closed a connection, over which so many bytes came and went.
#[track_caller]
pub fn closed(client: impl Display, received: u64, sent: u64) {
    mark(What::Closed, &client, &[("received", &received), ("sent", &sent)], Location::caller());
}
