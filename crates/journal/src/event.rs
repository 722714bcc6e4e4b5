//! One line of the journal.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the kinds and keys described above. It changes when a reader would have to.
pub const VERSION: u32 = 3;

/// The longest line, in bytes: what a pipe takes in one piece.
pub const LINE: usize = 4096;

/// What happened. Closed: a reader may rely on knowing all of them. What each bears is [said above](crate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The run began.
    Run,
    /// A scene began.
    Scene,
    /// Something was claimed before the act.
    Claim,
    /// An actor said something.
    Say,
    /// A process or thread began.
    Born,
    /// A process or thread ended.
    Ended,
    /// An actor pauses.
    Pause,
    /// A program is ready for others.
    Ready,
    /// An actor begins a span.
    Begin,
    /// An actor ends a span.
    End,
    /// Something happened at this instant.
    Mark,
    /// A number was measured.
    Figure,
    /// A claim was held against what was seen.
    Check,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since the run began, on one monotonic clock for all processes.
    pub t: u64,
    /// Process id of the writer.
    pub pid: i32,
    /// Thread id of the writer.
    pub tid: i32,
    /// Its name, in the run's language.
    pub actor: String,
    /// What happened.
    pub kind: Kind,
    /// In words, in the run's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Further keys, by kind.
    #[serde(flatten)]
    pub data: Map<String, Value>,
}

impl Event {
    /// The key of its text in the section's table of words, if it is from there.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.data.get("key").and_then(Value::as_str)
    }

    /// An argument of its text, by its name in the table of words.
    #[must_use]
    pub fn arg(&self, name: &str) -> Option<&Value> {
        self.data.get("args").and_then(|args| args.get(name))
    }

    /// How the process or thread ended whose end this is: `code 0`, `signal SIGKILL`, `returned`, `unknown`.
    #[must_use]
    pub fn exit(&self) -> Option<&str> {
        self.data.get("exit").and_then(Value::as_str)
    }

    /// The event as one line of JSON, without the newline, of at most [`LINE`] bytes with it.
    ///
    /// A text that is too long ends in `…`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default(); // maps and strings: cannot fail
        let mut event = None;
        while line.len() >= LINE {
            let event: &mut Self = event.get_or_insert_with(|| self.clone());
            let Some(text) = event.text.as_mut().filter(|text| text.len() > 8) else { break };
            text.truncate(text.floor_char_boundary(text.len() / 2));
            text.push('…');
            line = serde_json::to_string(event).unwrap_or_default();
        }
        line
    }
}
