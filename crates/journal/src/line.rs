//! Lines of JSON, written into a buffer without a value in between: an event costs little more than the
//! system call that keeps it. A test holds every line against what `serde_json` reads.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write as _};

use killproof::observe::Location;

use crate::kinds::Mark;
use crate::source_line;

/// What begins the value of `kind`: all lines have it behind the part that says who wrote them.
const KIND: &str = r#","kind":""#;

/// Further keys of a line, with values as JSON writes them.
pub(crate) type Keys<'a> = &'a [(&'a str, &'a dyn Display)];

/// The part of every line of an actor that says who it is, up to the value of `kind`.
pub(crate) fn who(pid: i32, tid: i32, name: &str) -> String {
    let mut who = format!(r#","pid":{pid},"tid":{tid},"actor":""#);
    let _ = write!(Escaped(&mut who), "{name}"); // a string takes everything
    who.push('"');
    who.push_str(KIND);
    who
}

/// Begins a line: when, and who.
pub(crate) fn begin(line: &mut Vec<u8>, t: u64, who: &str) -> io::Result<()> {
    line.clear();
    write!(line, r#"{{"t":{t}{who}"#)
}

/// Ends a line.
pub(crate) fn end(line: &mut Vec<u8>) {
    line.extend_from_slice(b"}\n");
}

/// The kind and what is particular about it, then what all have.
pub(crate) fn about(line: &mut Vec<u8>, on: &dyn Display, keys: Keys<'_>, at: Location) -> io::Result<()> {
    line.extend_from_slice(br#","on":""#);
    let mut text = String::new();
    let _ = write!(Escaped(&mut text), "{on}"); // a string takes everything
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
    keys.iter().try_for_each(|(key, value)| write!(line, r#","{key}":{value}"#))?;
    let Some((path, number)) = source_line::of(at) else { return Ok(()) };
    // A path of our own: nothing in it needs to be escaped.
    write!(line, r#","at":"{path}:{number}""#)
}

/// Writes into `line` a mark by the actor, and at the time, of `model`, which is another line.
pub(crate) fn replace_kind(line: &mut Vec<u8>, model: &[u8], mark: Mark) {
    // A quote in a name is escaped, so the first place that looks like the key is the key.
    let place = model.windows(KIND.len()).position(|part| part == KIND.as_bytes());
    line.extend_from_slice(place.map_or(&[], |place| &model[..place + KIND.len()]));
    let _ = write!(line, r#"mark","what":"{}","on":"""#, mark.name());
    end(line);
}

/// The inside of a JSON string.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '"' | '\\' => self.0.extend(['\\', letter]),
                '\0'..' ' => write!(self.0, "\\u{:04x}", u32::from(letter))?,
                _ => self.0.push(letter),
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
            begin(&mut line, 7, &who(3, 4, name)).expect("a buffer");
            write!(line, r#"begin","span":1,"doing":"hold-lock""#).expect("a buffer");
            about(&mut line, &name, &[("shared", &true)], std::panic::Location::caller()).expect("a buffer");
            end(&mut line);
            let event: Event = serde_json::from_slice(&line).expect("a line of JSON");
            assert_eq!((event.t, event.pid, event.tid, event.kind), (7, 3, 4, Kind::Begin));
            assert_eq!(
                (event.actor.as_str(), &event.data["on"], &event.data["shared"]),
                (name, &name.into(), &true.into())
            );
            let again = event.line();
            let reread: Event = serde_json::from_str(&again).expect("what serde_json wrote");
            assert_eq!(reread, event);
        }
    }

    #[test]
    fn the_last_line_of_a_full_record_has_the_actor_and_the_time_of_the_one_that_found_no_room() {
        let mut model = Vec::new();
        begin(&mut model, 9, &who(3, 4, r#"a "kind":"b"#)).expect("a buffer");
        model.extend_from_slice(br#"say","text":"no room""#);
        end(&mut model);
        let mut last = Vec::new();
        replace_kind(&mut last, &model, Mark::RecordFull);
        let event: Event = serde_json::from_slice(&last).expect("a line of JSON");
        assert_eq!((event.t, event.actor.as_str(), event.kind), (9, r#"a "kind":"b"#, Kind::Mark));
        assert_eq!(event.data["what"], "record full");
    }
}
