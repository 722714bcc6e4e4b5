//! What goes wrong with clients, on standard error: at most one line a second about each kind of trouble.
//!
//! Ten thousand clients that are reset at once would else be ten thousand lines, and whoever reads
//! them, or the disk that keeps them, would be the next to be in trouble.

use std::fmt::{self, Display};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use common::cli::{self, Section as _};

use crate::Options;

/// How long one line holds back the next about the same.
const PAUSE: Duration = Duration::from_secs(1);

/// What a line is about. Trouble of one kind does not hide that of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Letting somebody in.
    Door,
    /// Somebody who is in.
    Client,
    /// Clients that have said all, and still wait for their answer.
    HalfClose,
}

/// When something was last said of each kind, and how much was kept back since then.
#[derive(Debug, Default)]
pub(crate) struct Notices([Mutex<Held>; 3]);

#[derive(Debug, Default)]
struct Held {
    said: Option<Instant>,
    kept_back: u64,
}

/// The end of a line: how many others it stands for.
struct More(u64);

impl Notices {
    /// Says it, unless something of this kind was said a moment ago. What is kept back is counted,
    /// and the next line tells how many there were.
    pub(crate) fn say(&self, about: About, message: impl Display) {
        let mut held = self.0[about as usize].lock().unwrap_or_else(PoisonError::into_inner);
        if held.said.is_some_and(|said| said.elapsed() < PAUSE) {
            held.kept_back += 1;
            return;
        }
        cli::notice(Options::NAME, format_args!("{message}{}", More(held.kept_back)));
        *held = Held { said: Some(Instant::now()), kept_back: 0 };
    }

    /// Tells how many were kept back since the last line of each kind, at the end of the server.
    pub(crate) fn finish(&self) {
        for (held, what) in self.0.iter().zip(["at the door", "with clients", "half-closed"]) {
            let kept_back = held.lock().unwrap_or_else(PoisonError::into_inner).kept_back;
            if kept_back > 0 {
                cli::notice(Options::NAME, format_args!("{kept_back} more such lines ({what}) were kept back"));
            }
        }
    }
}

impl Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            more => write!(f, " (and {more} more since the last such line)"),
        }
    }
}
