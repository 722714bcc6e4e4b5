//! The loops of `--model events`: they share all clients, and no two serve one client at the same time.

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use support::Signal;

use crate::full::until;
use crate::streams::{STREAMS, letters, random_streams};
use crate::{ask, client, ended_by, expect_moved, of, with_json_report};

#[test]
fn more_loops_than_cores_answer_all_in_order() {
    let (server, port) = with_json_report(&of("events").args(["--quiet", "--workers", "16"]));
    let bytes = random_streams(port);
    expect_moved(&ended_by(server, Signal::SIGTERM), STREAMS, bytes);
}

#[test]
fn many_loops_need_no_files_of_their_own() {
    let options = ["--quiet", "--workers", "200", "--max-connections", "50"];
    let (server, port) = with_json_report(&of("events").args(options).limit("nofile", 100));
    let clients: Vec<_> = (0..50).map(|_| client(port)).collect();
    for client in &clients {
        ask(client, b"hello", b"HELLO");
    }
    drop(clients);
    expect_moved(&ended_by(server, Signal::SIGTERM), 50, 250);
}

/// The number of clients that send without a pause, and the most mebibytes that each sends.
const TALKERS: u64 = 4;
const MOST: u64 = 1000;

#[test]
fn a_loop_that_has_no_pause_is_helped() {
    let (server, port) = with_json_report(&of("events").args(["--quiet", "--workers", "3"]));
    let (is_enough, message) = (AtomicBool::new(false), letters(1 << 20));
    let (message, answer) = (&message, &message.to_ascii_uppercase());
    let times: u64 = thread::scope(|scope| {
        let talk = || {
            let (stream, mut times) = (&client(port), 0);
            while times < MOST && !is_enough.load(Ordering::Relaxed) {
                thread::scope(|scope| {
                    scope.spawn(|| (&*stream).write_all(message).expect("an open connection"));
                    ask(stream, b"", answer);
                });
                times += 1;
            }
            times
        };
        let talkers: Vec<_> = (0..TALKERS).map(|_| scope.spawn(talk)).collect();
        let mut worked = 0;
        until(|| {
            worked = threads_that_worked(server.pid());
            worked >= 2 || talkers.iter().any(thread::ScopedJoinHandle::is_finished)
        });
        assert!(worked >= 2, "one loop has done all of it");
        is_enough.store(true, Ordering::Relaxed);
        talkers.into_iter().map(|talker| talker.join().expect("every answer is right")).sum()
    });
    expect_moved(&ended_by(server, Signal::SIGTERM), TALKERS, times << 20);
}

/// The number of threads that have used a core for at least five ticks of the kernel's clock.
fn threads_that_worked(pid: impl std::fmt::Display) -> usize {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("a running program");
    let worked = tasks.filter(|task| {
        let path = task.as_ref().expect("a thread").path().join("stat");
        let stat = fs::read_to_string(path).expect("a running thread");
        // proc(5): after the name, which may contain anything, `utime` and `stime` are fields 12 and 13.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        fields.map(|ticks| ticks.parse::<u64>().expect("ticks")).sum::<u64>() >= 5
    });
    worked.count()
}
