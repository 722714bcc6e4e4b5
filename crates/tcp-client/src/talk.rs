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
use crate::connect::{connect, shown, unreachable};
use crate::exchange::{exchange, say_goodbye};
use crate::latency::Latency;

/// The notes' `time.sleep(2)` between two messages.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often the client tries to reach a server again that it has lost, without a single answer.
const TRIES: u32 = 5;
/// The pauses before these tries.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(16) };

/// What a talk has come to.
#[derive(Default)]
struct Talk {
    sent: u64,
    answered: u64,
    wrong: u64,
    reconnects: u64,
    latency: Latency,
}

/// The scene.
pub(crate) fn talk(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let all_right = crate::claim_all_right(stage)?;
    let nothing_more = claim!(
        stage,
        Is(0),
        "as many answers as messages: bytes that come after the last answer",
        "发几条消息就有几个回复:最后一个回复之后多出的字节数"
    )?;

    let mut talk = Talk::default();
    let result = converse(options, stage, &mut talk);
    if result.as_ref().is_err_and(|error| error.signal().is_some()) {
        talk.sum_up(stage)?; // an endless talk ends like this, and has no report
    }
    let surplus = result?;

    stage.figure("sent", talk.sent, "messages")?;
    stage.figure("answered", talk.answered, "messages")?;
    stage.figure("round trip, median", talk.latency.median(), "µs")?;
    stage.figure("round trip, longest", talk.latency.longest(), "µs")?;
    stage.figure("reconnects", talk.reconnects, "times")?;
    stage.check(all_right, talk.wrong)?;
    stage.check(nothing_more, surplus)?;
    Ok(())
}

/// The notes' `while True`. Returns how many bytes came that nobody had asked for.
fn converse(options: &Options, stage: &Stage, talk: &mut Talk) -> Result<usize, Error> {
    let (message, timeout) = (options.message(), options.timeout);
    let expected = message.to_ascii_uppercase();
    let first = connect(options.addresses(), timeout)?;
    let mut stream = first.map_err(|error| unreachable(options.addresses(), error))?;
    let mut tries = 0;
    loop {
        let began = Instant::now();
        talk.sent += 1;
        let answer = match exchange(&stream, message, timeout)? {
            Ok(answer) => answer,
            Err(lost) => {
                stream = reconnect(options, stage, lost, &mut tries)?;
                talk.reconnects += 1;
                continue;
            }
        };
        talk.latency.add(began.elapsed());
        talk.answered += 1;
        talk.wrong += u64::from(answer != expected);
        tries = 0;
        stage.say(String::from_utf8_lossy(&answer))?;
        if Some(talk.answered) == options.count {
            return say_goodbye(&stream);
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
    Err(Error::refused("reach", format!("{} again, in {TRIES} tries", shown(options.addresses())), why))
}

impl Talk {
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
