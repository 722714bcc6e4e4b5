//! Whether the lanes say what the kernel says: who runs, and who is blocked.
//!
//! Every thread of every section is looked at from outside while the section runs. A thread that sleeps for a slice of
//! time during which its lane says "running", or that runs while its lane says "waiting", is a hole in the record.
//!
//! Allowed: a difference shorter than a slice (a look of `/proc` every millisecond, a message that is about to come); a
//! thread that is no actor and has no lane (the writer of a server's lines, the thread that connects); Python, which
//! keeps no record and is not run here; the end of a process that is killed, which its lane shows when it is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;

use common::timeline::lanes::{self, Lane, State};
use support::echo::Server;
use support::{Program, Seen, Signal, Stretch, Watched, program};

/// The shortest stretch of one state that counts, in nanoseconds.
const SLICE: u64 = 80_000_000;
/// The shortest difference between a lane and its thread that is a hole, in nanoseconds. On a busy machine a thread that
/// has work waits as long for memory maps and the allocator, whose locks are held by threads that do not run.
const HOLE: u64 = 250_000_000;
/// How often a program runs that seems to have a hole. A hole is in the program, so it is there each time; a lock that
/// another thread holds that does not run is not.
const RUNS: usize = 3;

/// Where a lane and the kernel disagree for a whole slice, and between which times.
fn holes(watched: &Watched) -> BTreeMap<String, String> {
    let run = lanes::read_lines(&watched.journal);
    let mut found = BTreeMap::new();
    for scene in &run.scenes {
        for lane in &scene.lanes {
            for stretch in watched.stretches.get(&(lane.pid, lane.tid)).into_iter().flatten() {
                let differences = differences(lane, stretch).into_iter();
                found.extend(differences.map(|(from, until, state)| {
                    let (from, until) = (from / 1_000_000, until / 1_000_000);
                    let (section, scene, lane, seen) = (&run.section, &scene.name, &lane.name, stretch.seen);
                    let what = format!("{section} {scene}: {lane} is {state:?}, and {seen:?}");
                    (what, format!("from {from} to {until} ms"))
                }));
            }
        }
    }
    found
}

fn differences(lane: &Lane, stretch: &Stretch) -> Vec<(u64, u64, State)> {
    let states = lane.states();
    let ends = states.iter().skip(1).map(|(time, _)| *time).chain([lane.last()]);
    let pieces = states.iter().zip(ends).map(|((from, state), until)| (*from, until, *state));
    let apart = pieces.filter(|(_, _, state)| is_asleep(*state) == Some(stretch.seen == Seen::Runs));
    let common = apart.map(|(from, until, state)| (from.max(stretch.from), until.min(stretch.until), state));
    common.filter(|(from, until, _)| from + HOLE <= *until).collect()
}

/// What a lane says. A zombie neither runs nor sleeps.
fn is_asleep(state: State) -> Option<bool> {
    match state {
        State::Running | State::Holding | State::Working => Some(false),
        State::Sleeping | State::Waiting | State::Joining | State::HoldingAsleep | State::WorkingAsleep => Some(true),
        State::Zombie => None,
    }
}

/// How many threads were seen asleep for a slice, and how many running.
fn seen(watched: &Watched) -> BTreeMap<Seen, usize> {
    let mut counts = BTreeMap::new();
    for stretch in watched.stretches.values().flatten().filter(|stretch| stretch.from + SLICE <= stretch.until) {
        *counts.entry(stretch.seen).or_default() += 1;
    }
    counts
}

/// Runs a program, and once more if it seems to have a hole. Fails if it has the same one each time.
#[track_caller]
fn expect_no_holes(run: impl Fn() -> Watched) -> Watched {
    let mut found: Option<BTreeSet<String>> = None;
    for _ in 0..RUNS {
        let watched = run();
        watched.ended.expect_code(0);
        // Or the test would hold for want of looks.
        assert!(seen(&watched).contains_key(&Seen::Sleeps), "{:?}", watched.stretches);
        let holes = holes(&watched);
        if !holes.is_empty() {
            println!("{holes:#?}");
        }
        let again = |what: &String| found.as_ref().is_none_or(|before| before.contains(what));
        let left: BTreeSet<String> = holes.into_keys().filter(again).collect();
        if left.is_empty() {
            return watched;
        }
        found = Some(left);
    }
    panic!("{found:#?}");
}

/// One of the sections that need no other program.
fn section(name: &str) -> Program {
    program!().args([name, "--seed", "7"]).env("PATH", "")
}

#[test]
fn a_lane_sleeps_when_its_actor_sleeps_and_runs_when_its_actor_runs() {
    for name in super::names().into_iter().filter(|name| !name.starts_with("tcp-")) {
        expect_no_holes(|| Watched::run(section(&name), |_, _| {}));
    }
}

#[test]
fn a_client_that_waits_for_its_server_is_shown_as_waiting() {
    let watched = expect_no_holes(|| {
        let server = Server::start([answer_late]);
        let client = section("tcp-client").args(["--port", &server.port, "--count", "3"]);
        let watched = Watched::run(client, |_, _| {});
        server.join();
        watched
    });
    let run = lanes::read_lines(&watched.journal);
    let waits = run.scenes[0].lanes[0].spans.iter().filter(|span| span.doing == common::journal::Doing::WaitIo);
    assert!(waits.filter(|span| span.until - span.from >= SLICE).count() >= 3, "{run:?}");
}

/// Answers in upper case, each message a while after it came.
fn answer_late(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        std::thread::park_timeout(std::time::Duration::from_millis(300));
        if stream.write_all(&buffer[..read].to_ascii_uppercase()).is_err() {
            break;
        }
    }
}

#[test]
fn a_server_that_waits_for_clients_is_shown_as_waiting_in_every_model() {
    for model in ["threads", "pool", "events"] {
        expect_no_holes(|| {
            let server = section("tcp-server").args(["--port", "0", "--model", model]);
            Watched::run(server, |address, pid| {
                let mut client = TcpStream::connect(address).expect("a server");
                let mut answer = [0; 5];
                for _ in 0..3 {
                    std::thread::park_timeout(std::time::Duration::from_millis(300));
                    client.write_all(b"hello").expect("a server that reads");
                    client.read_exact(&mut answer).expect("an answer");
                }
                drop(client);
                nix::sys::signal::kill(pid, Signal::SIGTERM).expect("a server");
            })
        });
    }
}
