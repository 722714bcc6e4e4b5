//! The notes' own client: one connection, one message after the other, each answer printed.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::error::cause;
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim, say};
use load::Backoff;

use crate::Options;
use crate::connect::{alternatives, connect, unreachable};
use crate::exchange::{exchange, half_close};
use crate::latency::Latency;

/// The notes' `time.sleep(2)` between two messages.
const INTERVAL: Duration = Duration::from_secs(2);
/// The tries to connect again after a lost connection. An answer starts the count over.
const TRIES: u32 = 5;
/// The pauses before these tries.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(16) };

/// The counts of a talk.
#[derive(Default)]
struct Tally {
    sent: u64,
    answered: u64,
    wrong: u64,
    reconnects: u64,
    latency: Latency,
}

pub(crate) fn talk(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let right_answers = crate::claim_right_answers(stage)?;
    let nothing_more = claim!(
        stage,
        Is(0),
        "as many answers as messages: bytes that come after the last answer",
        "发几条消息就有几个回复:最后一个回复之后多出的字节数"
    )?;

    let mut tally = Tally::default();
    let result = converse(options, stage, &mut tally);
    if result.as_ref().is_err_and(|error| error.signal().is_some()) {
        tally.sum_up(stage)?; // a signal is the only end of an endless talk, and then no report follows
    }
    let surplus = result?;

    stage.figure("sent", tally.sent, "messages")?;
    stage.figure("answered", tally.answered, "messages")?;
    stage.figure("round trip, median", tally.latency.median(), "µs")?;
    stage.figure("round trip, longest", tally.latency.longest(), "µs")?;
    stage.figure("reconnects", tally.reconnects, "times")?;
    stage.check(right_answers, tally.wrong)?;
    stage.check(nothing_more, surplus)?;
    Ok(())
}

/// The notes' `while True`. Returns the number of bytes that came after the last answer.
fn converse(options: &Options, stage: &Stage, tally: &mut Tally) -> Result<usize, Error> {
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
            return half_close(&stream);
        }
        stage.pause(INTERVAL)?;
    }
}

fn reconnect(options: &Options, stage: &Stage, mut why: io::Error, tries: &mut u32) -> Result<TcpStream, Error> {
    while *tries < TRIES {
        let (reason, number) = (cause(&why), *tries + 1);
        say!(
            stage,
            "connection lost: {reason}; connecting again, try {number} of {TRIES}",
            "连接断开:{reason};重新连接,第 {number} 次,最多 {TRIES} 次"
        )?;
        stage.pause(Duration::from_nanos(stage.random(BACKOFF.range(*tries))))?;
        *tries += 1;
        match connect(options.addresses(), options.timeout)? {
            Ok(stream) => return Ok(stream),
            Err(error) => why = error,
        }
    }
    Err(Error::refused("reach", format!("{} again, in {TRIES} tries", alternatives(options.addresses())), why))
}

impl Tally {
    fn sum_up(&self, stage: &Stage) -> Result<(), Error> {
        let Self { sent, answered, wrong, reconnects, .. } = self;
        let (median, longest) = (self.latency.median().round(), self.latency.longest().round());
        say!(
            stage,
            "{sent} sent, {answered} answered, {wrong} of them wrong; round trip {median} µs (median), \
             {longest} µs (longest); {reconnects} reconnects",
            "发出 {sent} 条,收到 {answered} 个回复,其中 {wrong} 个错误;往返 {median} µs(中位数),\
             {longest} µs(最长);重连 {reconnects} 次"
        )
    }
}
