//! What was measured as JSON, with every figure of every round, for programs.

use serde_json::{Value, json};

use crate::case::{Case, Note, Wanted};
use crate::contestant::Contestant;
use crate::results::Results;
use crate::rounds::{Rounds, Samples, Turn, order};
use crate::sample::Unmeasured;

/// One JSON object on one line.
pub(crate) fn object(results: &Results) -> String {
    let Results { machine, rounds, round_ms, cases } = results;
    let rows: Vec<_> = cases.iter().map(|(case, rounds)| row(case, rounds)).collect();
    let complete = results.is_complete();
    json!({ "machine": machine, "rounds": rounds, "round_ms": round_ms, "complete": complete, "rows": rows })
        .to_string()
}

fn row(case: &Case, rounds: &Rounds) -> Value {
    let pairs = rounds.pairs().enumerate().map(|(round, (ours, peer))| {
        let [first, _] = order(round).map(|turn| if turn == Turn::Ours { "ours" } else { "peer" });
        let (value, ratio) = (|sample| case.measure.value(sample), case.ratio(ours, peer));
        json!({ "first": first, "ours": value(ours), "peer": value(peer), "ratio": ratio })
    });
    let (Note::Own(note) | Note::Shared { text: note, .. }) = case.note;
    json!({
        "what": case.what,
        "unit": case.measure.unit(),
        "ours": contestant(case, &case.ours, &rounds.ours),
        "peer": contestant(case, &case.peer, &rounds.peer),
        "pairs": pairs.collect::<Vec<_>>(),
        "ratio": case.ratios(rounds),
        "wanted": wanted(case.wanted),
        "reached": case.reached(rounds),
        "note": note,
    })
}

fn contestant(case: &Case, contestant: &Contestant, samples: &Samples) -> Value {
    match samples {
        Ok(samples) => json!({ "name": contestant.name, "value": case.spread(samples), "rounds": samples }),
        Err(Unmeasured::Missing(why)) => json!({ "name": contestant.name, "missing": why }),
        Err(Unmeasured::Failed(why)) => json!({ "name": contestant.name, "failed": why }),
    }
}

fn wanted(wanted: Wanted) -> Value {
    match wanted {
        Wanted::Faster(times) => json!({ "ratio": "times as fast", "at_least": times }),
        Wanted::AtMost(times) => json!({ "ratio": "times the time", "at_most": times }),
        Wanted::Within(seconds) => json!({ "ratio": "times the time", "ours_at_most": seconds }),
        Wanted::Below(limit) | Wanted::BelowMemory(limit) => json!({ "ours_below": limit }),
        Wanted::Shown => Value::Null,
    }
}
