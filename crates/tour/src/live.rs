//! The lanes of the current scene, redrawn as it goes on.

use std::time::{Duration, Instant};

use common::journal::{Event, Kind};
use common::timeline::lanes;
use common::timeline::text::shortened;
use common::timeline::{Look, draw_current};

/// The shortest time between two pictures: an eye sees no more.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// The pause after a picture, as a multiple of its cost: the tour shares its processors with the section.
const PAUSE_PER_COST: u32 = 20;
/// A picture needs all events of its scene, while the section waits for room in its pipe. A scene with
/// more events than this keeps its last picture.
const MOST_EVENTS: usize = 4000;
/// Rows of the terminal that the picture leaves free: the bar, the prompt above it, one spare row.
const OTHER_ROWS: usize = 3;

/// The picture of one section's current scene.
pub(crate) struct Live {
    /// How many events were searched for the beginning of a scene.
    seen: usize,
    /// The event that begins the current scene.
    scene: usize,
    lines: Vec<String>,
    /// When the next picture may be drawn.
    next: Instant,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { seen: 0, scene: 0, lines: Vec::new(), next: Instant::now() }
    }

    /// When the next picture may be drawn, if that is later than now.
    pub(crate) fn is_early(&self) -> Option<Instant> {
        (Instant::now() < self.next).then_some(self.next)
    }

    /// The text, which has a bar of `beside` columns on its left, and the lanes below it. `room`: the
    /// terminal's look and its rows, if the terminal tells them.
    pub(crate) fn draw(&mut self, text: &str, beside: usize, events: &[Event], room: Option<(Look, usize)>) -> String {
        let began = Instant::now();
        let Some((look, rows)) = room else { return text.to_owned() };
        // The last column stays free: what is written there breaks the line on some terminals.
        let look = Look { columns: look.columns.saturating_sub(1), ..look };
        self.read_on(events);
        if events.len() - self.scene <= MOST_EVENTS {
            // The run's first event says in which language its actors have their names.
            let run = events.iter().take(1.min(self.scene)).chain(&events[self.scene..]).cloned().collect();
            self.lines = draw_current(&lanes::read_lesson(run), look, rows.saturating_sub(OTHER_ROWS));
        }
        let mut lines = vec![shortened(text, look.columns.saturating_sub(beside), '…')];
        lines.extend_from_slice(&self.lines);
        self.next = began + LEAST_PAUSE.max(began.elapsed() * PAUSE_PER_COST);
        lines.join("\n")
    }

    fn read_on(&mut self, events: &[Event]) {
        if let Some(place) = events[self.seen..].iter().rposition(|event| event.kind == Kind::Scene) {
            self.scene = self.seen + place;
            self.lines.clear();
        }
        self.seen = events.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Look = Look { columns: 80, colour: false, ascii: false };

    fn event(line: &str) -> Event {
        serde_json::from_str(line).expect("an event")
    }

    fn scene(millis: u64, name: &str) -> Event {
        let nanos = millis * 1_000_000;
        event(&format!(r#"{{"t":{nanos},"pid":1,"tid":1,"actor":"main","kind":"scene","text":"{name}"}}"#))
    }

    fn born(millis: u64, pid: u64, name: &str) -> Event {
        let nanos = millis * 1_000_000;
        event(&format!(
            r#"{{"t":{nanos},"pid":1,"tid":1,"actor":"main","kind":"born","child":"{name}","child_pid":{pid},"child_tid":{pid},"parent":1}}"#
        ))
    }

    fn ended(millis: u64, pid: u64, exit: &str) -> Event {
        let nanos = millis * 1_000_000;
        event(&format!(
            r#"{{"t":{nanos},"pid":1,"tid":1,"actor":"main","kind":"ended","child":"","child_pid":{pid},"child_tid":{pid},"exit":"{exit}"}}"#
        ))
    }

    fn crowd(scenes: &[&str], size: u64) -> Vec<Event> {
        let mut events = vec![event(
            r#"{"t":0,"pid":1,"tid":1,"actor":"main","kind":"run","section":"race","seed":1,"speed":"1","lang":"en","version":1}"#,
        )];
        for (number, name) in (0..).zip(scenes) {
            events.push(scene(1000 * number, name));
            events.extend((1..=size).map(|pid| born(1000 * number + pid, 1 + pid, &format!("{name} 用户{pid}"))));
        }
        events
    }

    #[test]
    fn the_lanes_of_the_last_scene_stand_below_the_bar() {
        let drawn = Live::new().draw("race, second", 20, &crowd(&["first", "second"], 2), Some((WIDE, 24)));
        let lines: Vec<_> = drawn.lines().collect();
        assert_eq!(lines.len(), 7, "{drawn}");
        assert_eq!(lines[0], "race, second");
        assert!(lines[1].contains("timeline second"), "{drawn}");
        let begins = ["main ", "second 用户1 ", "second 用户2 "];
        assert!(lines[2..5].iter().zip(begins).all(|(line, name)| line.starts_with(name) && line.contains('├')));
        assert!(!drawn.contains("first"), "{drawn}");
        assert_eq!(lines[6], "─ running  ├ begins", "the legend of what is drawn: {drawn}");
    }

    #[test]
    fn it_never_has_more_rows_or_columns_than_the_terminal() {
        let events = crowd(&["一场", "second"], 30);
        for rows in 1..30 {
            for columns in (1..40).chain((40..100).step_by(13)) {
                let look = Look { columns, ..WIDE };
                let drawn = Live::new().draw("race,第二场:2 条断言中 0 条成立", 20, &events, Some((look, rows)));
                let below = drawn.lines().count() - 1;
                assert!(below <= rows.saturating_sub(OTHER_ROWS), "{rows} rows:\n{drawn}");
                for line in drawn.lines().skip(1) {
                    assert!(unicode_width::UnicodeWidthStr::width(line) < columns, "{columns} columns:\n{drawn}");
                }
            }
        }
    }

    /// The names of the lanes that are drawn.
    fn names(drawn: &str) -> Vec<&str> {
        let lanes = drawn.lines().skip(2).take_while(|line| !line.trim_start().starts_with('╵'));
        lanes.map(|line| line.split("  ").next().unwrap_or_default().trim_end_matches([' ', '├', '─', '┤'])).collect()
    }

    #[test]
    fn eight_buyers_and_main_are_all_drawn() {
        let drawn = Live::new().draw("sale", 20, &crowd(&["all"], 8), Some((WIDE, 24)));
        let names = names(&drawn);
        assert_eq!(names.len(), 9, "{drawn}");
        assert!(names[1].starts_with("all 用户1") && names[8].starts_with("all 用户8"), "{drawn}");
        assert!(!drawn.contains("not drawn"), "{drawn}");
    }

    #[test]
    fn of_a_crowd_the_first_and_the_latest_born_are_drawn_and_the_rest_is_counted() {
        let drawn = Live::new().draw("race", 20, &crowd(&["all"], 30), Some((WIDE, 24)));
        let names = names(&drawn);
        assert_eq!(names.len(), 12, "{drawn}");
        assert!(names[0].starts_with("main") && names[1].starts_with("all 用户20"), "{drawn}");
        assert!(names[11].starts_with("all 用户30"), "{drawn}");
        assert!(drawn.contains("not drawn: 19 that live, 0 that have ended"), "{drawn}");
    }

    #[test]
    fn those_that_live_are_drawn_before_those_that_have_died() {
        let mut events = crowd(&["all"], 30);
        events.extend((11..=30).map(|number| ended(100 + number, 1 + number, "signal SIGKILL")));
        let drawn = Live::new().draw("race", 20, &events, Some((WIDE, 24)));
        let names = names(&drawn);
        assert_eq!(names.len(), 12, "{drawn}");
        for (name, number) in names[1..11].iter().zip(1..) {
            assert!(name.starts_with(&format!("all 用户{number}")), "{drawn}");
        }
        assert!(names[11].starts_with("all 用户30"), "the latest death: {drawn}");
        assert!(drawn.contains("not drawn: 0 that live, 19 that have ended"), "{drawn}");
    }

    #[test]
    fn of_a_crowd_that_has_ended_a_few_are_drawn_and_the_lanes_leave_room() {
        let mut events = crowd(&["all"], 30);
        events.extend((1..=30).map(|number| ended(100 + number, 1 + number, "code 0")));
        let drawn = Live::new().draw("race", 20, &events, Some((WIDE, 24)));
        assert_eq!(names(&drawn).len(), 4, "{drawn}");
        assert!(drawn.contains("not drawn: 0 that live, 27 that have ended"), "{drawn}");
    }

    #[test]
    fn a_scene_of_very_many_events_keeps_its_last_picture_and_the_next_one_has_a_new_one() {
        let mut live = Live::new();
        let mut events = crowd(&["all"], 2);
        let before = live.draw("race", 20, &events, Some((WIDE, 24)));
        events.extend((0..5000).map(|pid| born(9, 100 + pid, "late")));
        assert_eq!(live.draw("race", 20, &events, Some((WIDE, 24))), before);
        events.push(scene(10, "next"));
        assert!(live.draw("race", 20, &events, Some((WIDE, 24))).contains("timeline next"));
    }

    #[test]
    fn a_terminal_of_unknown_size_gets_no_lanes() {
        assert_eq!(Live::new().draw("race", 20, &crowd(&["all"], 2), None), "race");
    }
}
