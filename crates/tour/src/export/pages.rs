//! The pages of an export: the contents, and one for each section with its pictures.

use std::iter;
use std::time::Duration;

use common::lang::Lang;
use common::timeline::lanes::{self, Run, Scene};
use common::timeline::numbers::readable;
use common::timeline::svg;
use serde_json::Value;

use super::PICTURES;
use super::html::{page, pieces, table, tagged, text};
use crate::report::{self, say};
use crate::sections::{SceneCode, Section, is_key_line};
use crate::status::{RunResult, Status};
use crate::table::{Table, verdict_of};
use crate::words;

/// The report with its scripts, in which a reader can move about.
const REPORT: &str = "report.html";
const CONTENTS: &str = "index.html";

/// Every file of the folder: its path in it, and what is in it.
pub(super) fn of(told: &Table) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![(CONTENTS.to_owned(), contents(told).into_bytes())];
    files.push((REPORT.to_owned(), report::page(told).into_bytes()));
    for (place, (section, result)) in told.rows.iter().enumerate() {
        let run = lanes::read_lesson(result.capture.events.clone());
        let found = report::scenes(&result.capture.events, told.lang);
        let found = found.into_iter().map(Some).chain(iter::repeat_with(|| None));
        let scenes = run.scenes.iter().zip(found).filter_map(|(scene, found)| {
            let (claims, figures) = found.unwrap_or_default();
            Some(Shown { scene, code: code_of(section, scene)?, claims, figures })
        });
        let scenes: Vec<_> = scenes.collect();
        files.extend(scenes.iter().map(|Shown { scene, .. }| (picture_of(section, scene), drawn(&run, scene))));
        let page = section_page(told, place, (section, result), &scenes);
        files.push((page_of(section), page.into_bytes()));
    }
    files
}

/// A scene as its page shows it.
struct Shown<'a> {
    scene: &'a Scene,
    code: &'static SceneCode,
    claims: Vec<Value>,
    figures: Vec<Value>,
}

fn code_of(section: &Section, scene: &Scene) -> Option<&'static SceneCode> {
    section.scenes.iter().find(|code| code.scene == scene.name)
}

fn page_of(section: &Section) -> String {
    format!("{}.html", section.name)
}

fn picture_of(section: &Section, scene: &Scene) -> String {
    format!("{PICTURES}/{}-{}.svg", section.name, scene.name)
}

/// The timeline of one scene of a run.
fn drawn(run: &Run, scene: &Scene) -> Vec<u8> {
    let alone = Run { scenes: vec![scene.clone()], ..run.clone() };
    let mut image = Vec::new();
    let _ = svg::write(&alone, &mut image); // to memory: cannot fail
    image
}

/// The verdict, a table of all sections, and the way to the report.
fn contents(told: &Table) -> String {
    let lang = told.lang;
    let title = say(lang, "title", &[]);
    let rows = told.rows.iter().map(|(section, result)| {
        vec![
            format!("<a href=\"{}\">{}</a>", page_of(section), section.name),
            text(section.lesson.of(lang)),
            verdict(lang, result),
            text(told.measured(section, result)),
            seconds(lang, result.elapsed),
        ]
    });
    let heads = [words::section(), words::lesson(), words::claims_held(), words::measured(), words::time()];
    let heads = heads.map(|head| text(head.in_lang(lang)));
    let made = words::made_with(told.seed, told.speed.to_string());
    let body = format!(
        "<main>\n<h1>{}</h1>\n<p class=\"state\">{}</p>\n{}<p><a href=\"{REPORT}\">{}</a></p>\n<p class=\"quiet\">{}</p>\n</main>\n",
        text(&title),
        text(told.verdict().in_lang(lang)),
        table(&heads, &rows.collect::<Vec<_>>()),
        text(words::move_about().in_lang(lang)),
        text(made.in_lang(lang)),
    );
    page(lang, &title, &body)
}

fn section_page(told: &Table, place: usize, (section, result): (&Section, &RunResult), scenes: &[Shown<'_>]) -> String {
    let lang = told.lang;
    let mut body = vec![format!("<nav>{}</nav>\n<main>\n<h1>{}</h1>\n", ways(told, place), section.name)];
    let (lesson, state) = (text(section.lesson.of(lang)), verdict(lang, result));
    body.push(format!("<p class=\"lead\">{lesson}</p>\n<p class=\"state\">{state}</p>\n"));
    if let Some(complaint) = result.complaint() {
        body.push(format!("<p class=\"bad\">{}</p>\n", text(complaint)));
    }
    body.push(pieces(section.page, "class=\"lesson\"", lang));
    let notes = tagged(&pieces(section.page, "class=\"notes\"", lang), lang);
    body.push(format!("<aside>\n<h2>{}</h2>\n{notes}</aside>\n", text(say(lang, "notesSay", &[]))));
    let mut listings = Vec::new();
    for Shown { scene, code, claims, figures: measured } in scenes {
        body.push(format!("<section id=\"{0}\">\n<h2>{0}</h2>\n", scene.name));
        body.push(pieces(section.page, &format!("data-scene=\"{}\"", scene.name), lang));
        let (picture, alt) = (picture_of(section, scene), text(say(lang, "timeline", &[("scene", &scene.name)])));
        body.push(format!("<figure><a href=\"{picture}\"><img src=\"{picture}\" alt=\"{alt}\"></a></figure>\n"));
        body.push(checks(lang, claims));
        body.push(figures(lang, measured));
        for listing in code.examples {
            // A listing of several scenes is there once.
            if !listings.contains(listing) {
                listings.push(*listing);
                body.push(listed(section, listing));
            }
        }
        body.push("</section>\n".to_owned());
    }
    body.push("</main>\n".to_owned());
    page(lang, &format!("{} · {}", section.name, say(lang, "title", &[])), &body.concat())
}

/// To the contents, to the section before and to the next one.
fn ways(told: &Table, place: usize) -> String {
    let to = |place: usize, before: &str, after: &str| {
        let section = told.rows.get(place).map(|(section, _)| section);
        section.map(|section| format!(" <a href=\"{}\">{before}{}{after}</a>", page_of(section), section.name))
    };
    let before = place.checked_sub(1).and_then(|place| to(place, "← ", "")).unwrap_or_default();
    let next = to(place + 1, "", " →").unwrap_or_default();
    format!("<a href=\"{CONTENTS}\">{}</a>{before}{next}", text(say(told.lang, "overview", &[])))
}

fn verdict(lang: Lang, result: &RunResult) -> String {
    let (class, sign) = if result.status == Status::Held { ("good", '✓') } else { ("bad", '✗') };
    format!("<span class=\"{class}\">{sign} {}</span>", text(verdict_of(lang, result)))
}

fn seconds(lang: Lang, time: Duration) -> String {
    // A number and its unit stay on one line.
    text(words::seconds(time.as_secs_f64()).in_lang(lang).replace(' ', "\u{a0}"))
}

/// What was claimed, expected and observed.
fn checks(lang: Lang, claims: &[Value]) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let value = |value: &Value| match value {
        Value::Null => say(lang, "value.nothing", &[]),
        Value::Bool(true) => say(lang, "value.yes", &[]),
        Value::Bool(false) => say(lang, "value.no", &[]),
        words @ Value::Object(_) => pick(words, lang).to_owned(),
        other => readable(other),
    };
    let rows = claims.iter().map(|claim| {
        let (class, key) = match (claim.get("doubt"), claim.get("held")) {
            (Some(_), _) => ("open", "noVerdict"),
            (None, Some(Value::Bool(true))) => ("good", "held"),
            (None, Some(_)) => ("bad", "notHeld"),
            (None, None) => ("bad", "notChecked"),
        };
        let observed = claim.get("observed").map_or_else(|| "–".to_owned(), value);
        let held = say(lang, key, &[("doubt", pick(&claim["doubt"], lang))]);
        let held = format!("<span class=\"{class}\">{}</span>", text(held));
        vec![text(pick(&claim["text"], lang)), text(value(&claim["expected"])), text(observed), held]
    });
    let heads = ["claim", "expected", "observed"].map(|key| text(say(lang, key, &[])));
    let heads: Vec<_> = heads.into_iter().chain([String::new()]).collect();
    format!("<h3>{}</h3>\n{}", text(say(lang, "checks", &[])), table(&heads, &rows.collect::<Vec<_>>()))
}

fn figures(lang: Lang, figures: &[Value]) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let row = |figure: &Value| {
        let [name, unit] = ["name", "unit_of_value"].map(|key| pick(&figure[key], lang));
        format!("<li>{} <b>{}</b> {}</li>\n", text(name), text(readable(&figure["value"])), text(unit))
    };
    let rows = figures.iter().map(row).collect::<Vec<_>>().concat();
    format!("<h3>{}</h3>\n<ul class=\"figures\">\n{rows}</ul>\n", text(say(lang, "figures", &[])))
}

/// A listing with its key line marked.
fn listed(section: &Section, path: &str) -> String {
    let Some((_, code)) = section.sources.iter().find(|(found, _)| *found == path) else { return String::new() };
    let line = |line: &str| if is_key_line(line) { format!("<mark>{}</mark>", text(line)) } else { text(line) };
    let lines: Vec<_> = code.lines().map(line).collect();
    format!("<h3>{}</h3>\n<pre><code>{}</code></pre>\n", text(path), lines.join("\n"))
}

/// A text in this language, or in that of the run.
fn pick(text: &Value, lang: Lang) -> &str {
    text.as_str().or_else(|| text[lang.code()].as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_observed_is_in_the_language_of_the_page() {
        let words = json!({ "en": "a pid of its own", "zh": "自己的 pid" });
        let claim = json!({ "text": "as a process", "expected": words, "observed": words, "held": true });
        let table = checks(Lang::Zh, &[claim]);
        assert_eq!(table.matches(">自己的 pid<").count(), 2, "{table}");
        assert!(!table.contains("a pid of its own"), "{table}");
    }

    #[test]
    fn one_thing_is_measured_in_the_unit_of_one() {
        let figure = json!({ "name": "sold", "value": 1, "unit": "tickets", "unit_of_value": "ticket" });
        assert!(figures(Lang::En, &[figure]).contains("<b>1</b> ticket<"));
    }
}
