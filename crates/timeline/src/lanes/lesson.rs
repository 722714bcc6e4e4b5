//! The lesson without what serves the demonstration alone. The journal says which objects and which spans do.

use std::collections::HashSet;

use journal::{Doing, Event, Kind, Mark};
use serde_json::Value;

/// The events of the lesson, of events that are sorted by time.
///
/// A wait for what is left out stays, without its object: the actor does not run meanwhile.
pub(super) fn of(events: Vec<Event>) -> Vec<Event> {
    let is_made = |event: &&Event| text(event, "what") == Some(Mark::Scaffold.name());
    let made = events.iter().filter(is_made).filter_map(|event| text(event, "on"));
    let objects: HashSet<String> = made.map(str::to_owned).collect();
    let serves = |event: &Event| {
        event.data.get("scaffold") == Some(&Value::Bool(true))
            || text(event, "on").is_some_and(|on| objects.contains(on))
    };
    let mut left_out = HashSet::new();
    let of_lesson = |mut event: Event| {
        let span = |event: &Event| (event.pid, event.tid, event.data.get("span").and_then(Value::as_u64));
        match event.kind {
            Kind::Begin if serves(&event) => {
                if !text(&event, "doing").and_then(Doing::named).is_some_and(waits) {
                    left_out.insert(span(&event));
                    return None;
                }
                event.data.insert("doing".to_owned(), Doing::HeldBack.name().into());
                event.data.insert("on".to_owned(), "".into());
                Some(event)
            }
            Kind::End if left_out.remove(&span(&event)) => None,
            Kind::Mark if serves(&event) => None,
            _ => Some(event),
        }
    };
    events.into_iter().filter_map(of_lesson).collect()
}

/// Whether the actor does not run meanwhile.
fn waits(doing: Doing) -> bool {
    !matches!(doing, Doing::HoldLock | Doing::HoldPermit | Doing::Work | Doing::Connection)
}

fn text<'a>(event: &'a Event, key: &str) -> Option<&'a str> {
    event.data.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{What, read_lesson_lines, read_lines};

    const JOURNAL: &[u8] = br#"{"t": 0, "pid": 7, "tid": 7, "actor": "main", "kind": "scene", "text": "first"}
{"t": 1, "pid": 7, "tid": 7, "actor": "main", "kind": "mark", "what": "scaffold", "on": "event 1"}
{"t": 2, "pid": 8, "tid": 8, "actor": "user", "kind": "begin", "span": 1, "doing": "wait-event", "on": "event 1"}
{"t": 9, "pid": 8, "tid": 8, "actor": "user", "kind": "end", "span": 1}
{"t": 10, "pid": 8, "tid": 8, "actor": "user", "kind": "mark", "what": "read", "on": "tickets.json", "value": 5}
{"t": 12, "pid": 8, "tid": 8, "actor": "user", "kind": "begin", "span": 2, "doing": "hold-lock", "on": "tickets.json"}
{"t": 14, "pid": 8, "tid": 8, "actor": "user", "kind": "end", "span": 2}
{"t": 15, "pid": 7, "tid": 7, "actor": "main", "kind": "begin", "span": 1, "doing": "hold-lock", "on": "tickets.json", "scaffold": true}
{"t": 17, "pid": 7, "tid": 7, "actor": "main", "kind": "end", "span": 1}
{"t": 18, "pid": 7, "tid": 7, "actor": "main", "kind": "mark", "what": "handed over", "on": "event 1", "from_pid": 8}"#;

    #[test]
    fn what_serves_the_demonstration_is_left_out_of_the_lesson_and_no_wait_is_drawn_as_running() {
        let (all, lesson) = (read_lines(JOURNAL), read_lesson_lines(JOURNAL));
        let spans = |run: &crate::lanes::Run, lane: usize| {
            let spans = run.scenes[0].lanes[lane].spans.iter();
            spans.map(|span| (span.doing, span.on.clone())).collect::<Vec<_>>()
        };
        let held = (Doing::HoldLock, "tickets.json".to_owned());
        assert_eq!(spans(&all, 0), std::slice::from_ref(&held));
        assert_eq!(spans(&lesson, 0), []);
        assert_eq!(spans(&all, 1), [(Doing::WaitEvent, "event 1".to_owned()), held.clone()]);
        assert_eq!(spans(&lesson, 1), [(Doing::HeldBack, String::new()), held]);
        assert_eq!((all.scenes[0].handovers.len(), lesson.scenes[0].handovers.len()), (2, 0));
        assert_eq!((all.skipped, lesson.skipped), (0, 0));
    }

    #[test]
    fn what_is_read_from_a_file_is_a_mark_with_the_number() {
        let lane = &read_lesson_lines(JOURNAL).scenes[0].lanes[1];
        let marks: Vec<_> = lane.marks.iter().map(|mark| (&mark.what, mark.text.as_str())).collect();
        assert_eq!(marks, [(&What::Marked(Mark::Read), "tickets.json: 5")]);
        assert!(!lane.is_notable(), "a reader may miss a read");
    }
}
