//! A log whose writers are killed and stopped: at every point, and while others write.

use std::collections::BTreeMap;
use std::time::Instant;

use killproof::Error;
use killproof::crashpoint::{self, CrashPoint};
use killproof::log::{AppendError, Log, MAX_RECORD, Read};
use killproof::process::Process;
use killproof::procfs;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::queue_kills::dies_at;
use crate::wait_until;

/// So large that two fill more than the first segment.
const HALF: usize = MAX_RECORD;

#[track_caller]
fn records(log: &Log, offset: u64) -> (Vec<String>, Read) {
    let mut records = Vec::new();
    let each = |record: &[u8]| records.push(String::from_utf8(record.to_vec()).expect("as it was written"));
    let read = log.read_since(offset, each).expect("a log");
    (records, read)
}

/// A record of this length that cannot be taken for a part of another one.
fn long(name: &str, length: usize) -> String {
    format!("{name}{}", name.repeat(length / name.len()))
}

pub(crate) fn records_of_several_processes_are_whole_and_each_writers_in_its_order() {
    let log = Log::new().expect("memory");
    let write = |name: &'static str| {
        let log = &log;
        // From nothing to longer than a page, and beyond the first segment.
        let work = move || (0..1_000).try_for_each(|i| log.append(long(name, i * 4).as_bytes()).map_err(Error::from));
        Process::new(name, work).start().expect("a process")
    };
    for child in &mut [write("a"), write("b"), write("c"), write("d")] {
        assert!(child.join().expect("its end").success());
    }
    let (records, read) = records(&log, 0);
    assert_eq!((records.len(), read), (4_000, Read::default()));
    let mut next = BTreeMap::new();
    for record in records {
        let name = record[..1].to_owned();
        let number = next.entry(name.clone()).or_insert(0);
        assert_eq!(record, long(&name, *number * 4));
        *number += 1;
    }
    assert!(next.values().all(|number| *number == 1_000), "{next:?}");
}

pub(crate) fn a_writer_killed_at_any_step_leaves_a_hole_or_a_whole_record() {
    for (point, is_whole) in [
        (CrashPoint::LogReserved, false),
        (CrashPoint::LogAdvanced, false),
        (CrashPoint::LogHalf, false),
        (CrashPoint::LogWritten, false),
        (CrashPoint::LogCommitted, true),
    ] {
        let log = Log::new().expect("memory");
        log.append(b"before").expect("room");
        let dead = long("dead", 2_000);
        dies_at(point, || log.append(dead.as_bytes()).expect("room"));
        let middle = log.end();
        // Twice: the second victim may meet what the first one left.
        dies_at(point, || log.append(dead.as_bytes()).expect("room"));
        let others = long("other", 3_000);
        let append = || log.append(others.as_bytes()).map_err(Error::from);
        let mut other = Process::new("other", append).start().expect("a process");
        assert!(other.join().expect("its end").success(), "{point:?}");
        log.append(b"after").expect("room");
        let expected: &[&str] = if is_whole { &["before", &dead, &dead] } else { &["before"] };
        let expected = [expected, &[&others, "after"]].concat();
        let (all, read) = records(&log, 0);
        assert_eq!(all, expected, "{point:?}");
        assert_eq!((read.holes, read.is_closed), (if is_whole { 0 } else { 2 }, false), "{point:?}");
        assert_eq!(records(&log, middle).0.last().map(String::as_str), Some("after"));
    }
}

pub(crate) fn a_stopped_writer_blocks_no_writer_and_no_reader() {
    for point in [CrashPoint::LogReserved, CrashPoint::LogAdvanced, CrashPoint::LogHalf, CrashPoint::LogWritten] {
        let log = Log::new().expect("memory");
        let stops = || {
            crashpoint::arm_to_stop(point, 1);
            log.append(long("stopped", 2_000).as_bytes()).map_err(Error::from)
        };
        let mut child = Process::new("stops", stops).start().expect("a process");
        wait_until("a stopped writer", || {
            procfs::status(child.pid()).expect("/proc").is_some_and(|status| status.state == 'T')
        });
        for i in 0..100 {
            log.append(i.to_string().as_bytes()).expect("room");
        }
        let written: Vec<String> = (0..100).map(|i| i.to_string()).collect();
        let (all, read) = records(&log, 0);
        assert_eq!((&all, read.holes), (&written, 1), "{point:?}");
        kill(Pid::from_raw(child.pid()), Signal::SIGCONT).expect("a signal");
        assert!(child.join().expect("its end").success());
        let (all, read) = records(&log, 0);
        assert_eq!((&all[0], &all[1..], read.holes), (&long("stopped", 2_000), &written[..], 0), "{point:?}");
    }
}

pub(crate) fn a_log_grows_beyond_what_was_mapped_before_the_fork_and_a_kill_there_costs_nothing() {
    for point in [CrashPoint::LogSkipped, CrashPoint::LogReserved, CrashPoint::LogCommitted] {
        let log = Log::new().expect("memory");
        let large = "x".repeat(HALF);
        log.append(large.as_bytes()).expect("room");
        // The second one does not fit into the rest of the first segment.
        dies_at(point, || log.append(large.as_bytes()).expect("room"));
        let append = || (0..4).try_for_each(|_| log.append(large.as_bytes()).map_err(Error::from));
        let mut child = Process::new("child", append).start().expect("a process");
        assert!(child.join().expect("its end").success());
        let end = log.end();
        log.append(b"after").expect("room");
        let (all, read) = records(&log, 0);
        let whole = if point == CrashPoint::LogCommitted { 6 } else { 5 };
        assert!(all[..whole].iter().all(|record| *record == large), "{point:?}");
        assert_eq!(all[whole..], ["after"], "{point:?}");
        assert_eq!(read.holes, u64::from(point == CrashPoint::LogReserved), "{point:?}");
        assert_eq!(records(&log, end).0, ["after"]);
        // In the middle of a record, and behind the end.
        assert_eq!(records(&log, end - 8).0, ["after"]);
        assert_eq!(records(&log, u64::MAX).0, [""; 0]);
    }
}

pub(crate) fn a_full_log_takes_one_last_record_even_if_its_writer_is_killed() {
    let log = Log::with_limit(1_000).expect("memory");
    let write = |name: &'static str| {
        let log = &log;
        let work = move || {
            let mut lasts = 0;
            for _ in 0..100 {
                match log.append(name.as_bytes()) {
                    Ok(()) | Err(AppendError::Closed) => {}
                    Err(AppendError::Full) => lasts += u8::from(log.append_last(b"last").expect("room")),
                    Err(other) => panic!("{other}"),
                }
            }
            lasts
        };
        Process::new(name, work).start().expect("a process")
    };
    let mut children = [write("a"), write("b"), write("c")];
    let lasts: Vec<_> = children.iter_mut().map(|child| child.join().expect("its end").to_string()).collect();
    assert_eq!(lasts.iter().filter(|exit| *exit == "code 1").count(), 1, "{lasts:?}");
    let (all, read) = records(&log, 0);
    assert_eq!((all.len(), all.last().map(String::as_str), read.is_closed), (1_000 / 16 + 1, Some("last"), true));

    for (point, holes) in [(CrashPoint::LogReserved, 1), (CrashPoint::LogWritten, 1), (CrashPoint::LogCommitted, 0)] {
        let log = Log::new().expect("memory");
        log.append(b"first").expect("room");
        dies_at(point, || drop(log.append_last(b"last")));
        assert!(matches!(log.append(b"late"), Err(AppendError::Closed)), "{point:?}");
        assert!(!log.append_last(b"late").expect("no room is needed"), "{point:?}");
        let (all, read) = records(&log, 0);
        let found = (read.holes, read.is_closed, read.last_is_hole, all[0].as_str());
        assert_eq!(found, (holes, true, holes == 1, "first"), "{point:?}");
        assert_eq!(all.len() as u64, 2 - holes);
    }
}

pub(crate) fn a_record_that_does_not_fit_is_refused_and_so_is_one_without_memory() {
    let log = Log::new().expect("memory");
    let too_large = log.append(&vec![0; MAX_RECORD + 1]);
    assert!(matches!(too_large, Err(AppendError::TooLarge { size }) if size == MAX_RECORD + 1), "{too_large:?}");
    // Neither ends the process by a signal.
    for (limit, bytes) in [(Resource::RLIMIT_FSIZE, 100_000), (Resource::RLIMIT_AS, 1 << 20)] {
        let log = Log::new().expect("memory");
        let record = vec![b'x'; 10_000];
        let work = || -> u8 {
            setrlimit(limit, bytes, bytes).expect("a lower limit");
            let refused = std::iter::repeat_with(|| log.append(&record)).take(1_000).find_map(Result::err);
            u8::from(!matches!(refused, Some(AppendError::Refused(_))))
        };
        let exit = Process::new("limited", work).start().expect("a process").join().expect("its end");
        assert_eq!(exit.to_string(), "code 0", "{limit:?}");
        // What was refused there takes nothing from the others.
        log.append(b"after").expect("room");
        let (all, read) = records(&log, 0);
        assert_eq!((all.last().map(String::as_str), read.holes), (Some("after"), 0), "{limit:?}");
    }
}

pub(crate) fn a_reader_that_appends_while_it_reads_comes_to_an_end() {
    let log = Log::with_limit(1 << 16).expect("memory");
    (0..10).for_each(|_| log.append(b"before").expect("room"));
    let mut seen = 0;
    let append = |_: &[u8]| {
        seen += 1;
        log.append(b"meanwhile").expect("room");
    };
    log.read_since(0, append).expect("a log");
    assert!((10..=11).contains(&seen), "{seen}");
    assert_eq!(records(&log, 0).0.len(), 10 + seen);
}

pub(crate) fn a_reader_that_comes_again_does_not_read_from_the_beginning() {
    /// So that half of them are in the last segment.
    const MANY: usize = 400_000;
    const TIMES: u32 = 100;
    let log = Log::new().expect("memory");
    (0..MANY).for_each(|_| log.append(b"a record").expect("room"));
    let began = Instant::now();
    assert_eq!(records(&log, 0).0.len(), MANY);
    let all = began.elapsed();
    let began = Instant::now();
    for _ in 0..TIMES {
        let end = log.end();
        log.append(b"one more").expect("room");
        assert_eq!(records(&log, end).0, ["one more"]);
    }
    // From the beginning of its segment each time would be tens of times that.
    assert!(began.elapsed() < all * (TIMES / 20), "{:?}, and {all:?} for all", began.elapsed());
}
