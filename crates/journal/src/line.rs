//! Lines of JSON, written into a buffer without a value in between: an event costs little more than the
//! reading of the clock. A test holds every line against what `serde_json` reads.

use std::fmt::{self, Display, Write as _};
use std::fs;
use std::path::Path;

use killproof::observe::Location;

use crate::kinds::Mark;
use crate::source_line;

/// What begins the value of `kind`: all lines have it behind the part that says who wrote them.
const KIND: &str = r#","kind":""#;

/// What a line is about.
#[derive(Clone, Copy)]
pub(crate) enum On<'a> {
    /// The actor itself.
    Itself,
    /// The object with this place among all of its kind: `queue 2`.
    Numbered(&'static str, u32),
    /// A file, by its name.
    File(&'a Path),
    /// What has this name.
    Named(&'a dyn Display),
}

/// The value of a further key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Number(u64),
    /// Of a process or thread.
    Id(i32),
    True,
    /// `"code 7"`.
    ExitCode(u8),
}

/// Further keys of a line.
pub(crate) type Keys<'a> = &'a [(&'a str, Value)];

/// The part of every line of an actor that says who it is, up to the value of `kind`.
pub(crate) fn who(pid: i32, tid: i32, name: &str) -> Box<[u8]> {
    let mut who = format!(r#","pid":{pid},"tid":{tid},"actor":""#).into_bytes();
    push_text(&mut who, name);
    who.push(b'"');
    push(&mut who, KIND);
    who.into()
}

/// The part of a line that says which line of a section's code made it; empty if none did.
pub(crate) fn place(at: Location) -> Box<[u8]> {
    // A path of our own: nothing in it needs to be escaped.
    let place = source_line::of(at).map(|(path, number)| format!(r#","at":"{path}:{number}""#));
    place.unwrap_or_default().into_bytes().into()
}

/// Begins a line: when, and who.
#[inline]
pub(crate) fn begin(line: &mut Vec<u8>, t: u64, who: &[u8]) {
    line.clear();
    push(line, r#"{"t":"#);
    push_number(line, t);
    line.extend_from_slice(who);
}

/// Ends a line.
#[inline]
pub(crate) fn end(line: &mut Vec<u8>) {
    line.extend_from_slice(b"}\n");
}

/// What a line is about, and what is particular about it.
#[inline]
pub(crate) fn about(line: &mut Vec<u8>, on: On<'_>, keys: Keys<'_>, place: &[u8]) {
    push(line, r#","on":""#);
    match on {
        On::Itself => {}
        On::Numbered(kind, number) => {
            push(line, kind);
            line.push(b' ');
            push_number(line, number.into());
        }
        On::File(path) => push_file(line, path),
        On::Named(name) => push_text(line, name),
    }
    line.push(b'"');
    for (key, value) in keys {
        push(line, r#",""#);
        push(line, key);
        push(line, r#"":"#);
        match *value {
            Value::Number(number) => push_number(line, number),
            Value::Id(id) => push_number(line, id.cast_unsigned().into()),
            Value::True => push(line, "true"),
            Value::ExitCode(code) => {
                push(line, r#""code "#);
                push_number(line, code.into());
                line.push(b'"');
            }
        }
    }
    line.extend_from_slice(place);
}

/// The name of a file, without its folder. A file in memory (`memfd_create(2)`) has the name that its maker gave it,
/// which the link of its descriptor tells.
fn push_file(line: &mut Vec<u8>, path: &Path) {
    if path.starts_with("/proc/self/fd")
        && let Ok(target) = fs::read_link(path)
        && let Some(name) = target.to_str().and_then(|link| link.strip_prefix("/memfd:")?.strip_suffix(" (deleted)"))
    {
        return push_text(line, name);
    }
    push_text(line, path.file_name().unwrap_or(path.as_os_str()).display());
}

#[inline]
pub(crate) fn push(line: &mut Vec<u8>, text: &str) {
    line.extend_from_slice(text.as_bytes());
}

/// A number in decimal. The formatter of the standard library takes several times as long.
#[inline]
pub(crate) fn push_number(line: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    while number >= 100 {
        first -= 2;
        digits[first..first + 2].copy_from_slice(&two_digits(number % 100));
        number /= 100;
    }
    first -= 2;
    digits[first..first + 2].copy_from_slice(&two_digits(number));
    first += usize::from(number < 10);
    line.extend_from_slice(&digits[first..]);
}

/// The inside of a JSON string.
fn push_text(line: &mut Vec<u8>, text: impl Display) {
    let _ = write!(Escaped(line), "{text}"); // a buffer takes everything
}

/// Writes into `line` a mark by the actor, and at the time, of `model`, which is another line.
pub(crate) fn replace_kind(line: &mut Vec<u8>, model: &[u8], mark: Mark) {
    // A quote in a name is escaped, so the first place that looks like the key is the key.
    let place = model.windows(KIND.len()).position(|part| part == KIND.as_bytes());
    line.clear();
    line.extend_from_slice(place.map_or(&[], |place| &model[..place + KIND.len()]));
    push(line, r#"mark","what":""#);
    push(line, mark.name());
    push(line, r#"","on":"""#);
    end(line);
}

#[expect(clippy::cast_possible_truncation, reason = "a digit")]
fn two_digits(number: u64) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

/// Writes what is inside of a JSON string.
struct Escaped<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend([b'\\', byte]),
                0..b' ' => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    self.0.extend_from_slice(br"\u00");
                    self.0.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
                }
                // A part of a longer letter, too.
                _ => self.0.push(byte),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Kind};

    #[test]
    fn a_line_is_what_serde_json_reads() {
        let names = ["main", "八戒", "a \"b\" \\ c", "tab\tand\nline", "\u{1}\u{7f}\u{2028}", ""];
        for name in names {
            let mut line = Vec::new();
            begin(&mut line, 7, &who(3, 4, name));
            push(&mut line, r#"begin","span":1,"doing":"hold-lock""#);
            let keys = [("shared", Value::True), ("n", Value::Number(u64::MAX)), ("exit", Value::ExitCode(7))];
            about(&mut line, On::Named(&name), &keys, br#","at":"crates/race/src/lib.rs:7""#);
            end(&mut line);
            let event: Event = serde_json::from_slice(&line).expect("a line of JSON");
            assert_eq!((event.t, event.pid, event.tid, event.kind), (7, 3, 4, Kind::Begin));
            assert_eq!(
                (event.actor.as_str(), &event.data["on"], &event.data["shared"]),
                (name, &name.into(), &true.into())
            );
            assert_eq!((&event.data["n"], event.exit()), (&u64::MAX.into(), Some("code 7")));
            assert_eq!(event.data["at"], "crates/race/src/lib.rs:7");
            let again = event.line();
            let reread: Event = serde_json::from_str(&again).expect("what serde_json wrote");
            assert_eq!(reread, event);
        }
    }

    #[test]
    fn a_number_is_written_as_the_standard_library_writes_it() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        for number in powers.flat_map(|power| [power - 1, power, power + 1, 9 * (power / 10)]).chain([u64::MAX]) {
            let mut line = Vec::new();
            push_number(&mut line, number);
            assert_eq!(String::from_utf8(line).expect("digits"), number.to_string());
        }
    }

    #[test]
    fn the_last_line_of_a_full_record_has_the_actor_and_the_time_of_the_one_that_found_no_room() {
        let mut model = Vec::new();
        begin(&mut model, 9, &who(3, 4, r#"a "kind":"b"#));
        model.extend_from_slice(br#"say","text":"no room""#);
        end(&mut model);
        let mut last = Vec::new();
        replace_kind(&mut last, &model, Mark::RecordFull);
        let event: Event = serde_json::from_slice(&last).expect("a line of JSON");
        assert_eq!((event.t, event.actor.as_str(), event.kind), (9, r#"a "kind":"b"#, Kind::Mark));
        assert_eq!(event.data["what"], "record full");
    }
}
