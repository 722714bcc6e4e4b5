//! A terminal: what a program writes there is what its test reads. It can be stopped, as Ctrl-S stops it.

use std::cell::RefCell;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::{FlowArg, tcflow};

use crate::forking::wait_until;
use crate::{Program, Running};

const ROWS: u16 = 30;
const COLUMNS: u16 = 160;

/// A terminal of 30 rows.
#[derive(Debug)]
pub struct Terminal {
    /// The end of its user.
    user: File,
    /// The end of its programs.
    programs: OwnedFd,
    shown: RefCell<Vec<u8>>,
}

impl Terminal {
    /// One of 160 columns that shows what is written to it.
    ///
    /// # Panics
    ///
    /// If the system gives none.
    #[must_use]
    pub fn new() -> Self {
        Self::with_columns(COLUMNS)
    }

    /// One of this width.
    ///
    /// # Panics
    ///
    /// As [`Terminal::new`].
    #[must_use]
    pub fn with_columns(columns: u16) -> Self {
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None).expect("a terminal");
        fcntl(&master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("a flag of an open file");
        Self { user: master.into(), programs: slave, shown: RefCell::default() }
    }

    /// One that was stopped before anything was written to it.
    ///
    /// # Panics
    ///
    /// As [`Terminal::new`].
    #[must_use]
    pub fn stopped() -> Self {
        let terminal = Self::new();
        terminal.stop();
        terminal
    }

    /// Takes nothing more, as after Ctrl-S.
    ///
    /// # Panics
    ///
    /// If the system refuses.
    pub fn stop(&self) {
        tcflow(&self.programs, FlowArg::TCOOFF).expect("a terminal");
    }

    /// Goes on, as after Ctrl-Q.
    ///
    /// # Panics
    ///
    /// If the system refuses.
    pub fn go_on(&self) {
        tcflow(&self.programs, FlowArg::TCOON).expect("a terminal");
    }

    /// A stream of a program.
    ///
    /// # Panics
    ///
    /// If this process has no descriptor left.
    #[must_use]
    pub fn stream(&self) -> OwnedFd {
        self.programs.as_fd().try_clone_to_owned().expect("a descriptor")
    }

    /// All that it has shown so far.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    #[must_use]
    pub fn shown(&self) -> String {
        let (mut shown, mut piece) = (self.shown.borrow_mut(), [0; 4096]);
        loop {
            match (&self.user).read(&mut piece) {
                Ok(count) => shown.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("a terminal: {error}"),
            }
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Waits until it has shown `part`.
    ///
    /// # Panics
    ///
    /// If it does not in time.
    #[track_caller]
    pub fn wait_until_shown(&self, part: &str) {
        wait_until(part, || self.shown().contains(part));
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Program {
    /// Starts it with this terminal as its standard error.
    ///
    /// # Panics
    ///
    /// As [`Program::start`].
    #[must_use]
    pub fn start_with_error_on(&self, terminal: &Terminal) -> Running {
        self.clone().env("TERM", "xterm").start_with_streams(Stdio::piped(), terminal.stream().into())
    }

    /// Starts it on this terminal: standard output and standard error.
    ///
    /// # Panics
    ///
    /// As [`Program::start`].
    #[must_use]
    pub fn start_on(&self, terminal: &Terminal) -> Running {
        self.clone().env("TERM", "xterm").start_with_streams(terminal.stream().into(), terminal.stream().into())
    }
}
