//! A run, watched from outside: what the kernel says of each of its threads, beside what its journal says.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, pipe};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use serde_json::Value;

use crate::group::living;
use crate::{Ended, Program};

/// From one look to the next one.
const TICK: Duration = Duration::from_millis(10);
/// Two looks that are further apart say nothing about what was between them, unless the thread did not run at all.
const CLOSE: u64 = 3 * 10_000_000;
/// In how many looks the watcher looks for processes that are new.
const NEW_ONES_EVERY: usize = 4;

/// Process and thread.
pub type Thread = (i32, i32);

/// What a thread does, as `/proc` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// It runs, or wants to.
    Runs,
    /// It sleeps, or waits for a disk.
    Sleeps,
}

/// A time in which every look saw a thread do the same. In nanoseconds of the run's own clock.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// What the thread did.
    pub seen: Seen,
    /// The first look.
    pub from: u64,
    /// The last look.
    pub until: u64,
}

/// A run that was watched.
#[derive(Debug)]
pub struct Watched {
    /// How it ended.
    pub ended: Ended,
    /// Its journal, as it printed it.
    pub journal: Vec<u8>,
    /// What was seen of each thread.
    pub stretches: BTreeMap<Thread, Vec<Stretch>>,
}

/// One look at one thread.
#[derive(Clone, Copy)]
struct Look {
    at: Instant,
    seen: Option<Seen>,
    /// How long it ran so far, in nanoseconds, and how often.
    ran: (u64, u64),
}

impl Watched {
    /// Runs `program`, which prints its journal, and looks at every thread of its process group. Calls `ready` with the
    /// address at which it listens, if it does, and with its process id.
    ///
    /// # Panics
    ///
    /// As [`Program::run`].
    #[must_use]
    pub fn run(program: Program, ready: impl FnOnce(SocketAddr, Pid)) -> Self {
        let (reader, writer) = pipe().expect("a pipe");
        let running = program.args(["--format", "jsonl"]).start_with_output(Stdio::from(writer));
        let (group, is_over) = (running.pid(), AtomicBool::new(false));
        let (looks, (journal, began)) = thread::scope(|scope| {
            let looking = scope.spawn(|| look_until(&is_over, group));
            let read = read(BufReader::new(reader), |address| ready(address, group));
            is_over.store(true, Ordering::Relaxed);
            (looking.join().expect("a watcher"), read)
        });
        let stretches = looks.iter().map(|(thread, looks)| (*thread, stretches(looks, began))).collect();
        Self { ended: running.wait(), journal, stretches }
    }
}

/// Reads the lines of a journal. A line is read after it was written, so each says how late at most its run began;
/// the one that was read soonest says it best.
fn read(mut lines: impl BufRead, ready: impl FnOnce(SocketAddr)) -> (Vec<u8>, Instant) {
    let mut ready = Some(ready);
    let (mut journal, mut line) = (Vec::new(), Vec::new());
    let mut began = Instant::now();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let now = Instant::now();
        let event: Value = serde_json::from_slice(&line).unwrap_or_default();
        // The last line is the report, and no event.
        if let Some(written) = event["t"].as_u64().and_then(|t| now.checked_sub(Duration::from_nanos(t))) {
            began = began.min(written);
            journal.append(&mut line);
        }
        let address = event["args"]["address"].as_str().filter(|_| event["kind"] == "ready");
        if let Some(address) = address.and_then(|address| address.parse().ok())
            && let Some(ready) = ready.take()
        {
            ready(address);
        }
        line.clear();
    }
    (journal, began)
}

fn look_until(is_over: &AtomicBool, group: Pid) -> BTreeMap<Thread, Vec<Look>> {
    let mut looks: BTreeMap<Thread, Vec<Look>> = BTreeMap::new();
    let mut members = Vec::new();
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        if number % NEW_ONES_EVERY == 0 {
            members = living(group).into_iter().map(Pid::as_raw).collect();
        }
        let threads = members.iter().flat_map(|pid| threads_of(*pid));
        for thread in threads {
            looks.entry(thread).or_default().extend(look(thread));
        }
        thread::park_timeout(TICK);
    }
    looks
}

fn threads_of(pid: i32) -> Vec<Thread> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().filter_map(Result::ok);
    threads.filter_map(|thread| Some((pid, thread.file_name().to_str()?.parse().ok()?))).collect()
}

fn look((pid, tid): Thread) -> Option<Look> {
    let read = |name: &str| fs::read(format!("/proc/{pid}/task/{tid}/{name}")).ok();
    // Between two readings of what it ran: if those are the same, the state was the same all the time.
    let before = read("schedstat")?;
    let stat = read("stat")?;
    let (at, ran) = (Instant::now(), read("schedstat")?);
    let state = stat.get(stat.iter().rposition(|byte| *byte == b')')? + 2)?;
    let seen = match state {
        b'R' => Some(Seen::Runs),
        b'S' | b'D' if before == ran => Some(Seen::Sleeps),
        _ => None,
    };
    let text = String::from_utf8(ran).ok()?;
    let mut numbers = text.split_whitespace().map(|number| number.parse::<u64>().ok());
    let (long, _, often) = (numbers.next()??, numbers.next()??, numbers.next()??);
    Some(Look { at, seen, ran: (long, often) })
}

fn stretches(looks: &[Look], began: Instant) -> Vec<Stretch> {
    let time = |look: &Look| u64::try_from(look.at.saturating_duration_since(began).as_nanos()).unwrap_or(u64::MAX);
    let mut found: Vec<Stretch> = Vec::new();
    let mut before: Option<&Look> = None;
    for look in looks {
        let now = time(look);
        let goes_on = before.filter(|before| {
            let did_not_run = look.seen == Some(Seen::Sleeps) && before.ran == look.ran;
            before.seen == look.seen && (did_not_run || now - time(before) <= CLOSE)
        });
        match (look.seen, found.last_mut()) {
            (Some(_), Some(last)) if goes_on.is_some() => last.until = now,
            (Some(seen), _) => found.push(Stretch { seen, from: now, until: now }),
            (None, _) => {}
        }
        before = Some(look);
    }
    found
}
