//! Numbers for texts: a text that occurs a thousand times is in the page once.

use std::collections::HashMap;

use serde_json::Value;

/// Texts, each with its number. The empty text is 0.
#[derive(Debug)]
pub(super) struct Interner {
    numbers: HashMap<Value, usize>,
    list: Vec<Value>,
}

impl Interner {
    pub(super) fn new() -> Self {
        let mut texts = Self { numbers: HashMap::new(), list: Vec::new() };
        texts.number("");
        texts
    }

    /// The number of a text, which is a string or an object by language.
    pub(super) fn number(&mut self, text: impl Into<Value>) -> usize {
        let text = text.into();
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        self.list.push(text.clone());
        self.numbers.insert(text, self.list.len() - 1);
        self.list.len() - 1
    }

    pub(super) fn list(self) -> Vec<Value> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_text_has_the_same_number_and_the_empty_text_is_0() {
        let mut texts = Interner::new();
        let both = json!({ "en": "b", "zh": "乙" });
        let numbers = [json!("a"), json!(""), both.clone(), json!("a"), both.clone()].map(|text| texts.number(text));
        assert_eq!(numbers, [1, 0, 2, 1, 2]);
        assert_eq!(texts.list(), [json!(""), json!("a"), both]);
    }
}
