//! Numbers as people read them.

use std::borrow::Cow;

use serde_json::Value;

/// A value as a person reads it: texts without quotes, fractions with three significant digits.
#[must_use]
pub fn readable(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        Value::Number(number) if number.is_f64() => fraction(number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

/// The unit behind a value, of an English unit of several: of 1 it is the unit of one.
///
/// A unit in another language stays as it is, and so does one that is no plural: `ms`, `of the counter`.
///
/// ```
/// use timeline::numbers::unit_of;
///
/// assert_eq!(unit_of(&5.into(), "dishes"), "dishes");
/// assert_eq!(unit_of(&1.into(), "dishes"), "dish");
/// assert_eq!(unit_of(&1.into(), "messages/s"), "message/s");
/// ```
#[must_use]
pub fn unit_of<'u>(value: &Value, unit: &'u str) -> Cow<'u, str> {
    if readable(value) != "1" {
        return Cow::Borrowed(unit);
    }
    let (noun, rest) = unit.split_at(unit.find([' ', '/']).unwrap_or(unit.len()));
    match singular(noun) {
        Some(one) if rest.is_empty() => one,
        Some(one) => Cow::Owned(format!("{one}{rest}")),
        None => Cow::Borrowed(unit),
    }
}

/// The English noun for one, of the one for several: `eater` of `eaters`. `None` if it is no plural.
fn singular(noun: &str) -> Option<Cow<'_, str>> {
    // Not a plural, but seconds.
    const SHORT: usize = 2;
    let with_es = ["sses", "shes", "ches", "xes"];
    match noun {
        "children" => Some(Cow::Borrowed("child")),
        _ if noun.len() <= SHORT || !noun.is_ascii() => None,
        _ if noun.ends_with("ies") => Some(Cow::Owned(format!("{}y", &noun[..noun.len() - 3]))),
        _ if with_es.iter().any(|end| noun.ends_with(end)) => Some(Cow::Borrowed(&noun[..noun.len() - 2])),
        _ => noun.strip_suffix('s').map(Cow::Borrowed),
    }
}

fn fraction(number: f64) -> String {
    match number.abs() {
        size if size == 0.0 || size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        size if size >= 1.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_thing_has_the_unit_of_one() {
        let one = |unit| unit_of(&json!(1), unit).into_owned();
        let plurals = ["eaters", "dishes", "processes", "children", "times", "tries", "messages/s"];
        assert_eq!(plurals.map(one), ["eater", "dish", "process", "child", "time", "try", "message/s"]);
        for unit in ["s", "ms", "µs", "kB", "张票", "left", "of the measured operations", "ns per operation", ""] {
            assert_eq!(one(unit), unit);
        }
        for several in [json!(0), json!(2), json!(21), json!(1.0), json!("none"), json!(null)] {
            assert_eq!(unit_of(&several, "tries"), "tries");
        }
    }
}
