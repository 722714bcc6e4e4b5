//! Trouble with clients, on standard error: at most one line a second for each topic.
//!
//! Ten thousand clients that are reset at once would be ten thousand lines, and the reader of the log, or
//! the disk that keeps it, would be in trouble next.

use std::fmt::{self, Display};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::cli::{self, Section as _};

use crate::Options;

/// The pause between two lines of one topic.
const PAUSE: Duration = Duration::from_secs(1);

/// Each topic has a pause of its own, so one kind of trouble does not hide another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Accepting,
    Serving,
    HalfClose,
}

#[derive(Debug, Default)]
pub(crate) struct RateLimitedLog([Mutex<TopicState>; 3]);

#[derive(Debug, Default)]
struct TopicState {
    last_line: Option<Instant>,
    /// The lines suppressed since then.
    suppressed: u64,
}

/// The end of a line, if lines were suppressed before it.
struct Suppressed(u64);

impl RateLimitedLog {
    /// Writes a line, or counts it if the last line of its topic is too recent. The next line says how
    /// many were suppressed.
    pub(crate) fn write(&self, topic: Topic, message: impl Display) {
        let mut state = self.lock(topic);
        if state.last_line.is_some_and(|last| last.elapsed() < PAUSE) {
            state.suppressed += 1;
            return;
        }
        cli::notice(Options::NAME, format_args!("{message}{}", Suppressed(state.suppressed)));
        *state = TopicState { last_line: Some(Instant::now()), suppressed: 0 };
    }

    /// Says at the end of the server how many lines of each topic were suppressed since its last one.
    pub(crate) fn finish(&self) {
        for topic in [Topic::Accepting, Topic::Serving, Topic::HalfClose] {
            let suppressed = self.lock(topic).suppressed;
            if suppressed > 0 {
                cli::notice(Options::NAME, format_args!("{suppressed} more lines about {topic} were suppressed"));
            }
        }
    }

    fn lock(&self, topic: Topic) -> MutexGuard<'_, TopicState> {
        self.0[topic as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepting => "accepting clients",
            Self::Serving => "serving clients",
            Self::HalfClose => "half-closed connections",
        })
    }
}

impl Display for Suppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            more => write!(f, " (and {more} more since the last such line)"),
        }
    }
}
