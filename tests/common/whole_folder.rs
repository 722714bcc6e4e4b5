//! A folder that is whole or not there, however its writer ends.

use std::fs;
use std::io::{Read, Write, pipe};
use std::os::fd::AsFd;
use std::path::Path;
use std::{io, thread};

use common::interrupt;
use common::process::Process;
use common::whole_folder::{FolderDraft, WholeFolder};

use crate::{PATIENCE, wait_until};

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).expect("our own folder").count()
}

pub(crate) fn an_empty_folder_is_replaced_and_a_link_to_it_stays() {
    let place = tempfile::tempdir().expect("a folder");
    let (real, link) = (place.path().join("real"), place.path().join("link"));
    fs::create_dir(&real).expect("room");
    std::os::unix::fs::symlink("real", &link).expect("room");
    let folder = WholeFolder::prepare(&link).expect("an empty folder");
    folder.write(|draft| draft.file("in/file", "whole")).expect("room");
    assert_eq!(fs::read(real.join("in/file")).expect("whole"), b"whole");
    assert!(link.is_symlink() && count(place.path()) == 2);
}

pub(crate) fn a_folder_that_could_not_be_filled_leaves_nothing() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = WholeFolder::prepare(&place.path().join("pages")).expect("a place");
    let half = |draft: &FolderDraft| draft.file("file", "half").and(Err(io::Error::other("no more")));
    let error = folder.write(half).expect_err("no more").to_string();
    assert!(error.contains("no more"), "{error}");
    assert_eq!(count(place.path()), 0);
}

pub(crate) fn a_kill_in_the_middle_leaves_nothing() {
    let place = tempfile::tempdir().expect("a folder");
    let (mut half_done, tells) = pipe().expect("a pipe");
    let (never, _open) = pipe().expect("a pipe");
    let write = || {
        let folder = WholeFolder::prepare(&place.path().join("pages")).expect("a place");
        let half = |draft: &FolderDraft| {
            draft.file("file", "half")?;
            (&tells).write_all(b"!")?;
            interrupt::wait_readable(&[never.as_fd()], Some(PATIENCE)).map_err(io::Error::other)?;
            Ok(())
        };
        folder.write(half).expect("it is killed before");
    };
    let mut writer = Process::new("writer", write).start().expect("a process");
    half_done.read_exact(&mut [0]).expect("half of it is there");
    assert_eq!(count(place.path()), 1, "the draft");
    writer.kill().expect("a process");
    writer.join().expect("its end");
    wait_until("the draft's end", || {
        thread::yield_now();
        count(place.path()) == 0
    });
    // The caretaker ends when it has removed the draft.
    while common::process::reap_all().expect("children") > 0 {}
}
