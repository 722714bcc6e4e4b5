//! One run of a program that looks for a mutant.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// What a program is run as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role<'a> {
    /// The sources as they are.
    Nothing,
    /// The same, and the places that it comes to are in this file afterwards.
    Notes(&'a Path),
    Mutant(usize),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It found nothing, and wrote this.
    Clean(String),
    /// What it wrote.
    Found(String),
    /// It came to no end within this time.
    Late(Duration),
    Interrupted,
}

/// Runs a program. It and all that it starts are gone when this returns.
pub(crate) fn run(program: &Path, arguments: &[&str], role: Role<'_>, limit: Duration, stop: &AtomicBool) -> Ending {
    let mut command = Command::new(program);
    match role {
        Role::Nothing => &mut command,
        Role::Notes(file) => command.env("MUTANT_REACHED", file),
        Role::Mutant(number) => command.env("MUTANT", number.to_string()),
    };
    let mut child = command
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a program that was just built");
    let group = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
    let mut output = child.stdout.take().expect("a pipe");
    let (tell, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        // Children that outlive the program keep the pipe open: what counts is when the program has written its last.
        while let Ok(1..) = output.read(&mut piece).inspect(|length| bytes.extend_from_slice(&piece[..*length])) {}
        let _ = tell.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    let began = Instant::now();
    let text = loop {
        match told.recv_timeout(Duration::from_millis(100)) {
            Ok(text) => break Some(text),
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) if began.elapsed() > limit || stop.load(Ordering::Relaxed) => break None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    // After the program has ended by itself: what it left behind.
    let status = text.is_some().then(|| child.wait().expect("a child"));
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
    let _ = reader.join();
    match (text, status) {
        _ if stop.load(Ordering::Relaxed) => Ending::Interrupted,
        (Some(text), Some(status)) if status.success() => Ending::Clean(text),
        (Some(text), Some(status)) if text.trim().is_empty() => Ending::Found(status.to_string()),
        (Some(text), _) => Ending::Found(text),
        (None, _) => Ending::Late(limit),
    }
}
