//! What all actors of one run share, and how their events reach the journal and the view.

use std::sync::Arc;
use std::time::Instant;

use journal::{Event, Journal, Kind};
use killproof::observe::Location as At;
use killproof::process::OnEnd;
use serde_json::{Map, Value, json};

use crate::actor::Failures;
use crate::error::Error;
use crate::lang::Lang;
use crate::pace::Speed;
use crate::view::View;
use crate::words::Text;

/// What all actors of one run share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) lang: Lang,
    pub(crate) speed: Speed,
    pub(crate) seed: u64,
    pub(crate) journal: Journal,
    pub(crate) view: View,
    /// The first error of a child, for the parent that joins it.
    pub(crate) failures: Failures,
}

impl Run {
    /// Whether any reader sees more of an event than its words. If not, the rest is not made: a server's
    /// thousands of threads would each keep what it takes in their allocation caches.
    fn is_recorded(&self) -> bool {
        self.journal.is_kept() || self.view.is_journal()
    }
}

/// What an event has besides a text in the run's language: its key and arguments, and, where the journal is
/// shown as it happens, its words in the other languages. Empty if the run is not recorded.
pub(super) fn in_words(run: &Run, text: &Text) -> Map<String, Value> {
    let mut data = Map::new();
    if !run.is_recorded() {
        return data;
    }
    if let Some(key) = text.key() {
        data.insert("key".to_owned(), key.into());
        let args = text.args();
        if !args.is_empty() {
            data.insert("args".to_owned(), args.into());
        }
    }
    if run.view.is_journal() {
        let words = text.in_other_langs(run.lang);
        if !words.is_empty() {
            data.insert("words".to_owned(), words.into());
        }
    }
    data
}

/// Writes down the end of a process, when it is reaped by `parent`.
pub(super) fn note_end(run: Arc<Run>, parent: String, name: String, pid: i32) -> OnEnd {
    Box::new(move |exit| {
        let exit = exit.map_or_else(|| "unknown".to_owned(), |exit| exit.to_string());
        let data = json!({ "child": name, "child_pid": pid, "child_tid": pid, "exit": exit });
        let _ = tell(&run, &parent, Kind::Ended, None, object(data), std::panic::Location::caller());
    })
}

pub(super) fn tell(
    run: &Run,
    actor: &str,
    kind: Kind,
    text: Option<&Text>,
    data: Map<String, Value>,
    at: At,
) -> Result<Event, Error> {
    tell_at(run, Instant::now(), actor, kind, text, data, at)
}

pub(super) fn tell_at(
    run: &Run,
    when: Instant,
    actor: &str,
    kind: Kind,
    text: Option<&Text>,
    mut data: Map<String, Value>,
    at: At,
) -> Result<Event, Error> {
    if run.is_recorded()
        && let Some(line) = journal::source_line(at)
    {
        data.insert("at".to_owned(), line.into());
    }
    if let Some(text) = text {
        data.extend(in_words(run, text));
    }
    let event = run.journal.record(when, actor, kind, text.map(|text| text.in_lang(run.lang)), data)?;
    run.view.show(&event)?;
    Ok(event)
}

/// The keys of a JSON object that was written as a literal.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Format;

    crate::words! {
        fn client(number) { en: "client {number}", zh: "客户{number}" }
    }

    /// The keys that an event of this journal and view has beside its words.
    fn keys(journal: Journal, format: Format) -> Vec<String> {
        let (lang, speed) = (Lang::En, Speed::INFINITE);
        let failures = Failures::new(lang).expect("shared memory");
        let view = View::new(format, true, lang, journal.began());
        let run = Run { lang, speed, seed: 1, journal, view, failures };
        in_words(&run, &client(7)).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn only_a_recorded_run_makes_more_of_an_event_than_its_words() {
        assert_eq!(keys(Journal::forgetful(), Format::Text), [""; 0]);
        assert_eq!(keys(Journal::new().expect("a memfd"), Format::Text), ["args", "key"]);
        assert_eq!(keys(Journal::forgetful(), Format::Jsonl), ["args", "key", "words"]);
    }
}
