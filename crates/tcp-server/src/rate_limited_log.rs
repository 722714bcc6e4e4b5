//! Trouble with clients, on standard error: at most one line a second for each topic.
//!
//! Ten thousand clients that are reset at once would be ten thousand lines, and the reader of the log, or
//! the disk that keeps it, would be in trouble next. And a reader that stands still would stop every client that
//! waits for such a line: the lines go through an [`Outlet`].

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::cli::{self, Section as _};
use common::lang::Lang;
use common::outlet::Outlet;
use common::words::Text;
use common::{Error, objects};

use crate::{Options, words};

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
    lang: Lang,
    topics: [Mutex<TopicState>; 4],
    outlet: Outlet,
}

#[derive(Debug, Default)]
struct TopicState {
    last_line: Option<Instant>,
    /// The lines suppressed since then.
    suppressed: u64,
}

impl RateLimitedLog {
    pub(crate) fn new(lang: Lang) -> Result<Self, Error> {
        let write = |lines: &[u8]| {
            // A line that standard error does not take has no other reader.
            String::from_utf8_lossy(lines).lines().for_each(|line| cli::notice(Options::NAME, line));
            Ok(())
        };
        Ok(Self { lang, topics: Default::default(), outlet: Outlet::start(objects::standard_error(), write)? })
    }

    /// Writes a line, or counts it if the last line of its topic is too recent. The next line says how
    /// many were suppressed.
    pub(crate) fn write(&self, topic: Topic, message: Text) {
        let mut state = self.lock(topic);
        if state.last_line.is_some_and(|last| last.elapsed() < PAUSE) {
            state.suppressed += 1;
            return;
        }
        self.write_line(&match state.suppressed {
            0 => message,
            more => words::and_more(message, more),
        });
        *state = TopicState { last_line: Some(Instant::now()), suppressed: 0 };
    }

    /// Says at the end of the server how many lines of each topic were suppressed since its last one. Waits for the
    /// reader of standard error until `deadline`.
    pub(crate) fn finish(&self, deadline: Instant) {
        for topic in [Topic::Accepting, Topic::Serving, Topic::HalfClose, Topic::Output] {
            let suppressed = self.lock(topic).suppressed;
            if suppressed > 0 {
                self.write_line(&words::were_suppressed(suppressed, topic.called()));
            }
        }
        self.outlet.finish_by(deadline);
    }

    fn write_line(&self, line: &Text) {
        let line = line.in_lang(self.lang) + "\n";
        let _ = self.outlet.take(line.as_bytes()); // its writer reports no failure
    }

    fn lock(&self, topic: Topic) -> MutexGuard<'_, TopicState> {
        self.topics[topic as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn called(self) -> Text {
        match self {
            Self::Accepting => words::accepting_clients(),
            Self::Serving => words::serving_clients(),
            Self::HalfClose => words::half_closed_connections(),
            Self::Output => objects::standard_output(),
        }
    }
}
