//! A text that comes a thousand times is told once, and then by its number.

use std::collections::HashMap;

/// Texts, each with its number. The empty one is 0.
#[derive(Debug)]
pub(super) struct Words {
    numbers: HashMap<String, usize>,
    list: Vec<String>,
}

impl Words {
    pub(super) fn new() -> Self {
        let mut words = Self { numbers: HashMap::new(), list: Vec::new() };
        words.number("");
        words
    }

    pub(super) fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.list.push(text.to_owned());
        self.numbers.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    pub(super) fn list(self) -> Vec<String> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_number_and_the_empty_one_has_none() {
        let mut words = Words::new();
        assert_eq!(["a", "", "b", "a"].map(|text| words.number(text)), [1, 0, 2, 1]);
        assert_eq!(words.list(), ["", "a", "b"]);
    }
}
