//! A program that runs: its lines as they come, signals, its end.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Output};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::Ended;
use crate::forking::wait_until;
use crate::group::{self, living};
use crate::signals;

/// How long any program of the tests may take: far more than it needs on a busy machine.
const DEADLINE: Duration = Duration::from_secs(100);
/// How long the system may take to bury the last process of a group.
const BURIAL: Duration = Duration::from_secs(10);

/// A program that runs. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Running {
    child: Child,
    began: Instant,
    lines: Receiver<String>,
    /// What was read from `lines` so far.
    printed: String,
    complaints: Receiver<String>,
    /// What was read from `complaints` so far.
    complained: String,
    ended: bool,
    /// Whatever must live as long as the program.
    _keep: Option<TempDir>,
}

impl Running {
    pub(crate) fn spawn(mut command: Command, keep: Option<TempDir>) -> Self {
        signals::are_not_inherited();
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let lines = read_lines(child.stdout.take());
        let complaints = read_lines(child.stderr.take());
        let (printed, complained) = (String::new(), String::new());
        Self { child, began: Instant::now(), lines, printed, complaints, complained, ended: false, _keep: keep }
    }

    /// Its process id, which is also its process group's.
    ///
    /// # Panics
    ///
    /// Never: process ids are below 2^22.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().expect("a process id"))
    }

    /// Waits for a line that contains `part`, and returns it.
    ///
    /// # Panics
    ///
    /// If the program ends, or the deadline passes, without one.
    pub fn line_with(&mut self, part: &str) -> String {
        wait_for_line(&self.lines, &mut self.printed, part, self.began)
    }

    /// Waits for a line that contains `part`, and returns it. `None` if the program ends, or the deadline passes,
    /// without one.
    pub fn line_with_or_end(&mut self, part: &str) -> Option<String> {
        while let Ok(line) = self.lines.recv_timeout(DEADLINE.saturating_sub(self.began.elapsed())) {
            self.printed.push_str(&line);
            if line.contains(part) {
                return Some(line.trim_end().to_owned());
            }
        }
        None
    }

    /// Waits for a line on standard error that contains `part`, and returns it.
    ///
    /// # Panics
    ///
    /// If the program ends, or the deadline passes, without one.
    pub fn error_with(&mut self, part: &str) -> String {
        wait_for_line(&self.complaints, &mut self.complained, part, self.began)
    }

    /// Limits a resource of it from now on, as prlimit(1) names them.
    ///
    /// # Panics
    ///
    /// If that is refused.
    pub fn limit(&self, resource: &str, most: u64) {
        let pid = self.pid().to_string();
        let owner = fs::metadata(format!("/proc/{pid}")).expect("it runs");
        let mut prlimit = Command::new("prlimit");
        prlimit.args([format!("--{resource}={most}"), format!("--pid={pid}")]);
        // A user who may not raise limits may lower those of own processes.
        let limited = prlimit.uid(owner.uid()).gid(owner.gid()).status();
        assert!(limited.expect("prlimit").success());
    }

    /// Sends a signal to the program alone.
    ///
    /// # Panics
    ///
    /// If it ended already.
    pub fn signal(&self, signal: Signal) {
        nix::sys::signal::kill(self.pid(), signal).expect("a running program");
    }

    /// Sends a signal to its whole process group, as the terminal does on Ctrl-C.
    ///
    /// # Panics
    ///
    /// If it ended already.
    pub fn signal_group(&self, signal: Signal) {
        killpg(self.pid(), signal).expect("a running program");
    }

    /// Waits until the program has printed `count` lines, or has closed its standard output.
    ///
    /// # Panics
    ///
    /// If the deadline passes before.
    pub fn read_lines(&mut self, count: u64) {
        for _ in 0..count {
            match self.lines.recv_timeout(DEADLINE.saturating_sub(self.began.elapsed())) {
                Ok(line) => self.printed.push_str(&line),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => panic!("fewer than {count} lines; so far:\n{}", self.printed),
            }
        }
    }

    /// Lets it run for `time`, or until it closes its standard output.
    pub fn let_run(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.printed.push_str(&line);
        }
    }

    /// Stops listening to its standard output, as `head` does.
    pub fn close_output(&mut self) {
        let (_, closed) = mpsc::channel();
        self.lines = closed;
    }

    /// Whether a process with this name is among those of the program.
    #[must_use]
    pub fn has_member(&self, name: &str) -> bool {
        living(self.pid()).into_iter().any(|pid| group::name(pid) == name)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        !is_alive(self.pid())
    }

    /// Waits until it sleeps and has no children: it waits for what is outside of it.
    ///
    /// # Panics
    ///
    /// If it does not in time.
    pub fn wait_until_it_waits(&self) {
        let pid = self.pid();
        wait_until("a program that sleeps alone", || {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
            children.is_empty() && state(pid) == Some('S')
        });
    }

    /// Waits until it ends.
    ///
    /// # Panics
    ///
    /// If it does not end in time, or leaves a process behind.
    #[must_use]
    pub fn wait(self) -> Ended {
        let left = DEADLINE.saturating_sub(self.began.elapsed());
        self.wait_within(left)
    }

    /// Waits until it ends, for at most `deadline`.
    ///
    /// # Panics
    ///
    /// As [`Running::wait`].
    #[must_use]
    pub fn wait_within(mut self, deadline: Duration) -> Ended {
        let status = self.status(deadline);
        let survivors = self.group_survives();
        let mut printed = std::mem::take(&mut self.printed);
        if !survivors {
            printed.extend(self.lines.iter());
        }
        self.kill_group();
        let mut complained = std::mem::take(&mut self.complained);
        complained.extend(self.complaints.iter());
        let output = Output { status, stdout: printed.into_bytes(), stderr: complained.into_bytes() };
        assert!(!survivors, "a process of the program outlived it\n{output:?}");
        Ended::new(output)
    }

    /// Waits for the program alone, and reads on meanwhile so that it never waits for a reader.
    fn status(&mut self, deadline: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                self.ended = true;
                return status;
            }
            match self.lines.recv_timeout(Duration::from_millis(5)) {
                Ok(line) => self.printed.push_str(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::park_timeout(Duration::from_millis(5)),
            }
            if began.elapsed() > deadline {
                self.kill_group();
                let _ = self.child.wait();
                self.ended = true;
                panic!("not ended after {deadline:?}; so far:\n{}", self.printed);
            }
        }
    }

    /// Whether a process of its group is still there some time after the program ended.
    fn group_survives(&self) -> bool {
        let ended = Instant::now();
        // A killed program's children die a moment after it. (Zombies whose parent was killed wait for process 1, which
        // may take its time.)
        while killpg(self.pid(), None).is_ok() && !living(self.pid()).is_empty() {
            if ended.elapsed() > BURIAL {
                return true;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        false
    }

    fn kill_group(&self) {
        let _ = killpg(self.pid(), Signal::SIGKILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.kill_group();
            let status = self.child.wait();
            debug_assert!(status.is_ok_and(|status| status.signal().is_some() || status.code().is_some()));
        }
    }
}

/// Reads lines in a thread until their end. Without a source there are none.
fn read_lines(source: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    if let Some(source) = source {
        thread::spawn(move || {
            let mut reader = BufReader::new(source);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
    }
    lines
}

fn wait_for_line(lines: &Receiver<String>, so_far: &mut String, part: &str, began: Instant) -> String {
    loop {
        match lines.recv_timeout(DEADLINE.saturating_sub(began.elapsed())) {
            Ok(line) => {
                so_far.push_str(&line);
                if line.contains(part) {
                    return line.trim_end().to_owned();
                }
            }
            Err(error) => panic!("no line with {part:?} ({error}); so far:\n{so_far}"),
        }
    }
}

/// Whether a process has not ended: one that has is a zombie until it is waited for.
fn is_alive(pid: Pid) -> bool {
    state(pid).is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// The letter of its state in `/proc`. `None` if there is no such process.
fn state(pid: Pid) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")?.1.chars().next()
}
