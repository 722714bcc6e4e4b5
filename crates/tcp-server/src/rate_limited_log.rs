//! Trouble with clients, on standard error: at most one line a second for each topic.
//!
//! Ten thousand clients that are reset at once would be ten thousand lines, and the reader of the log, or
//! the disk that keeps it, would be in trouble next. And a reader that stands still would stop every client that
//! waits for such a line: the lines go through an [`Outlet`].

use std::fmt::{self, Display};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::Error;

use common::cli::{self, Section as _};
use common::outlet::Outlet;

use crate::Options;

/// The pause between two lines of one topic.
const PAUSE: Duration = Duration::from_secs(1);

/// Each topic has a pause of its own, so one kind of trouble does not hide another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Accepting,
    Serving,
    HalfClose,
    Output,
}

#[derive(Debug)]
pub(crate) struct RateLimitedLog {
    topics: [Mutex<TopicState>; 4],
    outlet: Outlet,
}

#[derive(Debug, Default)]
struct TopicState {
    last_line: Option<Instant>,
    /// The lines suppressed since then.
    suppressed: u64,
}

/// The end of a line, if lines were suppressed before it.
struct Suppressed(u64);

impl RateLimitedLog {
    pub(crate) fn new() -> Result<Self, Error> {
        let write = |lines: &[u8]| {
            // A line that standard error does not take has no other reader.
            String::from_utf8_lossy(lines).lines().for_each(|line| cli::notice(Options::NAME, line));
            Ok(())
        };
        Ok(Self { topics: Default::default(), outlet: Outlet::start("standard error", write)? })
    }

    /// Writes a line, or counts it if the last line of its topic is too recent. The next line says how
    /// many were suppressed.
    pub(crate) fn write(&self, topic: Topic, message: impl Display) {
        let mut state = self.lock(topic);
        if state.last_line.is_some_and(|last| last.elapsed() < PAUSE) {
            state.suppressed += 1;
            return;
        }
        self.write_line(format_args!("{message}{}", Suppressed(state.suppressed)));
        *state = TopicState { last_line: Some(Instant::now()), suppressed: 0 };
    }

    /// Says at the end of the server how many lines of each topic were suppressed since its last one. Waits for the
    /// reader of standard error until `deadline`.
    pub(crate) fn finish(&self, deadline: Instant) {
        for topic in [Topic::Accepting, Topic::Serving, Topic::HalfClose, Topic::Output] {
            let suppressed = self.lock(topic).suppressed;
            if suppressed > 0 {
                self.write_line(format_args!("{suppressed} more lines about {topic} were suppressed"));
            }
        }
        self.outlet.finish_by(deadline);
    }

    fn write_line(&self, line: impl Display) {
        let _ = self.outlet.take(format!("{line}\n").as_bytes()); // its writer reports no failure
    }

    fn lock(&self, topic: Topic) -> MutexGuard<'_, TopicState> {
        self.topics[topic as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepting => "accepting clients",
            Self::Serving => "serving clients",
            Self::HalfClose => "half-closed connections",
            Self::Output => "standard output",
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
