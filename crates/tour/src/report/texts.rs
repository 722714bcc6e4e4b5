//! The texts of a journal in every language that it has them in: lanes have those of the run's language.

use std::collections::HashMap;

use common::journal::Event;
use common::lang::Lang;
use common::timeline::lanes::{Lane, Mark, What};
use common::timeline::numbers::unit_of;
use serde_json::Value;

/// The text of an event: an object by language, or a string that is the same in every language.
pub(super) fn of(event: &Event, lang: Lang) -> Value {
    let own = event.text.as_deref().unwrap_or_default();
    match event.data.get("words").and_then(Value::as_object) {
        Some(others) => {
            let mut words = others.clone();
            words.insert(lang.code().to_owned(), own.into());
            words.into()
        }
        None => own.into(),
    }
}

/// What was expected or observed, as `key` says: an object by language, or a value that is the same in every one.
pub(super) fn value(event: &Event, lang: Lang, key: &str) -> Value {
    let own = event.data.get(key).cloned().unwrap_or_default();
    match event.data.get(&format!("{key}_words")).and_then(Value::as_object) {
        Some(others) => {
            let mut words = others.clone();
            words.insert(lang.code().to_owned(), own);
            words.into()
        }
        None => own,
    }
}

/// The unit of a figure: an object by language, or the same in every one. Its name is English in any run.
pub(super) fn unit(event: &Event) -> Value {
    value(event, Lang::default(), "unit")
}

/// The [unit](unit) behind a value: of one thing, that of one.
pub(super) fn unit_of_value(value: &Value, unit: &Value) -> Value {
    let of_value = |unit: &Value| Value::from(unit_of(value, unit.as_str().unwrap_or_default()));
    match unit {
        Value::Object(words) => words.iter().map(|(lang, unit)| (lang.clone(), of_value(unit))).collect(),
        unit => of_value(unit),
    }
}

/// Why a check has no verdict, if it has none: as a text.
pub(super) fn doubt(event: &Event, lang: Lang) -> Option<Value> {
    let own = event.data.get("doubt")?;
    let mut words = event.data.get("doubt_words").and_then(Value::as_object).cloned().unwrap_or_default();
    words.insert(lang.code().to_owned(), own.clone());
    Some(words.into())
}

/// The texts that have words in other languages, by process, thread and time.
pub(super) struct Texts(HashMap<(i32, i32, u64), Value>);

impl Texts {
    pub(super) fn new(events: &[Event], lang: Lang) -> Self {
        let known = events.iter().filter(|event| event.data.contains_key("words"));
        Self(known.map(|event| ((event.pid, event.tid, event.t), of(event, lang))).collect())
    }

    pub(super) fn of_mark(&self, lane: &Lane, mark: &Mark) -> Value {
        let plain = || mark.text.as_str().into();
        match &mark.what {
            What::Said => self.0.get(&(lane.pid, lane.tid, mark.at)).cloned().unwrap_or_else(plain),
            What::Marked(_) => plain(),
            What::Unknown(name) => format!("{name} {}", mark.text).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(keys: &Value) -> Event {
        let mut event = json!({ "t": 5, "pid": 1, "tid": 2, "actor": "八戒", "kind": "say", "text": "米饭" });
        event.as_object_mut().expect("an object").extend(keys.as_object().expect("an object").clone());
        serde_json::from_value(event).expect("an event")
    }

    #[test]
    fn a_text_is_in_each_language_that_the_journal_has_it_in() {
        let both = said(&json!({ "key": "rice", "args": {}, "words": { "en": "rice" } }));
        assert_eq!(of(&both, Lang::Zh), json!({ "en": "rice", "zh": "米饭" }));
        assert_eq!(of(&said(&json!({})), Lang::Zh), "米饭");
    }

    #[test]
    fn of_one_thing_the_unit_is_that_of_one_in_the_language_that_has_one() {
        let unit = json!({ "en": "dishes", "zh": "道菜" });
        assert_eq!(unit_of_value(&json!(1), &unit), json!({ "en": "dish", "zh": "道菜" }));
        assert_eq!(unit_of_value(&json!(3), &unit), unit);
        assert_eq!(unit_of_value(&json!(1), &json!("ms")), "ms");
    }
}
