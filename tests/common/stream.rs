//! A full output: lines arrive whole when the reader is slow, and a reader that does not read holds no run.

use std::fs;
use std::io::{PipeReader, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use clap::Parser;
use common::Error;
use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section, run_with};
use common::process::{Child, Exit, Process};
use common::procfs;
use common::stage::Stage;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::Signal;
use nix::sys::socket::{setsockopt, sockopt};
use support::{Terminal, handles};

use crate::wait_until;

/// The size of the smallest pipe, in bytes.
const PAGE: usize = 4096;
/// How long the end of a run may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// A section whose scenes write.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

impl Section for Options {
    const NAME: &'static str = "writes";
    const SCENES: &'static [Scene<Self>] = &[("crowd", crowd), ("late", late), ("fails", fails)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

const WRITERS: usize = 4;
const LINES: usize = 300;

/// Writers that write at the same time, lines of all lengths: each more than a pipe or a socket takes.
fn crowd(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let writes_all = |actor: &Actor, letter: &str| {
        (1..=LINES).try_for_each(|length| actor.say(format!("<{}>", letter.repeat(8 * length))))
    };
    let start = |letter: &'static str| stage.process(letter, move |actor| writes_all(actor, letter)).start();
    let mut processes = ["a", "b", "c", "d"].map(start).into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(processes.len(), WRITERS);
    stage.join_all(&mut processes)
}

/// Speaks after the run was asked to end.
fn late(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    nix::sys::signal::raise(Signal::SIGTERM).expect("a signal to this process");
    stage.say("there is room")?;
    stage.pause(Duration::from_secs(1))
}

fn fails(_: &Options, _: &mut Stage) -> Result<(), Error> {
    Err(Error::Usage("on purpose".into()))
}

/// A run of a scene in a process of its own, whose standard output or error is `file`.
fn start(scene: &str, redirect: fn(OwnedFd) -> nix::Result<()>, file: impl Into<OwnedFd>) -> Child {
    let (scene, file) = (scene.to_owned(), file.into());
    let run = move |file: OwnedFd| {
        redirect(file).expect("a standard stream");
        run_with::<Options>(["writes", "--scene", &scene].map(Into::into))
    };
    Process::with_descriptor("run", file, run).start().expect("a process")
}

fn to_stdout(file: OwnedFd) -> nix::Result<()> {
    nix::unistd::dup2_stdout(file)
}

fn to_stderr(file: OwnedFd) -> nix::Result<()> {
    nix::unistd::dup2_stderr(file)
}

pub(crate) fn lines_of_many_writers_arrive_whole_when_the_reader_is_slow() {
    let (mut output, input) = pipe().expect("a pipe");
    fcntl(&input, FcntlArg::F_SETPIPE_SZ(1)).expect("a small pipe");
    let mut run = start("crowd", to_stdout, input);
    let (mut printed, mut piece) = (Vec::new(), [0; 100]);
    while let Ok(count @ 1..) = output.read(&mut piece) {
        printed.extend_from_slice(&piece[..count]);
        // On a busy machine each pause is long, so there is one for each time that the pipe can be filled.
        if printed.len() / 4096 > (printed.len() - count) / 4096 {
            std::thread::yield_now();
        }
    }
    assert_eq!(run.join().expect("its end"), Exit::Code(0));
    let printed = String::from_utf8(printed).expect("text");
    for letter in ["a", "b", "c", "d"] {
        let of_it =
            printed.lines().filter_map(|line| line.split_once(" <").filter(|(_, rest)| rest.starts_with(letter)));
        let lengths: Vec<_> = of_it
            .map(|(_, rest)| {
                rest.strip_suffix('>').expect("a whole line").trim_matches(letter.chars().next().expect("a letter"))
            })
            .collect();
        assert_eq!(lengths, [""; LINES], "{letter}");
    }
}

/// Waits until a run is ready for signals, and has this many processes, all of which sleep.
fn wait_until_all_sleep(run: &Child, processes: usize) {
    let children = format!("/proc/{0}/task/{0}/children", run.pid());
    let sleeps = |pid: &i32| procfs::status(*pid).expect("/proc").is_some_and(|status| status.state == 'S');
    wait_until("processes that wait", || {
        let children = fs::read_to_string(&children).unwrap_or_default();
        let all = children.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()).chain([run.pid()]);
        let asleep = all.map(|pid| sleeps(&pid)).collect::<Vec<_>>();
        handles(run.pid(), Signal::SIGTERM) && asleep == vec![true; processes]
    });
}

fn full_pipe() -> (PipeReader, OwnedFd) {
    let (output, mut input) = pipe().expect("a pipe");
    fcntl(&input, FcntlArg::F_SETPIPE_SZ(1)).expect("a small pipe");
    input.write_all(&[b'.'; PAGE]).expect("room for a page");
    (output, input.into())
}

pub(crate) fn a_request_to_end_ends_a_run_whose_output_has_no_room() {
    // Each of the crowd alone fills a small pipe, a small socket and a terminal that is not read, so none ends before all
    // of them wait. A terminal that was stopped has no room, and neither has a full pipe.
    let (pipe_reader, pipe_writer) = pipe().expect("a pipe");
    fcntl(&pipe_writer, FcntlArg::F_SETPIPE_SZ(1)).expect("a small pipe");
    let (socket_reader, socket_writer) = UnixStream::pair().expect("a pair of sockets");
    setsockopt(&socket_writer, sockopt::SndBuf, &1).expect("a small socket");
    let (stopped, unread) = (Terminal::stopped(), Terminal::new());
    let (full_reader, full) = full_pipe();
    let outputs: [(OwnedFd, usize); 5] = [
        (pipe_writer.into(), 1 + WRITERS),
        (socket_writer.into(), 1 + WRITERS),
        (unread.stream(), 1 + WRITERS),
        (stopped.stream(), 1),
        (full, 1),
    ];
    for (place, (output, processes)) in outputs.into_iter().enumerate() {
        let mut run = start("crowd", to_stdout, output);
        wait_until_all_sleep(&run, processes);
        run.terminate().expect("it lives");
        assert_eq!(run.join_timeout(SOON).expect("a child"), Some(Exit::Code(143)), "output {place}");
    }
    drop((pipe_reader, socket_reader, full_reader));
}

pub(crate) fn a_request_to_end_ends_a_run_whose_error_has_no_room() {
    let (stopped, (reader, full)) = (Terminal::stopped(), full_pipe());
    for error in [full, stopped.stream()] {
        let mut run = start("fails", to_stderr, error);
        wait_until_all_sleep(&run, 1);
        run.terminate().expect("it lives");
        assert_eq!(run.join_timeout(SOON).expect("a child"), Some(Exit::Code(2)));
    }
    drop(reader);
}

pub(crate) fn a_line_after_the_request_is_written_where_there_is_room() {
    let (mut output, input) = pipe().expect("a pipe");
    let mut run = start("late", to_stdout, input);
    let mut printed = String::new();
    output.read_to_string(&mut printed).expect("text");
    assert_eq!(run.join().expect("its end"), Exit::Code(143));
    assert!(printed.contains("there is room"), "{printed}");
}
