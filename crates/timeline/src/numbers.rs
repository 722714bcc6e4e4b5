//! Numbers as people read them.

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

fn fraction(number: f64) -> String {
    match number.abs() {
        size if size == 0.0 || size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        size if size >= 1.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}
