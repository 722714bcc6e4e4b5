//! A trial again, in a program of its own: where signals are not caught yet, or a library is preloaded.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use killproof::process::Process;

/// Set in the program of its own.
const ARGUMENT: &str = "KILLPROOF_TEST_FRESH";

/// What [`run`] was given, in the program of its own.
pub(crate) fn argument() -> Option<OsString> {
    env::var_os(ARGUMENT)
}

/// A process that executes this program again, for `trial` alone. Dropped unjoined, it is killed.
pub(crate) fn run<'f>(
    trial: &'f str,
    argument: OsString,
    set_up: impl FnOnce(&mut Command) + Send + 'f,
) -> Process<'f> {
    let executes = move || -> u8 {
        let mut command = Command::new(env::current_exe().expect("a path"));
        command.args(["--exact", trial]).env(ARGUMENT, argument);
        set_up(&mut command);
        panic!("cannot run the trial again: {}", command.exec())
    };
    Process::new(trial, executes).kill_on_drop()
}

/// A library to be preloaded, compiled into `folder` with the C compiler, which Rust needs as its linker.
pub(crate) fn compile(folder: &Path, source: &str) -> PathBuf {
    let (file, library) = (folder.join("library.c"), folder.join("library.so"));
    fs::write(&file, source).expect("a file");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &file]).arg("-ldl").status();
    assert!(compiled.expect("a C compiler").success());
    library
}
