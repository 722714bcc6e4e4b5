//! What a run found out: claims held against observations, figures, and the verdict.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::lang::Lang;
use crate::words::Text;

crate::words! {
    fn range(least, most) { en: "{least} to {most}", zh: "{least} 到 {most}" }
}

/// What was observed: a value of JSON, or a text, which has its words in each language.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// A number, a bool, a string that is the same in every language; null: nothing was.
    Value(Value),
    /// An entry of a table of words.
    Text(Text),
}

impl Observed {
    /// A text, or null if there is none.
    #[must_use]
    pub fn text_or_nothing(text: Option<Text>) -> Self {
        text.map_or(Self::Value(Value::Null), Self::from)
    }

    /// As JSON shows it in this language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Text(text) => text.in_lang(lang).into(),
        }
    }

    /// Its words in the languages other than this one, by code. Empty where they are the same.
    pub(crate) fn in_other_langs(&self, lang: Lang) -> Map<String, Value> {
        match self {
            Self::Value(_) => Map::new(),
            Self::Text(text) => text.in_other_langs(lang),
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Value(value) => value.as_f64(),
            Self::Text(_) => None,
        }
    }
}

impl<V: Into<Value>> From<V> for Observed {
    fn from(value: V) -> Self {
        Self::Value(value.into())
    }
}

/// A text that is in no table is the same in every language: a string.
impl From<Text> for Observed {
    fn from(text: Text) -> Self {
        if text.key().is_none() { Self::Value(text.in_lang(Lang::default()).into()) } else { Self::Text(text) }
    }
}

/// What a claim expects to be observed.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// Exactly this.
    Is(Observed),
    /// This number or more.
    AtLeast(f64),
    /// More than this number.
    Above(f64),
    /// Less than this number.
    Below(f64),
    /// From the first number to the second, both included.
    Between(f64, f64),
}

/// Expects exactly `value`: a number, a string, a bool, or a text.
#[must_use]
#[expect(non_snake_case, reason = "reads as the variant beside its siblings, and takes anything that JSON has")]
pub fn Is(value: impl Into<Observed>) -> Expect {
    Expect::Is(value.into())
}

impl Expect {
    /// Whether this is what was observed.
    #[must_use]
    pub fn holds(&self, observed: &Observed) -> bool {
        let number = observed.as_f64();
        match self {
            Self::Is(value) => value == observed,
            Self::AtLeast(least) => number.is_some_and(|number| number >= *least),
            Self::Above(limit) => number.is_some_and(|number| number > *limit),
            Self::Below(limit) => number.is_some_and(|number| number < *limit),
            Self::Between(least, most) => number.is_some_and(|number| (*least..=*most).contains(&number)),
        }
    }

    /// As it is shown: the value itself, or a text such as `> 5`.
    #[must_use]
    pub fn shown(&self) -> Observed {
        match self {
            Self::Is(value) => value.clone(),
            Self::AtLeast(least) => format!(">= {least}").into(),
            Self::Above(limit) => format!("> {limit}").into(),
            Self::Below(limit) => format!("< {limit}").into(),
            Self::Between(least, most) => range(*least, *most).into(),
        }
    }
}

/// A claim held against what was observed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What was claimed, before the act, in the run's language.
    pub claim: String,
    /// Its key in the section's table of words, if it is from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What it expects: a value, or words in the run's language.
    pub expected: Value,
    /// What was observed; null if the scene ended without looking.
    pub observed: Value,
    /// Whether the one is as the other says. `None`, in JSON null: there is no verdict, because what was observed
    /// proves neither. Such a check has not failed, and has not held either.
    pub held: Option<bool>,
    /// Why there is no verdict, in the run's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

impl Check {
    pub(crate) fn new(claim: &Text, lang: Lang, expect: &Expect, observed: &Observed) -> Self {
        let held = Some(expect.holds(observed));
        Self {
            claim: claim.in_lang(lang),
            key: claim.key().map(str::to_owned),
            expected: expect.shown().in_lang(lang),
            observed: observed.in_lang(lang),
            held,
            doubt: None,
        }
    }

    /// The same without a verdict, for this reason.
    pub(crate) fn without_verdict(self, lang: Lang, doubt: &Text) -> Self {
        Self { held: None, doubt: Some(doubt.in_lang(lang)), ..self }
    }
}

/// A number that a run measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its name in JSON, which no language changes; unique in its scene.
    #[serde(skip)]
    pub name: String,
    /// Its name in the run's language.
    #[serde(skip)]
    pub words: String,
    /// The number.
    pub value: Value,
    /// The name of its unit in JSON, which no language changes.
    pub unit: String,
    /// Its unit in the run's language.
    #[serde(skip)]
    pub unit_words: String,
    /// Whether the scene has said it as a cell of a table: then text output does not list it.
    #[serde(skip)]
    pub is_in_table: bool,
}

/// What one scene found out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SceneReport {
    /// Its name.
    pub scene: String,
    /// Its checks, in the order of their claims.
    pub checks: Vec<Check>,
    /// Its figures, in the order in which they were measured.
    #[serde(serialize_with = "by_name")]
    pub figures: Vec<Figure>,
}

/// What one run found out. Its JSON is what `--format json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Which section ran.
    pub section: String,
    /// The seed of its random numbers.
    pub seed: u64,
    /// Whether every check of every scene held that has a verdict.
    pub held: bool,
    /// How many checks have none.
    pub no_verdict: usize,
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
    /// Its scenes, in the order in which they ran.
    pub scenes: Vec<SceneReport>,
}

fn by_name<S: Serializer>(figures: &[Figure], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(figures.len()))?;
    for figure in figures {
        map.serialize_entry(&figure.name, figure)?;
    }
    map.end()
}

/// The median of measurements, which one slow round does not move; the upper one of an even number.
///
/// # Panics
///
/// If there are none.
#[must_use]
pub fn median(samples: &mut [f64]) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    samples[samples.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_holds_for_what_it_says_and_for_nothing_else() {
        let cases = [
            (Is(5), Value::from(5), true),
            (Is(5), Value::from(4), false),
            (Is("a b"), Value::from("a b"), true),
            (Is(true), Value::Null, false),
            (Expect::AtLeast(2.0), Value::from(2), true),
            (Expect::Above(2.0), Value::from(2), false),
            (Expect::Below(2.0), Value::from(1.9), true),
            (Expect::Below(2.0), Value::Null, false),
            (Expect::Between(0.0, 179.0), Value::from(179), true),
            (Expect::Between(0.0, 179.0), Value::from(180), false),
        ];
        for (expect, observed, held) in cases {
            assert_eq!(expect.holds(&observed.clone().into()), held, "{expect:?} and {observed}");
        }
    }

    #[test]
    fn a_check_without_a_verdict_is_null_with_its_reason_whatever_was_observed() {
        for observed in [5, 4] {
            let check = Check::new(&"it is 5".into(), Lang::En, &Is(5), &observed.into());
            let open = check.without_verdict(Lang::En, &"this machine was busy".into());
            let json = serde_json::to_value(&open).expect("plain data");
            assert_eq!((&json["held"], &json["doubt"]), (&Value::Null, &"this machine was busy".into()), "{json}");
        }
    }

    #[test]
    fn figures_are_an_object_in_the_order_they_were_measured() {
        let figure = |name: &str, value: i32| Figure {
            name: name.into(),
            words: name.into(),
            value: value.into(),
            unit: "tickets".into(),
            unit_words: "tickets".into(),
            is_in_table: false,
        };
        let scene =
            SceneReport { scene: "locked".into(), checks: vec![], figures: vec![figure("sold", 5), figure("left", 0)] };
        let json = serde_json::to_string(&scene).expect("plain data");
        assert!(
            json.ends_with(r#""figures":{"sold":{"value":5,"unit":"tickets"},"left":{"value":0,"unit":"tickets"}}}"#),
            "{json}"
        );
    }
}
