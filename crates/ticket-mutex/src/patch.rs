//! How a number is written over another in a long text, so that a kill or a loss of power leaves the one or the other.

use std::ops::Range;

/// What is to be written over a text, from its byte `at` on. It may reach beyond the end of the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    pub(crate) at: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Writes `new` over the number that stands in the JSON `text` at `old`, within one sector of `sector` bytes.
///
/// A shorter number is filled up with blanks. For a longer one, blanks of the same sector that are outside of strings
/// give way, or those that the file can have at its end. `None` if they are too few.
pub(crate) fn overwrite(text: &[u8], old: Range<usize>, new: u32, sector: usize) -> Option<Patch> {
    let digits = format!("{new:>width$}", width = old.len()).into_bytes();
    let missing = digits.len() - old.len();
    let around = old.start / sector * sector..(old.start / sector + 1) * sector;
    let blanks = blanks(text, &around);
    // The nearest come first: what a shorter number left is what the next longer one takes.
    let before = blanks.iter().rev().copied().filter(|at| *at < old.start);
    let after = blanks.iter().copied().filter(|at| *at >= old.end);
    let touching = before.clone().zip(1..).take_while(|(at, distance)| at + distance == old.start).count();
    let taken: Vec<_> = before.clone().take(touching).chain(after).chain(before.skip(touching)).take(missing).collect();
    if taken.len() < missing {
        return None;
    }
    let from = taken.iter().copied().fold(old.start, usize::min);
    let to = taken.iter().map(|at| at + 1).fold(old.end, usize::max);
    let kept = |range: Range<usize>| range.filter(|at| !taken.contains(at)).map(|at| byte(text, at));
    let bytes: Vec<u8> = kept(from..old.start).chain(digits).chain(kept(old.end..to)).collect();
    let patch = changed(text, from, &bytes);
    let last = patch.at + patch.bytes.len().saturating_sub(1);
    (patch.at / sector == last / sector).then_some(patch)
}

/// Without the bytes at its ends that change nothing.
fn changed(text: &[u8], at: usize, bytes: &[u8]) -> Patch {
    let differs = |offset: &usize| text.get(at + offset) != Some(&bytes[*offset]);
    let (first, last) = ((0..bytes.len()).find(differs), (0..bytes.len()).rfind(differs));
    let (Some(first), Some(last)) = (first, last) else { return Patch { at, bytes: Vec::new() } };
    Patch { at: at + first, bytes: bytes[first..=last].to_vec() }
}

/// Where blanks are, between the words of the text and behind its end.
fn blanks(text: &[u8], within: &Range<usize>) -> Vec<usize> {
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut blanks = Vec::new();
    for at in 0..within.end {
        let byte = byte(text, at);
        if !is_in_string && byte.is_ascii_whitespace() && within.contains(&at) {
            blanks.push(at);
        }
        is_in_string ^= byte == b'"' && !is_escaped;
        is_escaped = is_in_string && byte == b'\\' && !is_escaped;
    }
    blanks
}

fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(text: &str, new: u32, sector: usize) -> Option<(String, Patch)> {
        let start = text.find(": ").expect("a key") + 1;
        let start = start + text[start..].find(|letter: char| letter.is_ascii_digit()).expect("a number");
        let length = text[start..].find(|letter: char| !letter.is_ascii_digit()).expect("an end");
        let patch = overwrite(text.as_bytes(), start..start + length, new, sector)?;
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(bytes.len().max(patch.at + patch.bytes.len()), b' ');
        bytes[patch.at..patch.at + patch.bytes.len()].copy_from_slice(&patch.bytes);
        Some((String::from_utf8(bytes).expect("UTF-8"), patch))
    }

    #[test]
    fn a_shorter_number_leaves_a_blank_and_a_longer_one_takes_it() {
        let (shorter, _) = patched(r#"{"n": 10, "x": "a b"}"#, 9, 512).expect("room");
        assert_eq!(shorter, r#"{"n":  9, "x": "a b"}"#);
        assert_eq!(patched(&shorter, 100, 512).expect("room").0, r#"{"n":100, "x": "a b"}"#);
    }

    #[test]
    fn blanks_between_words_give_way_and_those_in_strings_do_not() {
        assert_eq!(patched(r#"{"x": 1, "y": "a \" b"}"#, 12345, 22).map(|(text, _)| text), None);
        let text = r#"{"n": 1, "y": "a \" , b\\", "z": [1, 2]}"#;
        assert_eq!(patched(text, 12345, 64).expect("room").0, r#"{"n":12345,"y":"a \" , b\\","z": [1, 2]}"#);
    }

    #[test]
    fn the_end_of_the_file_has_room() {
        assert_eq!(patched(r#"{"x": 1}"#, 1_000_000, 64).expect("room").0, r#"{"x":1000000}"#);
        assert_eq!(patched(r#"{"x": 1}"#, 1_000_000, 10), None);
    }

    #[test]
    fn no_patch_crosses_the_end_of_a_sector_and_every_text_is_what_it_must_be() {
        for before in 0..40 {
            for (old, new) in [(1000, 999), (999, 1000), (1, u32::MAX), (70, 69), (100, 99), (5, 5)] {
                let text = format!(r#"{{"{}": {old}, "k": [ 1 ], "l": "m n" }}"#, "x".repeat(before));
                let Some((changed, patch)) = patched(&text, new, 16) else { continue };
                let last = patch.at + patch.bytes.len().saturating_sub(1);
                assert_eq!(patch.at / 16, last / 16, "{patch:?}");
                let value: serde_json::Value =
                    serde_json::from_str(&changed).unwrap_or_else(|error| panic!("{error}: {changed}"));
                let wanted: serde_json::Value =
                    serde_json::from_str(&text.replace(&format!(" {old},"), &format!(" {new},"))).expect("JSON");
                assert_eq!(value, wanted, "{changed}");
            }
        }
        // A sale nearly always finds room: its number is not longer, and its last digit changes.
        assert!(patched(r#"{"xxxxxxxxx": 12, "k": 1}"#, 11, 16).is_some());
    }
}
