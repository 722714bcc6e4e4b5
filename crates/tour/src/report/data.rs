//! What happened on a tour, as JSON for the page.

use std::time::SystemTime;

use common::journal::{Event, Kind};
use common::lang::Lang;
use common::report::Figure;
use common::timeline::lanes;
use serde_json::{Value, json};

use super::scene::{self, Pictures};
use super::texts::{self, Texts};
use super::{facts, languages, legend};
use crate::sections::{SceneCode, Section};
use crate::status::{RunResult, Status};
use crate::table::{Table, figures};
use crate::words;

/// The most complaints of a section that the page shows.
const MOST_COMPLAINTS: usize = 50;

/// The whole tour.
pub(super) fn of(table: &Table) -> Value {
    let sections: Vec<_> = table.rows.iter().map(|(section, result)| self::section(section, result)).collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    json!({
        "lang": table.lang, "seed": table.seed, "speed": table.speed.to_string(), "held": table.held(), "asked": table.asked,
        "elapsed": nanos(table.elapsed), "ended": u64::try_from(now.as_millis()).unwrap_or(0),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "languages": languages::all(), "states": legend::states(), "doings": legend::doings(), "marks": legend::marks(),
        "layout": scene::layout(),
        "sections": sections,
    })
}

fn section(section: &Section, result: &RunResult) -> Value {
    let capture = &result.capture;
    let run = lanes::read_lesson(capture.events.clone());
    let texts = Texts::new(&capture.events, run.lang);
    let mut pictures = Pictures::new(&texts);
    let told = scenes(&capture.events, run.lang);
    let scenes: Vec<_> = run
        .scenes
        .iter()
        .enumerate()
        .map(|(index, scene)| {
            let (claims, figures) = told.get(index).map(|(claims, figures)| (claims, figures)).unzip();
            let (picture, facts) = (pictures.of(scene), facts::of(scene));
            let code = section.scenes.iter().find(|code| code.scene == scene.name).map(self::code);
            json!({
                "name": scene.name, "claims": claims, "figures": figures, "picture": picture, "facts": facts,
                "code": code,
            })
        })
        .collect();
    let is_unit = |event: &&Event, unit: &str| event.data.get("unit").is_some_and(|found| found == unit);
    let unit = |figure: &Figure| {
        let measured = capture.events.iter().find(|event| is_unit(event, &figure.unit));
        let unit = measured.map_or_else(|| figure.unit.as_str().into(), texts::unit);
        texts::unit_of_value(&figure.value, &unit)
    };
    let shown = figures(section, result).map(|(row, figure)| {
        let open = capture.is_open(row.scene);
        json!({ "label": row.label, "value": figure.value, "unit_of_value": unit(&figure), "open": open })
    });
    let shown: Vec<_> = shown.collect();
    let complaints: Vec<_> = capture.complaints.iter().take(MOST_COMPLAINTS).collect();
    let trouble = words::trouble(&result.status).map(|trouble| words::in_each(|lang| trouble.in_lang(lang)));
    json!({
        "name": section.name, "notes": section.notes, "lesson": section.lesson,
        "held": result.status == Status::Held, "trouble": trouble, "error": result.complaint(),
        "elapsed": nanos(result.elapsed), "made": capture.claims, "kept": capture.held, "open": capture.open,
        "shown": shown, "scenes": scenes, "texts": pictures.texts(), "sources": section.sources,
        "complaints": complaints, "skipped": run.skipped, "predictions": predictions(section),
    })
}

/// What a reader may predict before a run: the question, the command, and where the answer is, in words and by name.
fn predictions(section: &Section) -> Vec<Value> {
    let predictions = section.predictions.iter().map(|prediction| {
        let (question, seen) = ((prediction.question)(), prediction.seen());
        let answers = prediction.answers.iter().map(|answer| {
            let words = answer.words();
            json!({ "list": answer.list(), "name": answer.name(), "words": words::in_each(|lang| words.in_lang(lang)) })
        });
        json!({
            "question": words::in_each(|lang| question.in_lang(lang)), "typed": prediction.typed(),
            "seen": words::in_each(|lang| seen.in_lang(lang)), "command": prediction.command,
            "scene": prediction.scene, "answers": answers.collect::<Vec<_>>(),
        })
    });
    predictions.collect()
}

fn code(code: &SceneCode) -> Value {
    json!({ "file": code.file, "line": code.line, "examples": code.examples })
}

/// The claims of each scene, with what was observed, and its figures. A claim that was not checked has
/// no `held`, and of one without a verdict it is null.
pub(crate) fn scenes(events: &[Event], lang: Lang) -> Vec<(Vec<Value>, Vec<Value>)> {
    let mut scenes: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let key = |event: &Event, key: &str| event.data.get(key).cloned().unwrap_or_default();
    for event in events {
        if event.kind == Kind::Scene {
            scenes.push((Vec::new(), Vec::new()));
        }
        let Some((claims, figures)) = scenes.last_mut() else { continue };
        match event.kind {
            Kind::Claim => claims.push(json!({
                "text": texts::of(event, lang), "expected": texts::value(event, lang, "expected"),
            })),
            Kind::Check => {
                let is_it = |claim: &&mut Value| claim["text"] == texts::of(event, lang) && claim.get("held").is_none();
                if let Some(claim) = claims.iter_mut().find(is_it) {
                    claim["observed"] = texts::value(event, lang, "observed");
                    claim["held"] = key(event, "held");
                    if let Some(doubt) = texts::doubt(event, lang) {
                        claim["doubt"] = doubt;
                    }
                }
            }
            Kind::Figure => figures.push(json!({
                "name": texts::of(event, lang), "value": key(event, "value"),
                "unit": texts::unit(event), "unit_of_value": texts::unit_of_value(&key(event, "value"), &texts::unit(event)),
            })),
            _ => {}
        }
    }
    scenes
}

fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
