//! A folder that is gone after its program, however the program ends.

use std::fs;
use std::io::{BufRead, BufReader, PipeReader, Read, Write, pipe};
use std::os::fd::AsFd;
use std::path::PathBuf;

use common::interrupt;
use common::process::{self, Child, Process};
use common::scratch::Scratch;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, getpid, setpgid};

use crate::PATIENCE;

pub(crate) fn dropping_it_removes_the_folder_and_ends_its_caretaker() {
    let scratch = Scratch::new("test").expect("a folder");
    let path = scratch.path().to_path_buf();
    fs::write(path.join("file"), "content").expect("a file");
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(name.starts_with(&format!("test-{}-", getpid())), "{name}");
    drop(scratch);
    assert!(!path.exists());
}

pub(crate) fn it_is_gone_after_any_kill_of_the_program_or_of_its_group() {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT, Signal::SIGABRT] {
        for to_group in [false, true] {
            let (mut program, path, end) = program(|| ());
            assert!(path.join("inner/file").exists());
            if to_group {
                killpg(Pid::from_raw(program.pid()), signal).expect("a process group");
            } else {
                program.signal(signal).expect("a process");
            }
            program.join().expect("its end");
            expect_end(end);
            assert!(!path.exists(), "{signal}, to the group: {to_group}");
        }
    }
}

pub(crate) fn it_stays_as_long_as_a_process_of_the_program_lives() {
    let (waits, mut release) = pipe().expect("a pipe");
    let start_survivor = || {
        let survive = || interrupt::wait_readable(&[waits.as_fd()], Some(PATIENCE)).map(drop);
        Process::new("survivor", survive).start().expect("a process").detach();
    };
    let (mut program, path, end) = program(start_survivor);
    program.kill().expect("a process");
    program.join().expect("its end");
    assert!(path.join("inner/file").exists());
    release.write_all(b"!").expect("a pipe");
    expect_end(end);
    assert!(!path.exists());
}

pub(crate) fn a_copy_in_a_child_removes_nothing() {
    let scratch = Scratch::new("test").expect("a folder");
    let path = scratch.path().to_path_buf();
    let mut held = Some(scratch);
    let mut child = Process::new("child", || drop(held.take())).start().expect("a process");
    assert!(child.join().expect("its end").success());
    assert!(path.exists());
    drop(held);
    assert!(!path.exists());
}

pub(crate) fn a_refused_folder_is_an_error() {
    let refused = Scratch::new("no/such/folder").expect_err("a folder in none").to_string();
    assert!(refused.contains("no/such/folder") && refused.ends_with("no such file or directory"), "{refused}");
}

/// A program in a process group of its own. It has a folder with a file in it, does `also`, and waits to
/// be killed. Returns its handle, the folder, and a pipe that is at its end when the program, its
/// caretaker and their children have ended.
fn program(also: impl FnOnce() + Send) -> (Child, PathBuf, PipeReader) {
    let (told, mut tells) = pipe().expect("a pipe");
    let (end, alive) = pipe().expect("a pipe");
    let live = || {
        setpgid(Pid::from_raw(0), Pid::from_raw(0)).expect("a process group");
        let scratch = Scratch::in_memory("test").expect("a folder");
        fs::create_dir(scratch.path().join("inner")).expect("a folder in it");
        fs::write(scratch.path().join("inner/file"), "content").expect("a file in that");
        also();
        writeln!(tells, "{}", scratch.path().display()).expect("a pipe");
        interrupt::sleep(PATIENCE)
    };
    let child = Process::new("program", live).start().expect("a process");
    drop((tells, alive));
    let mut path = String::new();
    BufReader::new(told).read_line(&mut path).expect("a pipe");
    (child, path.trim_end().into(), end)
}

/// Waits for the end of all processes that hold the other end of the pipe, and reaps those of them
/// that became orphans.
#[track_caller]
fn expect_end(mut end: PipeReader) {
    assert!(interrupt::wait_readable(&[end.as_fd()], Some(PATIENCE)).expect("a pipe"), "a process lives on");
    assert_eq!(end.read(&mut [0]).expect("a pipe"), 0);
    process::reap_all().expect("/proc");
}
