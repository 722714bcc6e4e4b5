//! The notes' own client: one connection, one message after the other, each answer printed.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::Error;
use common::error::cause;
use common::objects::alternatives;
use common::pace::PATIENCE;
use common::stage::Stage;
use common::units;
use load::Backoff;

use crate::Options;
use crate::connect::{connect, unreachable};
use crate::exchange::{Goodbye, exchange, half_close};
use crate::latency::Latency;
use crate::words;

/// The notes' `time.sleep(2)` between two messages.
const INTERVAL: Duration = Duration::from_secs(2);
/// The tries to connect again after a lost connection. An answer starts the count over.
const TRIES: u32 = 5;
/// The pauses before these tries.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(16) };

/// The counts of a talk.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sent: u64,
    answered: u64,
    pub(crate) wrong: u64,
    reconnects: u64,
    latency: Latency,
}

/// Talks until it has `--count` answers. Returns what came after the last one, too.
pub(crate) fn talk(options: &Options, stage: &mut Stage) -> Result<(Tally, Goodbye), Error> {
    let mut tally = Tally::default();
    let result = converse(options, stage, &mut tally);
    if result.is_err() && tally.sent > 0 {
        // No report follows. If this line cannot be said, the error that ended the talk is the one to return.
        let _ = tally.sum_up(stage);
    }
    let goodbye = result?;
    stage.figure(words::sent(), tally.sent, words::messages())?;
    stage.figure(words::answered(), tally.answered, words::messages())?;
    stage.figure(words::round_trip_median(), tally.latency.median(), units::us())?;
    stage.figure(words::round_trip_longest(), tally.latency.longest(), units::us())?;
    stage.figure(words::reconnects(), tally.reconnects, units::count())?;
    Ok((tally, goodbye))
}

/// The notes' `while True`. Returns what came after the last answer.
fn converse(options: &Options, stage: &Stage, tally: &mut Tally) -> Result<Goodbye, Error> {
    let (message, timeout) = (options.message(), options.timeout);
    let expected = message.to_ascii_uppercase();
    let first = connect(options.addresses(), timeout)?;
    let mut stream = first.map_err(|error| unreachable(options.addresses(), error))?;
    let mut tries = 0;
    loop {
        let began = Instant::now();
        tally.sent += 1;
        let answer = match exchange(&stream, message, timeout)? {
            Ok(answer) => answer,
            Err(lost) => {
                stream = reconnect(options, stage, lost, &mut tries)?;
                tally.reconnects += 1;
                continue;
            }
        };
        tally.latency.add(began.elapsed());
        tally.answered += 1;
        tally.wrong += u64::from(answer != expected);
        tries = 0;
        stage.say(String::from_utf8_lossy(&answer))?;
        if Some(tally.answered) == options.count {
            return half_close(&stream, timeout.unwrap_or(PATIENCE));
        }
        stage.pause(INTERVAL)?;
    }
}

fn reconnect(options: &Options, stage: &Stage, mut why: io::Error, tries: &mut u32) -> Result<TcpStream, Error> {
    while *tries < TRIES {
        stage.say(words::connection_lost(cause(&why), *tries + 1, TRIES))?;
        stage.pause(Duration::from_nanos(stage.random(BACKOFF.range(*tries))))?;
        *tries += 1;
        match connect(options.addresses(), options.timeout)? {
            Ok(stream) => return Ok(stream),
            Err(error) => why = error,
        }
    }
    Err(Error::refused("reach", words::again_in_tries(alternatives(options.addresses()), TRIES), why))
}

impl Tally {
    fn sum_up(&self, stage: &Stage) -> Result<(), Error> {
        let Self { sent, answered, wrong, reconnects, .. } = self;
        let (median, longest) = (self.latency.median().round(), self.latency.longest().round());
        stage.say(words::summed_up(*sent, *answered, *wrong, median, longest, *reconnects))
    }
}
