//! What an event of the journal costs the process that records it.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use common::Error;
use common::journal::{self, Journal, Show};
use common::mutex::SharedMutex;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::verify::expect;
use crate::words;

/// A line of the journal, of the usual length.
const LINE: &[u8] =
    b"{\"t\":123456789,\"pid\":12345,\"tid\":12345,\"actor\":\"main\",\"kind\":\"end\",\"span\":1234567}\n";

pub(super) fn cases() -> Vec<Case> {
    vec![Case {
        what: "Journal, one event",
        ours: Contestant::rust("SharedMutex, watched", events),
        peer: Contestant::rust("write(2) to a memfd", bare),
        amount: Amount::Filling,
        measure: Measure::Time,
        wanted: Wanted::Within(150e-9),
        note: Note::Own(
            "a lock and its unlock are two events; the peer writes the same bytes, which it knows beforehand",
        ),
        needs_disk: false,
    }]
}

fn events(job: &Job) -> Result<Sample, Error> {
    let journal = Journal::new()?;
    let recording = journal::watch(&journal, "main", Show::default())?;
    let mutex = SharedMutex::new(0_u64)?;
    let pairs = job.count.div_ceil(2);
    let began = Instant::now();
    for _ in 0..pairs {
        *black_box(&mutex).lock()? += 1;
    }
    let took = began.elapsed();
    drop(recording);
    let number = *mutex.lock()?;
    expect("the number", pairs, number)?;
    let lines = journal.events_since(0)?.len() as u64;
    expect("the lines", 2 * pairs, lines)?;
    Ok(Sample::new(2 * pairs, took))
}

fn bare(job: &Job) -> Result<Sample, Error> {
    let refused = |errno: nix::Error| Error::refused("write to", words::a_memfd(), errno);
    let file = memfd_create(c"bench", MFdFlags::MFD_CLOEXEC).map_err(refused)?;
    fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND)).map_err(refused)?;
    let mut file = File::from(file);
    let began = Instant::now();
    for _ in 0..job.count {
        file.write_all(black_box(LINE)).map_err(|source| Error::refused("write to", words::a_memfd(), source))?;
    }
    let took = began.elapsed();
    let length = file.metadata().map_err(|source| Error::refused("look at", words::a_memfd(), source))?.len();
    expect("the bytes", job.count * LINE.len() as u64, length)?;
    Ok(Sample::new(job.count, took))
}
