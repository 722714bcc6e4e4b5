//! The content of the tickets' file: the number, and other keys that its owner keeps there.

use std::fmt::{self, Write};
use std::ops::Range;

use common::words::Text;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::words;

const KEY: &str = "tickets_num";

/// The content of the tickets' file. Keys other than the number survive as they are, in their order.
#[derive(Clone, Debug)]
pub struct Record {
    tickets: u32,
    /// Every key with its value as it was written. The number's value is replaced on writing.
    entries: Vec<(String, Box<RawValue>)>,
    /// Where the number stands in the text that was read.
    number: Range<usize>,
}

impl Record {
    /// A record of the number alone.
    pub fn new(tickets: u32) -> Self {
        Self { tickets, entries: vec![(KEY.to_owned(), RawValue::NULL.to_owned())], number: 0..0 }
    }

    /// How many tickets are left.
    pub fn tickets(&self) -> u32 {
        self.tickets
    }

    /// The same record with another number.
    #[must_use]
    pub fn with_tickets(mut self, tickets: u32) -> Self {
        self.tickets = tickets;
        self
    }

    /// Reads a record.
    ///
    /// # Errors
    ///
    /// What is wrong with `bytes`, in words: they are not UTF-8 or not a JSON object, or the number is
    /// missing, is there twice, or is no number of tickets.
    pub fn parse(bytes: &[u8]) -> Result<Self, Text> {
        let text = std::str::from_utf8(bytes).map_err(|error| words::is_not_utf8(error.valid_up_to()))?;
        if text.trim().is_empty() {
            return Err(words::is_empty());
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let entries = reader.deserialize_map(Entries).and_then(|entries| reader.end().map(|()| entries));
        let entries = entries.map_err(|error| words::is_no_json_object(error.to_string()))?;
        let mut numbers = entries.iter().filter(|(key, _)| key == KEY).map(|(_, value)| value.get());
        let number = numbers.next().ok_or_else(|| words::key_is_missing(KEY))?;
        if numbers.next().is_some() {
            return Err(words::key_is_there_twice(KEY));
        }
        let wrong = || words::is_no_whole_number(KEY, number, u32::MAX);
        let tickets = serde_json::from_str(number).map_err(|_| wrong())?;
        let start = number.as_ptr().addr() - text.as_ptr().addr();
        let number = start..start + number.len();
        let entries = entries.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
        Ok(Self { tickets, entries, number })
    }

    /// Where the number stands in the text that this record was read from.
    pub(crate) fn number(&self) -> Range<usize> {
        self.number.clone()
    }

    /// The length of its text in bytes, with the newline at its end.
    pub fn length(&self) -> usize {
        self.text().len() + 1
    }

    /// Its text, filled up with white space to exactly `length` bytes. `None` if it does not fit.
    pub fn padded(&self, length: usize) -> Option<String> {
        let mut text = self.text();
        let filling = length.checked_sub(text.len())?;
        if filling > 0 {
            text.push_str(&" ".repeat(filling - 1));
            text.push('\n');
        }
        Some(text)
    }

    /// As Python's `json.dump` writes it.
    fn text(&self) -> String {
        let mut text = String::from("{");
        for (i, (key, value)) in self.entries.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let key_text = serde_json::Value::from(key.as_str());
            let number = self.tickets.to_string();
            let value = if key == KEY { &number } else { value.get() };
            let _ = write!(text, "{comma}{key_text}: {value}"); // writing to a string cannot fail
        }
        text.push('}');
        text
    }
}

/// Reads an object as a list, so that nothing is reordered and no key is lost.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use common::lang::Lang;

    use super::Record;

    #[test]
    fn the_text_is_the_notes_own() {
        assert_eq!(Record::new(5).padded(17).as_deref(), Some(r#"{"tickets_num": 5}"#).filter(|text| text.len() == 17));
        assert_eq!(Record::new(5).padded(18).as_deref(), Some(r#"{"tickets_num": 5}"#));
        assert_eq!(Record::new(5).padded(21).as_deref(), Some("{\"tickets_num\": 5}  \n"));
    }

    #[test]
    fn other_keys_survive_as_they_were_written() {
        let text = r#"{"b": 1e400, "tickets_num": 10, "a": {"x": [1, 2.50]}}"#;
        let record = Record::parse(text.as_bytes()).expect("a record");
        assert_eq!(record.tickets(), 10);
        let changed = record.with_tickets(9);
        assert_eq!(changed.padded(changed.length() - 1).as_deref(), Some(text.replace("10", "9").as_str()));
    }

    #[test]
    fn what_is_no_record_is_said() {
        let cases: [(&[u8], &str); 12] = [
            (b"", "it is empty"),
            (b" \n", "it is empty"),
            (b"tickets", "not a JSON object"),
            (b"[5]", "not a JSON object"),
            (b"{\"tickets_num\": 5} x", "not a JSON object"),
            (b"\xff\xfe", "not UTF-8"),
            (b"{}", "key tickets_num is missing"),
            (b"{\"tickets_num\": 1, \"tickets_num\": 2}", "twice"),
            (b"{\"tickets_num\": -1}", "tickets_num is -1"),
            (b"{\"tickets_num\": 1.5}", "tickets_num is 1.5"),
            (b"{\"tickets_num\": \"5\"}", "tickets_num is \"5\""),
            (b"{\"tickets_num\": 1000000000000000000000000000000}", "from 0 to 4294967295"),
        ];
        for (bytes, cause) in cases {
            let error = Record::parse(bytes).expect_err("no record");
            let error = error.in_lang(Lang::En);
            assert!(error.contains(cause), "{error}");
        }
    }
}
