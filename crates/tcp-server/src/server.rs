//! What all threads of the server share, whatever the model.

use std::fmt;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use common::Error;
use common::actor::Actor;
use common::error::cause;
use common::lang::Lang;
use common::socket::{unacknowledged, unread};
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::SocketError;

use crate::Options;
use crate::echo::Echo;
use crate::notices::{About, Notices};
use crate::places::Places;
use crate::stop::Stop;

/// How soon to ask again whether a client has all: the kernel does not tell by itself.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// The rules of one run, and what has come of it so far.
#[derive(Debug)]
pub(crate) struct Server {
    /// Nothing that clients say is printed.
    pub(crate) quiet: bool,
    /// After how long without a byte either way a connection is closed.
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) lang: Lang,
    pub(crate) stop: Stop,
    pub(crate) places: Places,
    pub(crate) notices: Notices,
    total: Mutex<Tally>,
    /// The time for an orderly end is over: what is still open is cut off.
    cuts: AtomicBool,
}

/// What connections moved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) connections: u64,
    /// Connections that the client broke off.
    pub(crate) broken: u64,
    /// Connections that were closed because nothing moved on them.
    pub(crate) idle: u64,
    /// Connections that were cut off at the end of the server, before the client had its whole answer.
    pub(crate) cut: u64,
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// Received and not sent back, on connections that came to a good end.
    pub(crate) missing: u64,
    /// Clients that were accepted and then not served, because the system gave no thread for them.
    pub(crate) turned_away: u64,
}

/// How many bytes one connection moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// How much is still to be read of what had come for a connection at the first look after the server
/// was asked to end. `None` until then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left(Option<usize>);

/// A client's name in the run's language. It is written out only where somebody reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub(crate) port: u16,
    pub(crate) lang: Lang,
}

impl Server {
    pub(crate) fn new(options: &Options, lang: Lang, places: Places, stop: Stop) -> Self {
        Self {
            quiet: options.quiet,
            idle_timeout: options.idle_timeout.map(Into::into),
            lang,
            stop,
            places,
            notices: Notices::default(),
            total: Mutex::default(),
            cuts: AtomicBool::new(false),
        }
    }

    /// What every model does with bytes that came: shows them, unless it shall be quiet, and makes
    /// them what goes back.
    #[inline]
    pub(crate) fn answer(&self, echo: &mut Echo, bytes: &mut [u8], speaker: impl FnOnce(&str)) {
        if self.quiet {
            Echo::upper(bytes);
        } else {
            let text = echo.take(bytes);
            if !text.is_empty() {
                speaker(&text);
            }
        }
    }

    /// The client has said all: a character that never came whole is shown, too. Says so if it still
    /// waits for its answer, which makes this a half-close; the kernel sends the rest.
    pub(crate) fn goodbye(&self, name: Name, stream: impl AsFd, echo: Echo, speaker: impl FnOnce(&str)) {
        let text = echo.end();
        if !text.is_empty() {
            speaker(&text);
        }
        if let Ok(waiting @ 1..) = unacknowledged(stream)
            && !self.stop.has_begun()
        {
            let message = format_args!("{name} has said all, and waits for {waiting} bytes of its answer");
            self.notices.say(About::HalfClose, message);
        }
    }

    /// All that came is read and answered, and nothing more is to be read: a client that asks again and
    /// again would never have all. Whether the connection may be closed now; an error if it is broken.
    ///
    /// It may when the client has ended its side, for the kernel sees to the rest of its answer. But
    /// when it is the server that ends, what the client still sends would be answered with a reset,
    /// and a reset destroys the answers that are on their way: not before it has got them.
    pub(crate) fn may_close(&self, stream: impl AsFd) -> io::Result<bool> {
        if !self.stop.has_begun() {
            return Ok(true);
        }
        match getsockopt(&stream, SocketError)? {
            0 => unacknowledged(stream).map(|waiting| waiting == 0),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Says what a client said. If nobody reads it any more, that is the end of the server.
    pub(crate) fn show(&self, speaker: &Actor, text: &str) {
        if let Err(error) = speaker.say(text) {
            self.stop.because(error);
        }
    }

    /// From now on a connection that ends before its client has all is cut off by the server.
    pub(crate) fn cut(&self) {
        self.cuts.store(true, Ordering::Release);
    }

    pub(crate) fn cuts(&self) -> bool {
        self.cuts.load(Ordering::Acquire)
    }

    /// Enters a connection that has ended, and says so if it was not a good end.
    pub(crate) fn ended(&self, name: Name, moved: Moved, end: io::Result<()>) {
        let mut tally = Tally { connections: 1, received: moved.received, sent: moved.sent, ..Tally::default() };
        match end {
            Ok(()) => tally.missing = moved.received.abs_diff(moved.sent),
            Err(_) if self.cuts() => tally.cut = 1,
            Err(error) if error.kind() == ErrorKind::TimedOut => tally.idle = 1,
            Err(error) => {
                tally.broken = 1;
                self.notices.say(About::Client, format_args!("cannot serve {name}: {}", cause(&error)));
            }
        }
        self.add(tally);
    }

    /// Enters a client that was accepted and cannot be served.
    pub(crate) fn turned_away(&self) {
        self.add(Tally { turned_away: 1, ..Tally::default() });
    }

    fn add(&self, tally: Tally) {
        self.total.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
    }

    /// Ends the run: what all connections moved, and how many were open at once at most. An error, if
    /// that is why it ended.
    pub(crate) fn finish(self) -> Result<(Tally, usize), Error> {
        self.notices.finish();
        self.stop.into_result()?;
        let total = self.total.into_inner().unwrap_or_else(PoisonError::into_inner); // plain numbers: no half-done state
        Ok((total, self.places.peak()))
    }
}

impl Tally {
    fn add(&mut self, one: Self) {
        self.connections += one.connections;
        self.broken += one.broken;
        self.idle += one.idle;
        self.cut += one.cut;
        self.received += one.received;
        self.sent += one.sent;
        self.missing += one.missing;
        self.turned_away += one.turned_away;
    }
}

impl Left {
    /// How much the next read may take, at most `most`. Nothing: all that came is read, and what comes
    /// from now on would be without end for a client that never ceases to write.
    #[inline]
    pub(crate) fn room(&mut self, server: &Server, stream: impl AsFd, most: usize) -> io::Result<usize> {
        if !server.stop.has_begun() {
            return Ok(most);
        }
        let left = match self.0 {
            Some(left) => left,
            None => *self.0.insert(unread(stream)?),
        };
        Ok(left.min(most))
    }

    #[inline]
    pub(crate) fn took(&mut self, read: usize) {
        if let Some(left) = &mut self.0 {
            *left = left.saturating_sub(read);
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lang {
            Lang::En => write!(f, "client {}", self.port),
            Lang::Zh => write!(f, "客户端 {}", self.port),
        }
    }
}
