//! The TCP server in its three models beside one on tokio and the notes' in Python: the same client, in
//! a process of its own, asks all of them.

use std::net::SocketAddr;
use std::time::Duration;

use common::Error;
use common::error::Toolkit;
use load::{Outcome, Phase, Plan, Until};

use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::servers::Server::{self, Ours, Python, Tokio};
use crate::verify::expect;
use crate::words;

const MIB: f64 = 1_048_576.0;
const LOAD: Note = Note::Shared {
    rows: "tcp …, … connection…",
    text: "each connection sends 5 bytes, waits for the answer, and sends again; the client and the server share the \
           cores, the server prints nothing, both sides set TCP_NODELAY; the answers are verified",
};
const IDLE: Note = Note::Shared {
    rows: "tcp …, memory of …",
    text: "all clients connect, are silent for a moment, and have one answer each; the figure is VmRSS of the server \
           in /proc at that moment, its program included",
};
const SOAK: Note = Note::Shared {
    rows: "tcp …, soak",
    text: "growth of the server's memory from a tenth of the time to the end, under 64 connections that ask as fast as \
           they can; --soak sets the time; one wrong answer would be an error",
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![];
    for (connections, [events, threads, pool]) in [
        (1, ["tcp events, 1 connection", "tcp threads, 1 connection", "tcp pool, 1 connection"]),
        (64, ["tcp events, 64 connections", "tcp threads, 64 connections", "tcp pool, 64 connections"]),
        (1000, ["tcp events, 1,000 connections", "tcp threads, 1,000 connections", "tcp pool, 1,000 connections"]),
    ] {
        for (what, model) in [(events, "events"), (threads, "threads"), (pool, "pool")] {
            for peer in [Tokio, Python] {
                let wanted = match (model, peer, connections) {
                    ("events", Tokio, 64..) => Wanted::Faster(1.0),
                    ("threads", Python, 64) => Wanted::Faster(2.0),
                    _ => Wanted::Shown,
                };
                cases.push(Comparison { peer, wanted, ..Comparison::of_rates(what, model, connections) }.case());
            }
        }
    }
    for (what, connections) in [("tcp events, 64 connections, p99", 64), ("tcp events, 1,000 connections, p99", 1000)] {
        let (measure, wanted) = (Measure::P99, Wanted::AtMost(1.0));
        cases.push(Comparison { measure, wanted, ..Comparison::of_rates(what, "events", connections) }.case());
    }
    for (what, model, connections, wanted) in [
        ("tcp events, memory of 10,000", "events", 10_000, Wanted::BelowMemory(64.0 * MIB)),
        ("tcp threads, memory of 5,000", "threads", 5_000, Wanted::Shown),
    ] {
        cases.push(Comparison { wanted, ..Comparison::of_memory(what, model, connections) }.case());
    }
    for (what, model) in [("tcp events, soak", "events"), ("tcp threads, soak", "threads"), ("tcp pool, soak", "pool")]
    {
        cases.push(Comparison::of_growth(what, model, 64).case());
    }
    cases
}

/// One model of ours beside one other server.
struct Comparison {
    what: &'static str,
    model: &'static str,
    peer: Server,
    connections: usize,
    visit: Visit,
    amount: Amount,
    measure: Measure,
    wanted: Wanted,
    note: Note,
}

/// Asks a server over this many connections. `None` if its program is missing.
type Visit = fn(&Job, Server, usize) -> Result<Option<Sample>, Error>;

impl Comparison {
    /// Answers a second, beside tokio's.
    fn of_rates(what: &'static str, model: &'static str, connections: usize) -> Self {
        Self {
            what,
            model,
            peer: Tokio,
            connections,
            visit: asked,
            amount: Amount::Load(500),
            measure: Measure::Rate("answers"),
            wanted: Wanted::Shown,
            note: LOAD,
        }
    }

    /// The memory of a server whose clients are silent.
    fn of_memory(what: &'static str, model: &'static str, connections: usize) -> Self {
        let amount = Amount::Milliseconds(300);
        Self { visit: held, amount, measure: Measure::Memory, note: IDLE, ..Self::of_rates(what, model, connections) }
    }

    /// How the memory of a server grows under load.
    fn of_growth(what: &'static str, model: &'static str, connections: usize) -> Self {
        let wanted = Wanted::BelowMemory(MIB);
        let of_memory = Self::of_memory(what, model, connections);
        Self { visit: soaked, amount: Amount::Soak, wanted, note: SOAK, ..of_memory }
    }

    fn case(self) -> Case {
        let Self { what, model, peer, connections, visit, amount, measure, wanted, note } = self;
        let contestant = |server: Server| {
            Contestant::client(server.name(), server.program(), move |job| visit(job, server, connections))
        };
        let (ours, peer) = (contestant(Ours(model)), contestant(peer));
        Case { what, ours, peer, amount, measure, wanted, note, needs_disk: false }
    }
}

/// The answers in the time that the job says.
fn asked(job: &Job, server: Server, connections: usize) -> Result<Option<Sample>, Error> {
    let Some(server) = server.start(connections)? else { return Ok(None) };
    let until = Until::Elapsed(Duration::from_millis(job.count));
    let plan = Plan { until, ..Plan::new(vec![server.address], connections) };
    let outcome = verified(load::drive(&plan, |_| {}))?;
    expect("the answers that did not come", 0, outcome.unanswered)?;
    let p99_seconds = Some(outcome.percentile(99.0).as_secs_f64());
    Ok(Some(Sample { p99_seconds, ..Sample::new(outcome.answered, outcome.elapsed) }))
}

/// The memory of the server when all clients have had their answer.
fn held(job: &Job, server: Server, connections: usize) -> Result<Option<Sample>, Error> {
    let Some(server) = server.start(connections)? else { return Ok(None) };
    let idle = Duration::from_millis(job.count);
    let plan = Plan { idle, until: Until::RoundTrips(1), ..Plan::new(vec![server.address], connections) };
    let mut resident = Ok(0);
    let watch = |so_far: load::Progress| {
        if so_far.phase == Phase::Closing && matches!(resident, Ok(0)) {
            resident = server.resident();
        }
    };
    let outcome = verified(load::drive(&plan, watch))?;
    expect("the number of answers", connections as u64, outcome.answered)?;
    Ok(Some(Sample::new(resident?, outcome.elapsed)))
}

/// The growth of the server's memory since it was warm.
fn soaked(job: &Job, server: Server, connections: usize) -> Result<Option<Sample>, Error> {
    let Some(server) = server.start(connections)? else { return Ok(None) };
    grown(server.address, connections, Duration::from_millis(job.count), || server.resident()).map(Some)
}

fn grown(
    address: SocketAddr,
    connections: usize,
    length: Duration,
    memory: impl Fn() -> Result<u64, Error>,
) -> Result<Sample, Error> {
    let plan = Plan { until: Until::Elapsed(length), ..Plan::new(vec![address], connections) };
    let (mut warm, mut last) = (None, Ok(0));
    let watch = |so_far: load::Progress| {
        if so_far.phase == Phase::Talking && so_far.elapsed >= length / 10 {
            last = memory();
            warm = warm.or(last.as_ref().ok().copied());
        }
    };
    let outcome = verified(load::drive(&plan, watch))?;
    expect("the answers that did not come", 0, outcome.unanswered)?;
    let warm = warm.ok_or(Error::unusable("measure", words::time_too_short()))?;
    Ok(Sample::new(last?.saturating_sub(warm), outcome.elapsed))
}

/// An error if there was no load, an answer was wrong, or a client was lost.
fn verified(outcome: Result<Outcome, load::Error>) -> Result<Outcome, Error> {
    let outcome = outcome.map_err(Toolkit::from)?;
    if let Some(signal) = outcome.signal {
        return Err(Error::interrupted(signal));
    }
    for (what, number) in [
        ("the wrong answers", outcome.wrong + outcome.surplus),
        ("the lost clients", outcome.broken + outcome.timed_out),
    ] {
        expect(what, 0, number)?;
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::{process, thread};

    use super::*;
    use crate::rounds::Rounds;
    use crate::servers::resident;

    const CONNECTIONS: usize = 2;

    /// Answers correctly, and keeps a page of memory for every answer.
    fn serve_with_a_leak(mut stream: TcpStream) {
        let mut buffer = [0; 1024];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            Vec::leak(vec![1_u8; 4096]);
            buffer[..read].make_ascii_uppercase();
            if stream.write_all(&buffer[..read]).is_err() {
                return;
            }
        }
    }

    #[test]
    fn a_soak_finds_a_leak() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let sample = thread::scope(|scope| {
            scope.spawn(|| {
                for stream in listener.incoming().take(CONNECTIONS) {
                    scope.spawn(|| serve_with_a_leak(stream.unwrap()));
                }
            });
            grown(address, CONNECTIONS, Duration::from_millis(500), || resident(process::id())).unwrap()
        });
        let soak = cases().into_iter().find(|case| case.what == "tcp events, soak").unwrap();
        let rounds = Rounds { ours: Ok(vec![sample]), peer: Ok(vec![sample]) };
        assert_eq!(soak.reached(&rounds), Some(false), "{} bytes", sample.count);
        let flat = Sample { count: 0.0, ..sample };
        assert_eq!(soak.reached(&Rounds { ours: Ok(vec![flat]), peer: Ok(vec![sample]) }), Some(true));
    }
}
