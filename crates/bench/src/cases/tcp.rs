//! The TCP server in its three models beside one on tokio and the notes' in Python: the same client, in a
//! process of its own, asks all of them.

use std::net::SocketAddr;
use std::time::Duration;

use common::Error;
use tcp_client::load::{self, Outcome, Phase, Plan, Until};

use crate::case::{Amount, Case, Measure, Wanted};
use crate::contestant::{Contestant, How, Job, Sample, Visit};
use crate::servers::Kind::{self, Ours, Python, Tokio};
use crate::workers::expect;

const MIB: f64 = 1_048_576.0;
const LOAD: &str = "5 bytes there and back, and again; the client and the server share the cores, nothing is printed, \
                    TCP_NODELAY on both sides; the answers are verified";
const IDLE: &str = "all are connected and silent for a moment, then each has one answer; /proc's VmRSS of the server \
                    then, the program itself included";
const SOAK: &str = "how much more memory it has at the end than after a tenth of the time, 64 connections that ask as \
                    fast as they can; --soak says for how long; one wrong answer would be an error";

pub(super) fn rows() -> Vec<Case> {
    let mut rows = vec![];
    for (connections, [events, threads, pool]) in [
        (1, ["tcp events, 1 connection", "tcp threads, 1 connection", "tcp pool, 1 connection"]),
        (64, ["tcp events, 64 connections", "tcp threads, 64 connections", "tcp pool, 64 connections"]),
        (1000, ["tcp events, 1,000 connections", "tcp threads, 1,000 connections", "tcp pool, 1,000 connections"]),
    ] {
        for (what, model) in [(events, "events"), (threads, "threads"), (pool, "pool")] {
            for (kind, peer) in [(Tokio, "tokio"), (Python, "the notes' in Python")] {
                let wanted = match (model, kind, connections) {
                    ("events", Tokio, 64..) => Wanted::Faster(1.0),
                    ("threads", Python, 64) => Wanted::Faster(2.0),
                    _ => Wanted::Shown,
                };
                rows.push(row(what, model, kind, peer, connections, Measure::Rate("answers"), wanted));
            }
        }
    }
    for (what, connections) in [("tcp events, 64 connections, p99", 64), ("tcp events, 1,000 connections, p99", 1000)] {
        rows.push(row(what, "events", Tokio, "tokio", connections, Measure::P99, Wanted::AtMost(1.0)));
    }
    let memory = |what, model, connections, wanted| Case {
        amount: Amount::Milliseconds(300),
        note: IDLE,
        ..of(what, model, Tokio, "tokio", connections, held, Measure::Memory, wanted)
    };
    rows.push(memory("tcp events, memory of 10,000", "events", 10_000, Wanted::BelowMemory(64.0 * MIB)));
    rows.push(memory("tcp threads, memory of 5,000", "threads", 5_000, Wanted::Shown));
    for (what, model) in [("tcp events, soak", "events"), ("tcp threads, soak", "threads"), ("tcp pool, soak", "pool")]
    {
        let soak = of(what, model, Tokio, "tokio", 64, soaked, Measure::Memory, Wanted::BelowMemory(MIB));
        rows.push(Case { amount: Amount::Soak, note: SOAK, ..soak });
    }
    rows
}

fn row(
    what: &'static str,
    model: &'static str,
    kind: Kind,
    peer: &'static str,
    connections: usize,
    measure: Measure,
    wanted: Wanted,
) -> Case {
    of(what, model, kind, peer, connections, asked, measure, wanted)
}

#[expect(clippy::too_many_arguments, reason = "a row has as many columns")]
fn of(
    what: &'static str,
    model: &'static str,
    kind: Kind,
    peer: &'static str,
    connections: usize,
    visit: Measurement,
    measure: Measure,
    wanted: Wanted,
) -> Case {
    let side = |name, kind: Kind| {
        let work = move |job: &Job| visit(job, kind, connections);
        let program = if kind == Python { "python3" } else { name };
        Contestant { name, how: How::Visit(Visit { program, work: Box::new(work) }) }
    };
    Case {
        what,
        ours: side("tcp-server", Ours(model)),
        peer: side(peer, kind),
        amount: Amount::Load(500),
        measure,
        wanted,
        note: LOAD,
    }
}

/// Asks a server of this kind. `None` if its program is not there.
type Measurement = fn(&Job, Kind, usize) -> Result<Option<Sample>, Error>;

/// As many answers as there are in the time that the job says.
fn asked(job: &Job, kind: Kind, connections: usize) -> Result<Option<Sample>, Error> {
    let Some(server) = kind.start(connections)? else { return Ok(None) };
    let until = Until::Elapsed(Duration::from_millis(job.count));
    let plan = Plan { until, ..Plan::new(vec![server.address], connections) };
    let outcome = verified(load::drive(&plan, |_| {})?)?;
    expect("the answers that did not come", 0, outcome.unanswered)?;
    let p99_seconds = Some(outcome.percentile(99.0).as_secs_f64());
    Ok(Some(Sample { p99_seconds, ..Sample::new(outcome.answered, outcome.elapsed) }))
}

/// What the server takes when all have had their answer.
fn held(job: &Job, kind: Kind, connections: usize) -> Result<Option<Sample>, Error> {
    let Some(server) = kind.start(connections)? else { return Ok(None) };
    let idle = Duration::from_millis(job.count);
    let plan = Plan { idle, until: Until::RoundTrips(1), ..Plan::new(vec![server.address], connections) };
    let mut resident = Ok(0);
    let watch = |so_far: load::SoFar| {
        if so_far.phase == Phase::Closing && matches!(resident, Ok(0)) {
            resident = server.resident();
        }
    };
    let outcome = verified(load::drive(&plan, watch)?)?;
    expect("the number of answers", connections as u64, outcome.answered)?;
    Ok(Some(Sample::new(resident?, outcome.elapsed)))
}

/// How much more the server takes at the end than when it had warmed up.
fn soaked(job: &Job, kind: Kind, connections: usize) -> Result<Option<Sample>, Error> {
    let Some(server) = kind.start(connections)? else { return Ok(None) };
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
    let watch = |so_far: load::SoFar| {
        if so_far.phase == Phase::Talking && so_far.elapsed >= length / 10 {
            last = memory();
            warm = warm.or(last.as_ref().ok().copied());
        }
    };
    let outcome = verified(load::drive(&plan, watch)?)?;
    expect("the answers that did not come", 0, outcome.unanswered)?;
    let warm = warm.ok_or(Error::Unusable { operation: "measure", cause: "the time was too short".to_owned() })?;
    Ok(Sample::new(last?.saturating_sub(warm), outcome.elapsed))
}

/// An error if an answer was wrong, or a client lost.
fn verified(outcome: Outcome) -> Result<Outcome, Error> {
    if let Some(signal) = outcome.signal {
        return Err(Error::Interrupted(signal));
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

    /// Answers as it should, and keeps a page for every answer, for ever.
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
        let soak = rows().into_iter().find(|row| row.what == "tcp events, soak").unwrap();
        let rounds = Rounds { ours: Ok(vec![sample]), peer: Ok(vec![sample]) };
        assert_eq!(soak.reached(&rounds), Some(false), "{} bytes", sample.count);
        let flat = Sample { count: 0.0, ..sample };
        assert_eq!(soak.reached(&Rounds { ours: Ok(vec![flat]), peer: Ok(vec![sample]) }), Some(true));
    }
}
