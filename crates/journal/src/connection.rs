//! What a server writes into the journal about its clients: accepted, served, closed.
//!
//! A thread that serves one client at a time does so in a span. One that serves many at once has no
//! spans, for theirs would not nest: what it does for which client is between two marks.

use std::fmt::Display;
use std::panic::Location;

use killproof::observe::{End, OpenSpan};

use crate::kinds::{Doing, Mark};
use crate::line::{On, Value};
use crate::span::{Open, mark};

/// While it lives, the thread that made it serves one client.
#[derive(Debug)]
#[must_use = "the client is served until this is dropped"]
pub struct Serving {
    span: Option<Open>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(span) = &mut self.span {
            span.end(End::Usual);
        }
    }
}

/// Records that the caller accepted a client. Costs one load if nothing is recorded, as all of these.
#[track_caller]
pub fn accepted(client: impl Display) {
    mark(Mark::Accepted, On::Named(&client), &[], Location::caller());
}

/// Records that the caller serves one client alone from now on.
///
/// ```
/// use journal::{Journal, Show, connection};
///
/// let journal = Journal::new()?;
/// let recording = journal::watch(&journal, "main", Show::default())?;
/// connection::accepted("client 51234");
/// let serving = connection::serving("client 51234");
/// connection::closed("client 51234", 5, 5);
/// drop((serving, recording));
/// let events = journal.events_since(0)?;
/// let what: Vec<_> = events.iter().filter_map(|event| event.data.get("what").or(event.data.get("doing"))).collect();
/// assert_eq!(what, ["accepted", "connection", "closed"]);
/// assert_eq!(events[2].data["received"], 5);
/// # Ok::<(), killproof::Error>(())
/// ```
#[track_caller]
pub fn serving(client: impl Display) -> Serving {
    Serving { span: Open::begin(Doing::Connection, On::Named(&client), &[], Location::caller()) }
}

/// Records that the caller closed a connection, over which `received` and `sent` bytes came and went.
#[track_caller]
pub fn closed(client: impl Display, received: u64, sent: u64) {
    let keys = [("received", Value::Number(received)), ("sent", Value::Number(sent))];
    mark(Mark::Closed, On::Named(&client), &keys, Location::caller());
}
