//! A library of another author in the same program: what it has registered for a fork, and a list of changed files.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use killproof::process::{Exit, Process};
use support::tempfile::tempdir;

use crate::{PATIENCE, fresh};

/// It registers two sets of handlers, each of which writes a letter, and puts an inotify in the place of standard input.
const LIBRARY: &str = r#"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

static int letters;
static void say(const char *letter) { if (write(letters, letter, 1) != 1) abort(); }
static void before_1(void) { say("a"); }
static void before_2(void) { say("b"); }
static void parent_1(void) { say("c"); }
static void parent_2(void) { say("d"); }
static void child_1(void) { say("e"); }
static void child_2(void) { say("f"); }

__attribute__((constructor)) static void begin(void)
{
    letters = open(getenv("LETTERS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    int changes = inotify_init1(IN_NONBLOCK);
    if (letters < 0 || inotify_add_watch(changes, getenv("WATCHED"), IN_CREATE) < 0 || dup2(changes, 0) < 0)
        abort();
    close(changes);
    if (pthread_atfork(before_1, parent_1, child_1) || pthread_atfork(before_2, parent_2, child_2))
        abort();
}
"#;

fn with_the_library(trial: &str, test: fn(&Path)) {
    if let Some(folder) = fresh::argument() {
        return test(Path::new(&folder));
    }
    let folder = tempdir().expect("a folder");
    let library = fresh::compile(folder.path(), LIBRARY);
    let (letters, watched) = (folder.path().join("letters"), folder.path().join("watched"));
    fs::create_dir(&watched).expect("a folder");
    let preload = |command: &mut Command| {
        command.env("LD_PRELOAD", &library).env("LETTERS", &letters).env("WATCHED", &watched);
    };
    let mut program = fresh::run(trial, folder.path().into(), preload).start().expect("a process");
    let ended = program.join_timeout(PATIENCE / 2).expect("a wait");
    assert!(ended.is_some_and(Exit::success), "{ended:?}");
}

#[track_caller]
fn in_a_child(work: impl FnOnce() + Send) {
    let exit = Process::new("child", work).start().and_then(|mut child| child.join()).expect("a child");
    assert_eq!(exit, Exit::Code(0));
}

pub(crate) fn handlers_that_are_registered_for_a_fork_run_in_their_order() {
    with_the_library("at_fork::handlers_that_are_registered_for_a_fork_run_in_their_order", |folder| {
        let letters = folder.join("letters");
        let runs = || OpenOptions::new().append(true).open(&letters)?.write_all(b"x");
        File::create(&letters).expect("an empty file");
        for _ in 0..2 {
            in_a_child(|| runs().expect("room"));
        }
        let all = fs::read_to_string(&letters).expect("the letters");
        let of = |some: &str| all.chars().filter(|letter| some.contains(*letter)).collect::<String>();
        // Those of parent and child have no order among each other.
        assert_eq!((of("abcd"), of("abefx")), ("bacdbacd".to_owned(), "baefxbaefx".to_owned()), "{all}");
    });
}

pub(crate) fn the_list_of_changes_of_an_inotify_is_shared() {
    with_the_library("at_fork::the_list_of_changes_of_an_inotify_is_shared", |folder| {
        // Unbuffered: what one process has read no other process has.
        let read = || nix::unistd::read(std::io::stdin(), &mut [0; 4096]);
        let make = |name: &str| drop(File::create(folder.join(name)).expect("a file"));
        make("watched/first");
        in_a_child(|| {
            assert!(read().is_ok_and(|bytes| bytes > 0), "what the parent did");
            make("watched/second");
        });
        assert!(read().is_ok_and(|bytes| bytes > 0), "what the child did");
        assert_eq!(read(), Err(nix::Error::EAGAIN));
    });
}
