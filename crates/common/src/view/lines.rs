//! How text output reads: what is said, claimed, measured and found, line by line.
//!
//! A claim is printed once, with its number, before the act. After it stands the number with what was observed; only a
//! claim that did not hold is printed again. The name of an actor stands before what it says, unless it says it itself.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use journal::{Event, Kind};
use serde_json::Value;
use timeline::foreign;
use timeline::numbers::{readable, unit_of};
use timeline::text::{padded, width, wrapped};

use crate::lang::Lang;
use crate::report::{Check, Figure, Report};
use crate::words::Text;

crate::words! {
    fn nothing() { en: "nothing", zh: "无" }
    fn yes() { en: "true", zh: "是" }
    fn no() { en: "false", zh: "否" }
    fn seed_and_speed(seed, speed) { en: "seed {seed}, speed {speed}", zh: "种子 {seed},速度 {speed}" }
    fn no_delays() { en: "inf", zh: "无延时" }
    fn seconds(time) { en: "{time:>8.3}s", zh: "{time:>7.3}秒" }
}

/// How wide the actors' names are, in columns.
const NAME_COLUMNS: usize = 12;
/// How wide a time is, with the space behind it.
const TIME_COLUMNS: usize = 10;
/// A narrower column has one word in a line, and helps no reader.
const FEWEST_COLUMNS: usize = 12;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Of a check without a verdict.
const OPEN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ACTORS: [AnsiColor; 6] =
    [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Magenta, AnsiColor::Blue, AnsiColor::Green, AnsiColor::BrightRed];

/// A line, or a few where the terminal is narrow.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    /// How its time looks that stands before it; `None` if none does.
    time: Option<Style>,
    lang: Lang,
}

impl Line {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), time: None, lang: Lang::default() }
    }

    /// Writes it, with its time since the run began.
    pub(super) fn write(&self, since_began: Duration, to: &mut Vec<u8>) {
        if let Some(style) = self.time {
            let time = seconds(since_began.as_secs_f64()).in_lang(self.lang);
            to.extend_from_slice(format!("{style}{time}{style:#} ").as_bytes());
        }
        to.extend_from_slice(self.text.as_bytes());
        to.push(b'\n');
    }
}

/// How lines are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    pub(super) colour: bool,
    /// What is said, and nothing around it: the answer of a command.
    pub(super) bare: bool,
    pub(super) lang: Lang,
}

impl Lines {
    /// An event as it happens, in a terminal of this many columns. `None` for an event that is not shown.
    pub(super) fn of(self, event: &Event, room: Option<usize>) -> Option<Line> {
        let text = foreign::shown(event.text.as_deref().unwrap_or_default());
        let key = |key: &str| event.data.get(key).map_or_else(String::new, |value| self.in_text(value));
        let line = match event.kind {
            Kind::Say | Kind::Ready if self.bare => text.into_owned(),
            _ if self.bare => return None,
            Kind::Run => {
                let how = seed_and_speed(key("seed"), speed_in_words(&key("speed"))).in_lang(self.lang);
                format!("{} {}", self.painted(BOLD, &key("section")), self.painted(DIM, &how))
            }
            Kind::Scene => self.painted(BOLD, &format!("── {text}")),
            Kind::Claim => {
                let number = format!("{}. ", key("number"));
                let lines = folded(&text, 4 + number.len(), room);
                format!("  {} {number}{lines}", self.painted(DIM, "?"))
            }
            Kind::Ready => text.into_owned(),
            Kind::Say => {
                let time = Some(if self.colour { DIM } else { Style::new() });
                return Some(Line { text: self.said(event, &text, room), time, lang: self.lang });
            }
            Kind::Born
            | Kind::Ended
            | Kind::Pause
            | Kind::Begin
            | Kind::End
            | Kind::Mark
            | Kind::Figure
            | Kind::Check => return None,
        };
        Some(Line::plain(line))
    }

    /// What an actor says, with the actor's name.
    fn said(self, event: &Event, text: &str, room: Option<usize>) -> String {
        let style = colour_of(&event.actor);
        let name = foreign::value(&event.actor);
        // Of a text without a key, as a client's is, the words may be anything. And a text without arguments that names
        // the speaker in its middle speaks of other things.
        let may_name = |named: &&str| event.data.contains_key("args") || text.starts_with(named);
        let named = event.data.contains_key("key").then(|| named_in(text, &name)).flatten().filter(may_name);
        let Some(name) = named else {
            let name = padded(&name, NAME_COLUMNS);
            let before = TIME_COLUMNS + width(&name) + 1;
            return format!("{} {}", self.painted(style, &name), folded(text, before, room));
        };
        let lines = folded(text, TIME_COLUMNS, room);
        match named_in(&lines, name).and_then(|name| lines.split_once(name)) {
            Some((before, after)) => format!("{before}{}{after}", self.painted(style, name)),
            None => lines,
        }
    }

    /// How wide the longest name of a figure is.
    pub(super) fn longest_name<'f>(figures: impl Iterator<Item = &'f Figure>) -> usize {
        figures.map(|figure| width(&foreign::shown(&figure.words))).max().unwrap_or(0)
    }

    /// A number that was measured: beside its name, or below it where a terminal of this many columns has no room.
    pub(super) fn figure(self, figure: &Figure, longest: usize, room: Option<usize>) -> String {
        let (name, dot) = (foreign::shown(&figure.words), self.painted(DIM, "·"));
        let value = self.in_text(&figure.value);
        let unit = unit_of(&figure.value, &figure.unit_words);
        let measured = format!("{value} {unit}");
        if room.is_some_and(|room| 4 + longest + 2 + width(&measured) > room) {
            return format!("  {dot} {}\n      {}", folded(&name, 4, room), folded(&measured, 6, room));
        }
        format!("  {dot} {}  {measured}", padded(&name, longest))
    }

    /// What stands above the bars of a distribution.
    pub(super) fn bars_of(self, figure: &Figure, longest: usize) -> String {
        let name = padded(&foreign::shown(&figure.words), longest);
        format!("  {} {name}  {}", self.painted(DIM, "·"), figure.unit_words)
    }

    /// What was observed, for each claim by its number; and in a line of its own each claim that did not hold, or that
    /// has no verdict.
    pub(super) fn results(self, checks: &[Check], columns: usize, room: Option<usize>) -> Vec<String> {
        let (mut lines, mut taken) = (Vec::new(), 0);
        let numbered = || (1..).zip(checks);
        for (number, check) in numbered().filter(|(_, check)| check.held == Some(true)) {
            let observed = self.observed(check);
            let wide = width(&format!("  ✓ {number}{observed}"));
            let result = format!("  {} {number}{}", self.painted(GOOD, "✓"), self.painted(DIM, &observed));
            match lines.last_mut() {
                Some(line) if taken + wide <= columns => *line += result.as_str(),
                _ => {
                    lines.push(result);
                    taken = 0;
                }
            }
            taken += wide;
        }
        for (number, check) in numbered().filter(|(_, check)| check.held != Some(true)) {
            let (claim, number) = (foreign::shown(&check.claim), format!("{number}. "));
            let (expected, observed) = (self.in_text(&check.expected), self.in_text(&check.observed));
            let text = match self.lang {
                Lang::En => format!("{claim}: expected {expected}, observed {observed}"),
                Lang::Zh => format!("{claim}:预期 {expected},观察到 {observed}"),
            };
            let doubt = check.doubt.as_deref().map(foreign::shown);
            let (mark, text) = match (doubt, self.lang) {
                (None, _) => (self.painted(BAD, "✗"), text),
                (Some(doubt), Lang::En) => (self.painted(OPEN, "–"), format!("{text}: no verdict, {doubt}")),
                (Some(doubt), Lang::Zh) => (self.painted(OPEN, "–"), format!("{text}:没有结论,{doubt}")),
            };
            lines.push(format!("  {mark} {number}{}", folded(&text, 4 + number.len(), room)));
        }
        lines
    }

    /// What was observed of a claim that held. Empty where the claim says it all.
    fn observed(self, check: &Check) -> String {
        if check.observed.is_boolean() {
            return String::new();
        }
        let observed = self.in_text(&check.observed);
        if check.observed == check.expected {
            return format!(" ({observed})");
        }
        let expected = self.in_text(&check.expected);
        match self.lang {
            Lang::En => format!(" ({observed}, expected {expected})"),
            Lang::Zh => format!(" ({observed},预期 {expected})"),
        }
    }

    /// Whether all checks of the run held.
    pub(super) fn verdict(self, report: &Report) -> String {
        let checks = || report.scenes.iter().flat_map(|scene| &scene.checks);
        let (held, all) = (checks().filter(|check| check.held == Some(true)).count(), checks().count());
        let seconds = report.elapsed_ms / 1000.0;
        let open = match (report.no_verdict, self.lang) {
            (0, _) => String::new(),
            (open, Lang::En) => format!(", {open} without a verdict"),
            (open, Lang::Zh) => format!(",{open} 条没有结论"),
        };
        let checks = if all == 1 { "check" } else { "checks" };
        let (style, verdict) = match (report.held, self.lang) {
            (true, Lang::En) if all == 0 => (BOLD, format!("nothing was claimed, {seconds:.2} s")),
            (true, Lang::Zh) if all == 0 => (BOLD, format!("没有断言,{seconds:.2} 秒")),
            (true, Lang::En) => (GOOD, format!("held: {held} of {all} {checks}{open}, {seconds:.2} s")),
            (true, Lang::Zh) if report.no_verdict > 0 => {
                (GOOD, format!("成立:{all} 条断言中 {held} 条成立{open},{seconds:.2} 秒"))
            }
            (true, Lang::Zh) => (GOOD, format!("全部成立:{all} 条断言中 {held} 条成立,{seconds:.2} 秒")),
            (false, Lang::En) => (BAD, format!("not held: {held} of {all} {checks}{open}, {seconds:.2} s")),
            (false, Lang::Zh) => (BAD, format!("不成立:{all} 条断言中只有 {held} 条成立{open},{seconds:.2} 秒")),
        };
        self.painted(style, &verdict)
    }

    fn in_text(self, value: &Value) -> String {
        let text = match value {
            Value::Null => nothing(),
            Value::Bool(true) => yes(),
            Value::Bool(false) => no(),
            value => return foreign::shown(&readable(value)).into_owned(),
        };
        text.in_lang(self.lang)
    }

    fn painted(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// A text behind `before` columns: in a terminal that is too narrow for it, in lines below each other.
fn folded(text: &str, before: usize, room: Option<usize>) -> String {
    match room {
        Some(room) if before + width(text) > room => {
            let lines = wrapped(text, room.saturating_sub(before).max(FEWEST_COLUMNS));
            lines.join(&format!("\n{}", " ".repeat(before)))
        }
        _ => text.to_owned(),
    }
}

/// The name of the speaker, as a text has it: a second actor of a name, `speech 1'`, may call itself by the plain one.
fn named_in<'n>(text: &str, name: &'n str) -> Option<&'n str> {
    let plain = name.trim_end_matches('\'');
    let is_named = |name: &str| {
        let is_word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        text.match_indices(name).any(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + name.len()..]);
            let begins_inside = is_word(before.chars().next_back()) && is_word(name.chars().next());
            let ends_inside = is_word(after.chars().next()) && is_word(name.chars().next_back());
            !begins_inside && !ends_inside
        })
    };
    [name, plain].into_iter().find(|name| !name.is_empty() && is_named(name))
}

fn speed_in_words(speed: &str) -> Text {
    if speed == "inf" { no_delays() } else { speed.into() }
}

/// The same actor has the same colour in every run.
fn colour_of(actor: &str) -> Style {
    let sum: usize = actor.bytes().map(usize::from).sum();
    ACTORS[sum % ACTORS.len()].on_default()
}

#[cfg(test)]
mod tests;
