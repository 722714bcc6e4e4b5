//! The page's own words: a table for each language, below `report/words/`.

use common::lang::Lang;
use serde_json::{Map, Value};

/// The table of each language, as JSON. `build/` lists them.
static TABLES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// All tables, by language.
pub(super) fn all() -> Value {
    tables().collect::<Map<_, _>>().into()
}

/// The text of a key that has one text, with these values in the places of their names.
pub(crate) fn say(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    let table = tables().find(|(language, _)| language == lang.code()).map(|(_, table)| table);
    let text = table.as_ref().and_then(|table| table[key].as_str()).unwrap_or(key).to_owned();
    values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn tables() -> impl Iterator<Item = (String, Value)> {
    // A test reads each of them.
    TABLES.iter().map(|(language, table)| ((*language).to_owned(), serde_json::from_str(table).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::page::SCRIPTS;

    fn keys(table: &Value) -> BTreeSet<&str> {
        table.as_object().expect("an object").keys().map(String::as_str).collect()
    }

    /// The texts of a key: one, or one by number.
    fn texts(value: &Value) -> Vec<&str> {
        match value {
            Value::String(text) => vec![text],
            Value::Object(texts) => texts.values().map(|text| text.as_str().expect("a text")).collect(),
            _ => panic!("no text: {value}"),
        }
    }

    /// The names in braces.
    fn places<'a>(text: &'a str) -> BTreeSet<&'a str> {
        let named = |rest: &'a str| rest.split_once('}').unwrap_or_else(|| panic!("an open brace: {text}")).0;
        text.split('{').skip(1).map(named).collect()
    }

    #[test]
    fn there_is_a_table_for_each_language_that_a_tour_speaks() {
        let tables: BTreeSet<_> = tables().map(|(language, _)| language).collect();
        assert_eq!(tables, Lang::ALL.iter().map(|lang| lang.code().to_owned()).collect());
    }

    #[test]
    fn all_languages_have_the_same_keys_with_the_same_places_in_their_texts() {
        let tables: Vec<_> = tables().collect();
        let (_, first) = &tables[0];
        for (language, table) in &tables {
            assert_eq!(keys(table), keys(first), "{language}");
            for (key, value) in table.as_object().expect("an object") {
                let other = match value {
                    Value::Object(texts) => {
                        texts.get("other").unwrap_or_else(|| panic!("{language}: {key} has no 'other'"))
                    }
                    text => text,
                };
                let first = if first[key].is_object() { &first[key]["other"] } else { &first[key] };
                let wanted = places(first.as_str().expect("a text"));
                assert_eq!(places(other.as_str().expect("a text")), wanted, "{language}: {key}");
                for text in texts(value) {
                    assert!(!text.is_empty() && places(text).is_subset(&wanted), "{language}: {key}: {text}");
                }
            }
        }
    }

    #[test]
    fn each_language_has_its_name_in_each() {
        for (language, table) in tables() {
            for other in Lang::ALL {
                assert!(table[format!("language.{}", other.code())].is_string(), "{language}");
            }
        }
    }

    #[test]
    fn the_scripts_ask_for_keys_that_are_there_and_leave_none_out() {
        let (_, table) = tables().next().expect("a table");
        let (keys, mut unused) = (keys(&table), keys(&table));
        for (script, code) in SCRIPTS {
            for quoted in code.lines().flat_map(|line| line.split('"').skip(1).step_by(2)) {
                unused.remove(quoted);
            }
            for call in code.split("say(\"").skip(1) {
                let key = call.split('"').next().unwrap_or_default();
                assert!(keys.contains(key), "{script} asks for {key}");
            }
            // A key that is put together, as in say(`theme.${theme}`).
            for call in code.split("say(`").skip(1) {
                let beginning = call.split('$').next().unwrap_or_default();
                assert!(keys.iter().any(|key| key.starts_with(beginning)), "{script} asks for {beginning}..");
                unused.retain(|key| !key.starts_with(beginning));
            }
        }
        assert!(unused.is_empty(), "no script asks for {unused:?}");
    }
}
