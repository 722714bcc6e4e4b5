//! What all threads of the server share, whatever the model.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::Error;
use common::actor::Actor;
use common::error::cause;
use common::journal::{is_recording, wait};
use common::lang::Lang;
use common::outlet::Outlet;
use common::socket::unacknowledged;
use common::words::Text;
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::SocketError;

use crate::Options;
use crate::client_name::ClientName;
use crate::connection_limiter::ConnectionLimiter;
use crate::echo::Echo;
use crate::rate_limited_log::{RateLimitedLog, Topic};
use crate::shutdown::Shutdown;
use crate::tally::{Tally, Traffic};
use crate::words;

/// How soon to ask again whether a client has its whole answer: no event tells.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// The rules of one run, and its counts.
#[derive(Debug)]
pub(crate) struct Server {
    quiet: bool,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) lang: Lang,
    pub(crate) shutdown: Shutdown,
    pub(crate) limiter: ConnectionLimiter,
    pub(crate) log: Arc<RateLimitedLog>,
    output: &'static Outlet,
    /// The lines that standard output had dropped when one was printed last.
    dropped: AtomicU64,
    total: Mutex<Tally>,
    /// The time for an orderly end is over.
    is_cutting_off: AtomicBool,
}

impl Server {
    pub(crate) fn new(
        options: &Options,
        lang: Lang,
        limiter: ConnectionLimiter,
        shutdown: Shutdown,
        log: Arc<RateLimitedLog>,
        output: &'static Outlet,
    ) -> Self {
        Self {
            quiet: options.quiet,
            idle_timeout: options.idle_timeout.map(Into::into),
            lang,
            shutdown,
            limiter,
            log,
            output,
            dropped: AtomicU64::new(0),
            total: Mutex::default(),
            is_cutting_off: AtomicBool::new(false),
        }
    }

    /// What `wait` returns. Meanwhile the caller's lane shows that it waits for clients.
    pub(crate) fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        let _waiting = is_recording().then(|| wait::for_io(words::clients().in_lang(self.lang)));
        wait()
    }

    /// Turns the bytes of a read into their answer. Passes their text to `print`, unless `--quiet` is set.
    #[inline]
    pub(crate) fn answer(&self, echo: &mut Echo, bytes: &mut [u8], print: impl FnOnce(&str)) {
        if self.quiet {
            Echo::upper(bytes);
        } else {
            let text = echo.take(bytes);
            if !text.is_empty() {
                print(&text);
            }
        }
    }

    /// Prints the rest of a client's text, if the client ended within a character. Logs a half-close: the
    /// client still waits for part of its answer, which the kernel sends.
    pub(crate) fn end_of_stream(&self, name: ClientName, stream: impl AsFd, echo: Echo, print: impl FnOnce(&str)) {
        let text = echo.end();
        if !text.is_empty() {
            print(&text);
        }
        if let Ok(waiting @ 1..) = unacknowledged(stream)
            && !self.shutdown.has_begun()
        {
            self.log.write(Topic::HalfClose, words::half_closed(Text::from(name), waiting));
        }
    }

    /// Whether a connection may be closed whose bytes are all read and answered. An error if it is broken.
    ///
    /// A client that closed its side gets the rest of its answer from the kernel, so its connection may be
    /// closed at once. In a shutdown the server closes first. The kernel would answer what such a client
    /// still sends with a reset, and a reset destroys the answers on their way. So the server waits until
    /// the client has acknowledged all of its answer.
    pub(crate) fn may_close(&self, stream: impl AsFd) -> io::Result<bool> {
        if !self.shutdown.has_begun() {
            return Ok(true);
        }
        match getsockopt(&stream, SocketError)? {
            0 => unacknowledged(stream).map(|waiting| waiting == 0),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Prints what a client said, without a wait for the reader of standard output. If there is none any more, the
    /// server ends.
    pub(crate) fn print(&self, speaker: &Actor, text: &str) {
        if let Err(error) = speaker.say(text) {
            self.shutdown.begin(error);
        }
        let dropped = self.output.dropped();
        if dropped > self.dropped.load(Ordering::Relaxed) {
            self.dropped.store(dropped, Ordering::Relaxed);
            self.log.write(Topic::Output, words::not_read_fast_enough(dropped));
        }
    }

    /// From now on an open connection counts as cut off when it ends with an error.
    pub(crate) fn begin_cutting_off(&self) {
        self.is_cutting_off.store(true, Ordering::Release);
    }

    pub(crate) fn is_cutting_off(&self) -> bool {
        self.is_cutting_off.load(Ordering::Acquire)
    }

    /// Counts a connection that has ended, and logs a bad end.
    pub(crate) fn count_end(&self, name: ClientName, traffic: Traffic, end: io::Result<()>) {
        let mut tally = Tally { connections: 1, received: traffic.received, sent: traffic.sent, ..Tally::default() };
        match end {
            Ok(()) => tally.missing = traffic.received.abs_diff(traffic.sent),
            Err(_) if self.is_cutting_off() => tally.cut_off = 1,
            Err(error) if error.kind() == ErrorKind::TimedOut => tally.idle = 1,
            Err(error) => {
                tally.broken = 1;
                self.log.write(Topic::Serving, words::cannot_serve(Text::from(name), cause(&error)));
            }
        }
        self.add(tally);
    }

    /// Counts a client that was accepted and cannot be served.
    pub(crate) fn count_turned_away(&self) {
        self.add(Tally { turned_away: 1, ..Tally::default() });
    }

    fn add(&self, tally: Tally) {
        self.total.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
    }

    /// Ends the run. Returns the counts of all connections, and the most that were open at once.
    ///
    /// # Errors
    ///
    /// The error that forced the server to end.
    pub(crate) fn finish(self) -> Result<(Tally, usize), Error> {
        self.log.finish(self.shutdown.deadline());
        self.shutdown.into_result()?;
        let total = self.total.into_inner().unwrap_or_else(PoisonError::into_inner); // numbers are never half-written
        Ok((total, self.limiter.peak()))
    }
}
