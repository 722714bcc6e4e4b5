//! What an actor reads from a file that others change, and what it writes there, as marks with the number.

use std::panic::Location;
use std::path::Path;

use crate::kinds::Mark;
use crate::line::{On, Value};
use crate::span::mark;

/// Records that the caller has just read `value` from a file. Costs one load if nothing is recorded.
///
/// ```
/// use std::path::Path;
/// use journal::{Journal, Show, access};
///
/// let journal = Journal::new()?;
/// let recording = journal::watch(&journal, "main", Show::default())?;
/// access::read(Path::new("data/tickets.json"), 5);
/// access::written(Path::new("data/tickets.json"), 4);
/// drop(recording);
/// let events = journal.events_since(0)?;
/// let told: Vec<_> = events.iter().map(|event| ["what", "on", "value"].map(|key| event.data[key].clone())).collect();
/// assert_eq!(told[0], ["read".into(), "tickets.json".into(), serde_json::json!(5)]);
/// assert_eq!(told[1], ["write".into(), "tickets.json".into(), serde_json::json!(4)]);
/// # Ok::<(), killproof::Error>(())
/// ```
#[track_caller]
pub fn read(file: &Path, value: u64) {
    mark(Mark::Read, On::File(file), &[("value", Value::Number(value))], Location::caller());
}

/// Records that the caller has just written `value` to a file.
#[track_caller]
pub fn written(file: &Path, value: u64) {
    mark(Mark::Write, On::File(file), &[("value", Value::Number(value))], Location::caller());
}
