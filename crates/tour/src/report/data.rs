//! What happened on a tour, as JSON for the page.

use std::time::SystemTime;

use common::journal::{Event, Kind};
use common::timeline::lanes;
use serde_json::{Value, json};

use super::facts;
use super::interner::Words;
use super::scene::{self, Margin};
use crate::files::SOURCES;
use crate::sections::Section;
use crate::status::{Outcome, Ran};
use crate::table::Table;

/// More than that of a section that cries is no help.
const MOST_COMPLAINTS: usize = 50;

/// The whole tour.
pub(super) fn of(table: &Table) -> Value {
    let sections: Vec<_> = table.rows.iter().map(|(section, ran)| self::section(section, ran)).collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    json!({
        "lang": table.lang, "seed": table.seed, "speed": table.speed.to_string(), "held": table.held(),
        "elapsed": nanos(table.elapsed), "ended": u64::try_from(now.as_millis()).unwrap_or(0),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "sections": sections,
    })
}

fn section(section: &Section, ran: &Ran) -> Value {
    let transcript = &ran.transcript;
    let run = lanes::read(transcript.events.clone());
    let margin = Margin::of(&transcript.events);
    let mut words = Words::new();
    let told = scenes(&transcript.events);
    let scenes: Vec<_> = run
        .scenes
        .iter()
        .enumerate()
        .map(|(index, scene)| {
            let (claims, figures) = told.get(index).map(|(claims, figures)| (claims, figures)).unzip();
            let (picture, facts) = (scene::lanes(scene, &margin, &mut words), facts::of(scene));
            json!({ "name": scene.name, "claims": claims, "figures": figures, "picture": picture, "facts": facts })
        })
        .collect();
    let shown = section.figures.iter().filter_map(|shown| {
        let figure = transcript.figure(shown.scene, shown.name)?;
        Some(json!({ "label": shown.label, "value": figure.value, "unit": figure.unit }))
    });
    let shown: Vec<_> = shown.collect();
    let folder = format!("crates/{}/", section.name);
    let sources: Vec<_> = SOURCES.iter().filter(|(path, _)| path.starts_with(&folder)).collect();
    let complaints: Vec<_> = transcript.complaints.iter().take(MOST_COMPLAINTS).collect();
    json!({
        "name": section.name, "lesson": section.lesson, "held": ran.outcome == Outcome::Held,
        "outcome": ran.outcome.word(), "trouble": ran.outcome.trouble(), "error": ran.complaint(),
        "elapsed": nanos(ran.elapsed), "made": transcript.claims, "kept": transcript.held,
        "shown": shown, "scenes": scenes, "words": words.list(), "sources": sources,
        "complaints": complaints, "skipped": run.skipped,
    })
}

/// The claims of each scene, held against what was observed, and its figures. A claim that nobody
/// held against anything has no `held`.
fn scenes(events: &[Event]) -> Vec<(Vec<Value>, Vec<Value>)> {
    let mut scenes: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let key = |event: &Event, key: &str| event.data.get(key).cloned().unwrap_or_default();
    for event in events {
        if event.kind == Kind::Scene {
            scenes.push((Vec::new(), Vec::new()));
        }
        let Some((claims, figures)) = scenes.last_mut() else { continue };
        match event.kind {
            Kind::Claim => claims.push(json!({
                "text": event.text, "other": key(event, "other"), "at": key(event, "at"),
                "expected": key(event, "expected"),
            })),
            Kind::Check => {
                let is_it = |claim: &&mut Value| claim["text"] == json!(event.text) && claim["held"].is_null();
                if let Some(claim) = claims.iter_mut().find(is_it) {
                    claim["observed"] = key(event, "observed");
                    claim["held"] = key(event, "held");
                }
            }
            Kind::Figure => figures.push(json!({
                "name": event.text, "value": key(event, "value"), "unit": key(event, "unit"),
            })),
            _ => {}
        }
    }
    scenes
}

fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
