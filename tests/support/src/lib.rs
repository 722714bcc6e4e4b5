//! The harness of the tests: runs a section's binary as a user would, and reads what it printed.
//!
//! Every program runs in a process group of its own and against a deadline. When it has ended, the
//! harness looks whether any process of the group is left: a program that leaves one behind fails
//! its test, whatever the test was about.
//!
//! - [`program!`]: the binary under test
//! - [`Program`]: how it is called
//! - [`Running`]: one that runs
//! - [`Ended`]: one that ended, and what it printed
//! - [`Record`]: its journal, held against what a journal promises
//! - [`Trace`]: the trace that it wrote, held against its format
//! - [`Watched`]: what the kernel says of each of its threads while it runs
//! - [`listing!`], [`listing_without_key_line!`]: a section's examples, and what they are without their key line
//! - [`ends_in_every_trouble!`]: the tests of a section whose process is killed, or whose reader leaves or stops
//! - [`echo`]: servers for tests of clients
//! - [`chinese`]: whether a text for a reader of Chinese has English words in it
//! - [`sections`]: the sections of the notes, in their order
//! - [`namespaces`]: a process that sees no `/proc`, nothing but read-only files, or pids of its own
//! - [`outside`]: a crate as another project gets it
//! - [`on_a_small_disk`]: where the disk is nearly full
//! - [`Terminal`]: one that the test reads, or stops as Ctrl-S does

#![forbid(unsafe_code)]

pub mod chinese;
pub mod echo;
mod ended;
pub mod forking;
mod group;
pub mod listing;
pub mod namespaces;
pub mod outside;
mod record;
mod running;
mod sections;
mod signals;
mod small_disk;
mod terminal;
mod trace;
mod troubles;
mod unread;
mod watched;

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use assert_cmd;
pub use ended::{Ended, Report};
pub use nix::sys::signal::Signal;
pub use record::{Record, Span};
pub use roxmltree;
pub use running::Running;
pub use sections::{Section, sections, workspace};
pub use serde_json;
pub use small_disk::on_a_small_disk;
pub use tempfile;
pub use terminal::Terminal;
pub use trace::Trace;
pub use troubles::{drawn, expect_end_after_cuts, expect_end_after_kills, in_rounds};
pub use unread::handles;
pub use watched::{Seen, Stretch, Thread, Watched};

/// The user and group without any rights (`nobody`), which every Linux has.
const ORDINARY: u32 = 65534;

/// The binary of the package that the test belongs to, as a [`Program`].
#[macro_export]
macro_rules! program {
    () => {
        $crate::Program::new($crate::assert_cmd::cargo::cargo_bin!())
    };
}

/// A call of a program that was not made yet.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    limits: Vec<String>,
    ordinary_user: bool,
}

impl Program {
    /// A call of the program at `path`, in English unless the test says otherwise.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_path_buf();
        let variables = vec![("LC_ALL".into(), "C.UTF-8".into())];
        Self { path, arguments: vec![], variables, folder: None, limits: vec![], ordinary_user: false }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(self, argument: impl AsRef<OsStr>) -> Self {
        self.args([argument])
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Runs it in `folder`.
    #[must_use]
    pub fn in_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_path_buf());
        self
    }

    /// Limits a resource of it as prlimit(1) names them: `limit("nproc", 3)`.
    #[must_use]
    pub fn limit(mut self, resource: &str, most: u64) -> Self {
        self.limits.push(format!("--{resource}={most}"));
        self
    }

    /// Runs it as a user to whom the system may refuse something: one without rights, if the tests run as root.
    ///
    /// What it reads and writes must be open to all users: [`open_folder`].
    #[must_use]
    pub fn as_ordinary_user(mut self) -> Self {
        self.ordinary_user = true;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start(&self) -> Running {
        self.start_with_output(Stdio::piped())
    }

    /// Starts it with its standard output going to `output`.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start_with_output(&self, output: Stdio) -> Running {
        self.start_with_streams(output, Stdio::piped())
    }

    fn start_with_streams(&self, output: Stdio, error: Stdio) -> Running {
        let drops_rights = self.ordinary_user && nix::unistd::geteuid().is_root();
        // The build folder may be closed to that user, who gets a copy.
        let copy = drops_rights.then(|| copy_for_everybody(&self.path));
        let path = copy.as_ref().map_or(self.path.as_path(), |(_, path)| path.as_path());
        let mut command = match self.limits.as_slice() {
            [] => Command::new(path),
            limits => {
                let mut command = Command::new("prlimit");
                command.args(limits).arg("--").arg(path);
                command
            }
        };
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if drops_rights {
            command.uid(ORDINARY).gid(ORDINARY);
        }
        command.process_group(0).stdin(Stdio::null()).stdout(output).stderr(error);
        Running::spawn(command, copy.map(|(folder, _)| folder))
    }

    /// Runs it to its end with a standard output without a reader: as if `head` had left already.
    ///
    /// # Panics
    ///
    /// As [`Program::run`].
    #[must_use]
    pub fn run_unread(&self) -> Ended {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        self.start_with_output(Stdio::from(writer)).wait()
    }

    /// Asserts that it ends quietly, with the exit code of SIGPIPE, when its output has no reader.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[track_caller]
    pub fn expect_quiet_without_reader(&self) {
        let ended = self.run_unread();
        assert_eq!((ended.code(), ended.stderr().as_str()), (Some(141), ""));
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// If it does not end in time, or leaves a process behind.
    #[must_use]
    pub fn run(&self) -> Ended {
        self.start().wait()
    }
}

impl Program {
    /// Runs it to its end, which is a good one, and reads the journal that it printed.
    ///
    /// # Panics
    ///
    /// If it does not end well, or its journal breaks a promise: [`Record::of`].
    #[track_caller]
    #[must_use]
    pub fn record(self) -> Record {
        let run = self.args(["--format", "jsonl"]).run();
        run.expect_code(0);
        run.record()
    }
}

/// Every way to end a program from outside: the signal, whether the whole process group gets it (as
/// from a terminal), and the exit code; `None` where it has no say.
const ENDS: [(Signal, bool, Option<i32>); 5] = [
    (Signal::SIGINT, true, Some(130)),
    (Signal::SIGINT, false, Some(130)),
    (Signal::SIGTERM, false, Some(143)),
    (Signal::SIGHUP, true, Some(129)),
    (Signal::SIGKILL, false, None),
];

impl Program {
    /// Asserts that it ends as every section must when it is ended from outside after it printed
    /// `middle`: at once, with the signal's exit code, saying so in one line, and leaving no
    /// process behind, not even after SIGKILL.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[track_caller]
    pub fn expect_clean_ends(&self, middle: &str) {
        for (signal, to_group, code) in ENDS {
            let mut run = self.start();
            run.line_with(middle);
            if to_group {
                run.signal_group(signal);
            } else {
                run.signal(signal);
            }
            let ended = run.wait();
            match code {
                Some(code) => drop(ended.expect_error(code, &format!(": ended by {signal}"))),
                None => assert_eq!(ended.code(), None),
            }
        }
    }
}

/// A new folder that every user may read and write, gone when dropped.
///
/// # Panics
///
/// If it cannot be made.
#[must_use]
pub fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).expect("its own folder");
    folder
}

fn copy_for_everybody(program: &Path) -> (tempfile::TempDir, PathBuf) {
    let folder = open_folder();
    let copy = folder.path().join(program.file_name().expect("a program has a name"));
    // By another process: a file that this one has open for writing may be inherited by a program
    // that another test starts meanwhile, and then it cannot be run.
    let copied = Command::new("cp").arg(program).arg(&copy).status();
    assert!(copied.is_ok_and(|status| status.success()), "room for a copy of the program");
    (folder, copy)
}
