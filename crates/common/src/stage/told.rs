//! What the journal has of a claim, a check and a figure, in the run's language and in the others.

use serde_json::{Map, Value};

use crate::lang::Lang;
use crate::report::Observed;
use crate::words::Text;

crate::words! {
    /// The name of a number that stands beside others.
    pub(super) fn compared(subject, measure) { en: "{subject}, {measure}", zh: "{subject},{measure}" }
}

/// Inserts what was expected or observed, in the run's language, and below `key_words` in the other ones.
pub(super) fn insert(data: &mut Map<String, Value>, key: &str, seen: &Observed, lang: Lang) {
    data.insert(key.to_owned(), seen.in_lang(lang));
    let others = seen.in_other_langs(lang);
    if !others.is_empty() {
        data.insert(format!("{key}_words"), others.into());
    }
}

/// A number and its unit. The unit's name is the English one, in whatever language the run speaks.
pub(super) fn measured(value: &Value, unit: &Text) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("value".to_owned(), value.clone());
    data.insert("unit".to_owned(), unit.in_lang(Lang::default()).into());
    let others = unit.in_other_langs(Lang::default());
    if !others.is_empty() {
        data.insert("unit_words".to_owned(), others.into());
    }
    data
}
