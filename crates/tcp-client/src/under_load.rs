//! A load on the server, and what it measured.

use std::time::Duration;

use common::Error;
use common::error::{Toolkit, in_words};
use common::stage::Stage;
use common::units;
use load::{Bucket, Outcome, Plan, Until};
use serde_json::{Value, json};

use crate::Options;
use crate::connect::unreachable;
use crate::load_bar::LoadBar;
use crate::words;

/// Checks that there can be such a load, before anything happens.
pub(crate) fn validate(plan: &Plan) -> Result<(), Error> {
    plan.validate().map_err(|error| from_load(error.into()))?;
    load::allow_connections(plan.connections).map_err(from_load)
}

pub(crate) fn load(options: &Options, stage: &mut Stage) -> Result<Outcome, Error> {
    let plan = options.plan(options.connections.unwrap_or_default(), stage.random(0..=u64::MAX));
    announce(stage, &plan)?;
    let bar = LoadBar::new(stage.lang(), &plan);
    let outcome = load::drive(&plan, |progress| bar.show(progress)).map_err(from_load)?;
    drop(bar);
    tell_of_trouble(stage, &outcome)?;
    tell_of_the_rate(stage, &plan, &outcome)?;
    measure(stage, &plan, &outcome)?;
    if let Some(signal) = outcome.signal {
        stage.cut_short(signal);
    }
    Ok(outcome)
}

fn announce(stage: &Stage, plan: &Plan) -> Result<(), Error> {
    let until = match plan.until {
        Until::Elapsed(duration) => words::for_seconds(duration.as_secs_f64()),
        Until::RoundTrips(count) => words::with_answers(count),
    };
    let loop_kind = plan.rate.map_or_else(words::closed_loop, words::open_loop);
    stage.say(words::load_begins(plan.connections, until, plan.message.len(), loop_kind))
}

/// Lost connections and refused attempts are no failure, but the user must know of them.
fn tell_of_trouble(stage: &Stage, outcome: &Outcome) -> Result<(), Error> {
    let Some(last) = &outcome.last_trouble else { return Ok(()) };
    stage.say(words::trouble(outcome.broken, outcome.timed_out, outcome.refused, in_words(last)))
}

fn tell_of_the_rate(stage: &Stage, plan: &Plan, outcome: &Outcome) -> Result<(), Error> {
    let Some(rate) = plan.rate.filter(|_| !outcome.kept_up(plan)) else { return Ok(()) };
    stage.say(words::rate_not_reached(rate, outcome.throughput().round(), outcome.unsent))
}

fn measure(stage: &mut Stage, plan: &Plan, outcome: &Outcome) -> Result<(), Error> {
    stage.figure(words::connections(), plan.connections, units::clients())?;
    stage.figure(words::connecting(), rounded(outcome.connecting.as_secs_f64() * 1e3), units::ms())?;
    stage.figure(words::lasted(), rounded(outcome.elapsed.as_secs_f64() * 1e3), units::ms())?;
    stage.figure(words::sent(), outcome.sent, words::messages())?;
    stage.figure(words::answered(), outcome.answered, words::messages())?;
    stage.figure(words::connections_lost(), outcome.broken, units::count())?;
    stage.figure(words::answers_given_up(), outcome.timed_out, units::count())?;
    stage.figure(words::tries_refused(), outcome.refused, units::count())?;
    if let Some(rate) = plan.rate {
        stage.figure(words::rate_asked_for(), rate, words::messages_a_second())?;
        stage.figure(words::never_sent(), outcome.unsent, words::messages())?;
    }
    stage.figure(words::throughput(), rounded(outcome.throughput()), words::answers_a_second())?;
    if outcome.answered > 0 {
        for (name, percent) in [
            (words::latency_p50(), 50.0),
            (words::latency_p90(), 90.0),
            (words::latency_p99(), 99.0),
            (words::latency_p99_9(), 99.9),
            (words::latency_max(), 100.0),
        ] {
            stage.figure(name, micros(outcome.percentile(percent)), units::us())?;
        }
        stage.figure(words::distribution(), rows(outcome), words::answers_up_to_us())?;
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
        load::Error::Plan(wrong) => Error::Usage(words::wrong_plan(wrong)),
        load::Error::TooManyConnections { connections, limit, most } => {
            Error::Usage(words::too_many_connections(connections, limit, most))
        }
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
