//! A load on the server: the claims, the load itself, and what it measured.

use std::time::Duration;

use common::error::Toolkit;
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim, say};
use load::{Bucket, Outcome, Plan, Until};
use serde_json::{Value, json};

use crate::Options;
use crate::connect::unreachable;
use crate::load_bar::LoadBar;

/// The percentiles of the report.
const PERCENTILES: [(&str, f64); 5] = [
    ("latency, p50", 50.0),
    ("latency, p90", 90.0),
    ("latency, p99", 99.0),
    ("latency, p99.9", 99.9),
    ("latency, max", 100.0),
];

/// Checks that there can be such a load, before anything happens.
pub(crate) fn validate(plan: &Plan) -> Result<(), Error> {
    plan.validate().map_err(|error| from_load(error.into()))?;
    load::allow_connections(plan.connections).map_err(from_load)
}

pub(crate) fn load(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let plan = options.plan(options.connections.unwrap_or_default(), stage.random(0..=u64::MAX));
    let right_answers = crate::claim_right_answers(stage)?;
    let all_answered = claim!(
        stage,
        Is(0),
        "in the end every message that was sent is answered: messages without an answer",
        "结束时发出的每条消息都有回复:没有回复的消息数"
    )?;
    let nothing_more = claim!(
        stage,
        Is(0),
        "the server sends nothing but answers: surplus bytes",
        "没有人要的东西不会来:多出的字节数"
    )?;

    announce(stage, &plan)?;
    let bar = LoadBar::new(stage.lang(), &plan);
    let outcome = load::drive(&plan, |progress| bar.show(progress)).map_err(from_load)?;
    drop(bar);
    tell_of_trouble(stage, &outcome)?;
    tell_of_the_rate(stage, &plan, &outcome)?;

    figures(stage, &plan, &outcome)?;
    stage.check(right_answers, outcome.wrong)?;
    stage.check(all_answered, outcome.unanswered)?;
    stage.check(nothing_more, outcome.surplus)?;
    if let Some(signal) = outcome.signal {
        stage.cut_short(signal);
    }
    Ok(())
}

fn announce(stage: &Stage, plan: &Plan) -> Result<(), Error> {
    let Plan { connections, until, rate, .. } = plan;
    let bytes = plan.message.len();
    match (until, rate) {
        (Until::Elapsed(duration), None) => {
            let seconds = duration.as_secs_f64();
            say!(
                stage,
                "{connections} connections for {seconds} s, {bytes} bytes a message; a closed loop",
                "{connections} 个连接,持续 {seconds} 秒,每条消息 {bytes} 字节;闭环"
            )
        }
        (Until::Elapsed(duration), Some(rate)) => {
            let seconds = duration.as_secs_f64();
            say!(
                stage,
                "{connections} connections for {seconds} s, {bytes} bytes a message; an open loop of {rate} a second",
                "{connections} 个连接,持续 {seconds} 秒,每条消息 {bytes} 字节;开环,每秒 {rate} 条"
            )
        }
        (Until::RoundTrips(count), None) => say!(
            stage,
            "{connections} connections with {count} answers each, {bytes} bytes a message; a closed loop",
            "{connections} 个连接,各 {count} 个回复,每条消息 {bytes} 字节;闭环"
        ),
        (Until::RoundTrips(count), Some(rate)) => say!(
            stage,
            "{connections} connections with {count} answers each, {bytes} bytes a message; an open loop of {rate} a second",
            "{connections} 个连接,各 {count} 个回复,每条消息 {bytes} 字节;开环,每秒 {rate} 条"
        ),
    }
}

/// Lost connections and refused attempts are no failure, but the user must know of them.
fn tell_of_trouble(stage: &Stage, outcome: &Outcome) -> Result<(), Error> {
    let Outcome { broken, refused, timed_out, .. } = outcome;
    let Some(why) = &outcome.last_trouble else { return Ok(()) };
    say!(
        stage,
        "connections lost: {broken}, timed out: {timed_out}, refused: {refused}; the last one: {why}",
        "断开的连接:{broken},因没有回复而放弃:{timed_out},被拒绝的连接尝试:{refused};最后一次:{why}"
    )
}

fn tell_of_the_rate(stage: &Stage, plan: &Plan, outcome: &Outcome) -> Result<(), Error> {
    let Some(rate) = plan.rate.filter(|_| !outcome.kept_up(plan)) else { return Ok(()) };
    let (reached, unsent) = (outcome.throughput().round(), outcome.unsent);
    say!(
        stage,
        "the rate was not reached: {rate} messages a second were due, {reached} were answered; {unsent} were never sent, \
         so no latency includes them",
        "达不到这个速率:要求每秒 {rate} 条,实际每秒 {reached} 条;有 {unsent} 条到了时间却没有发出,延迟中没有它们"
    )
}

fn figures(stage: &mut Stage, plan: &Plan, outcome: &Outcome) -> Result<(), Error> {
    stage.figure("connections", plan.connections, "clients")?;
    stage.figure("connecting", rounded(outcome.connecting.as_secs_f64() * 1e3), "ms")?;
    stage.figure("lasted", rounded(outcome.elapsed.as_secs_f64() * 1e3), "ms")?;
    stage.figure("sent", outcome.sent, "messages")?;
    stage.figure("answered", outcome.answered, "messages")?;
    stage.figure("connections lost", outcome.broken, "times")?;
    stage.figure("answers given up", outcome.timed_out, "times")?;
    stage.figure("tries to connect refused", outcome.refused, "times")?;
    if let Some(rate) = plan.rate {
        stage.figure("rate asked for", rate, "messages/s")?;
        stage.figure("due and never sent", outcome.unsent, "messages")?;
    }
    stage.figure("throughput", rounded(outcome.throughput()), "answers/s")?;
    if outcome.answered > 0 {
        for (name, percent) in PERCENTILES {
            stage.figure(name, micros(outcome.percentile(percent)), "µs")?;
        }
        stage.figure("distribution", rows(outcome), "answers up to µs")?;
    }
    Ok(())
}

/// The distribution as `[[up to µs, count], ...]`.
fn rows(outcome: &Outcome) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "microseconds with three digits")]
    let row = |bucket: Bucket| json!([bucket.up_to_ns as f64 / 1000.0, bucket.count]);
    outcome.distribution().into_iter().map(row).collect()
}

fn from_load(error: load::Error) -> Error {
    match error {
        load::Error::Plan(_) | load::Error::TooManyConnections { .. } => Error::Usage(error.to_string()),
        load::Error::Unreachable { addresses, source } => unreachable(&addresses, source),
        other => Toolkit::from(other).into(),
    }
}

fn micros(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1e6)
}

/// Rounded to a tenth.
fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
