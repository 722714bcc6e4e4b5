//! What the picture of a scene shows, in numbers: the page puts them into sentences.

use std::collections::{BTreeMap, HashSet};

use common::journal::{self, Doing};
use common::timeline::lanes::{Lane, Scene, Span, State, What};
use serde_json::{Value, json};

/// The fewest actors that make the same words worth telling once.
const FEW: usize = 3;

/// What was done on one lock, queue or gate. Times are sums over all lanes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Thing {
    held: u64,
    holds: usize,
    /// How long of `held` the holder slept.
    asleep: u64,
    waited: u64,
    waits: usize,
    /// The longest wait: the lane, and how long.
    longest: (usize, u64),
    /// Deliveries that were worked on.
    works: usize,
}

/// The facts of a scene.
pub(super) fn of(scene: &Scene) -> Value {
    let things = things(scene).into_iter().map(|(on, thing)| {
        let Thing { held, holds, asleep, waited, waits, longest: (who, longest), works } = thing;
        json!({
            "on": on, "held": held, "holds": holds, "asleep": asleep, "works": works,
            "waited": waited, "waits": waits, "who": who, "longest": longest,
        })
    });
    let things: Vec<_> = things.collect();
    let marked = |what: &What| {
        let marks = scene.lanes.iter().flat_map(|lane| &lane.marks);
        marks.filter(|mark| mark.what == *what).count()
    };
    let deaths: Vec<_> = (0..scene.lanes.len()).filter(|lane| scene.lanes[*lane].death().is_some()).collect();
    let (asleep, most_asleep) = pauses(scene);
    let sleeps = |lane: &Lane| lane.spans.iter().any(|span| span.doing == Doing::Pause && length(span) > 0);
    let sleepers: Vec<_> = (0..scene.lanes.len()).filter(|lane| sleeps(&scene.lanes[*lane])).collect();
    json!({
        "things": things, "deaths": deaths, "said": repeated(scene),
        "asleep": asleep, "most_asleep": most_asleep, "sleepers": sleepers.len(), "sleeper": sleepers.first(),
        "redelivered": marked(&What::Marked(journal::Mark::Redelivered)), "dead_letters": marked(&What::Marked(journal::Mark::DeadLetter)),
        "owners_died": marked(&What::Marked(journal::Mark::OwnerDied)),
    })
}

/// The locks of a scene that no actor waits for.
pub(super) fn uncontended(scene: &Scene) -> HashSet<String> {
    let found = things(scene).into_iter().filter(|(_, thing)| thing.holds > 0 && thing.waits == 0);
    found.map(|(lock, _)| lock).collect()
}

/// Every lock, queue and gate, the one with the longest waits first.
fn things(scene: &Scene) -> Vec<(String, Thing)> {
    let mut found: BTreeMap<&str, Thing> = BTreeMap::new();
    for (index, lane) in scene.lanes.iter().enumerate() {
        for span in lane.spans.iter().filter(|span| !span.on.is_empty()) {
            let thing = found.entry(&span.on).or_default();
            let length = length(span);
            match span.doing {
                Doing::HoldLock => {
                    thing.held += length;
                    thing.holds += 1;
                    thing.asleep += asleep_in(lane, span);
                }
                Doing::Work => thing.works += 1,
                _ if span.state == State::Waiting => {
                    thing.waited += length;
                    thing.waits += 1;
                    if length > thing.longest.1 {
                        thing.longest = (index, length);
                    }
                }
                _ => {}
            }
        }
    }
    let mut things: Vec<_> = found.into_iter().map(|(on, thing)| (on.to_owned(), thing)).collect();
    things.sort_by_key(|(_, thing)| std::cmp::Reverse((thing.waited, thing.held)));
    things
}

fn length(span: &Span) -> u64 {
    span.until.saturating_sub(span.from)
}

/// How long the actor of a span sleeps in it.
fn asleep_in(lane: &Lane, outer: &Span) -> u64 {
    let first = lane.spans.partition_point(|span| span.from < outer.from);
    let inside = lane.spans[first..].iter().take_while(|span| span.from <= outer.until);
    inside.filter(|span| span.doing == Doing::Pause).map(length).sum()
}

/// How long the actors slept, all together, and how many slept at once at most.
fn pauses(scene: &Scene) -> (u64, usize) {
    let spans = scene.lanes.iter().flat_map(|lane| &lane.spans);
    let pauses: Vec<_> = spans.filter(|span| span.doing == Doing::Pause && length(span) > 0).collect();
    // At one instant an actor wakes before another one falls asleep.
    let mut turns: Vec<(u64, i64)> = pauses.iter().flat_map(|span| [(span.from, 1), (span.until, -1)]).collect();
    turns.sort_unstable();
    let mut now = 0;
    let most = turns.iter().map(|(_, turn)| {
        now += turn;
        now
    });
    let most = most.max().unwrap_or(0);
    (pauses.into_iter().map(length).sum(), usize::try_from(most).unwrap_or(0))
}

/// What several actors said in the same words but for their names: the words, the first actor and the
/// last, and when.
fn repeated(scene: &Scene) -> Vec<Value> {
    let mut found: Vec<(String, Vec<(u64, usize)>)> = Vec::new();
    for (index, lane) in scene.lanes.iter().enumerate() {
        let mut said = Vec::new();
        for mark in lane.marks.iter().filter(|mark| mark.what == What::Said) {
            let words = mark.text.replace(&lane.name, "…");
            // Once an actor.
            if words == mark.text || said.contains(&words) {
                continue;
            }
            match found.iter_mut().find(|(known, _)| *known == words) {
                Some((_, speakers)) => speakers.push((mark.at, index)),
                None => found.push((words.clone(), vec![(mark.at, index)])),
            }
            said.push(words);
        }
    }
    found.retain(|(_, speakers)| speakers.len() >= FEW);
    for (_, speakers) in &mut found {
        speakers.sort_unstable();
    }
    found.sort_by_key(|(_, speakers)| speakers[0]);
    let told = found.into_iter().map(|(text, speakers)| {
        let ((from, first), (until, last)) = (speakers[0], speakers[speakers.len() - 1]);
        let (from, until) = (from - scene.from, until - scene.from);
        json!({ "text": text, "count": speakers.len(), "from": from, "until": until, "first": first, "last": last })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two buyers and a lock: the first sleeps with it, the second waits for it.
    fn sale() -> Scene {
        let line = |t: u64, pid: i32, kind: &str, keys: Value| {
            let mut event = json!({ "t": t, "pid": pid, "tid": pid, "actor": format!("user {pid}"), "kind": kind });
            event.as_object_mut().expect("an object").extend(keys.as_object().expect("an object").clone());
            event.to_string()
        };
        let begin =
            |t, pid, span, doing: &str| line(t, pid, "begin", json!({ "span": span, "doing": doing, "on": "lock" }));
        let end = |t, pid, span| line(t, pid, "end", json!({ "span": span }));
        let says = |t, pid, text: &str| line(t, pid, "say", json!({ "text": text }));
        let ended = |t, pid, exit: &str| {
            line(t, 1, "ended", json!({ "child": "", "child_pid": pid, "child_tid": pid, "exit": exit }))
        };
        let journal = [
            line(0, 1, "scene", json!({ "text": "sale" })),
            says(5, 1, "user 1 queries"),
            says(6, 2, "user 2 queries"),
            says(9, 3, "user 3 queries"),
            begin(10, 2, 1, "hold-lock"),
            begin(20, 3, 1, "wait-lock"),
            line(30, 2, "pause", json!({ "ns": 50 })),
            end(100, 2, 1),
            end(110, 3, 1),
            begin(110, 3, 2, "hold-lock"),
            line(120, 3, "pause", json!({ "ns": 30 })),
            end(160, 3, 2),
            ended(200, 2, "code 0"),
            ended(210, 3, "signal SIGKILL"),
        ];
        let run = common::timeline::lanes::read_lines(journal.join("\n").as_bytes());
        assert_eq!((run.skipped, run.scenes.len()), (0, 1));
        run.scenes.into_iter().next().expect("a scene")
    }

    #[test]
    fn a_lock_has_its_time_held_its_time_held_asleep_and_its_waits() {
        let facts = of(&sale());
        let thing = &facts["things"][0];
        assert_eq!((&thing["on"], &thing["held"], &thing["holds"]), (&json!("lock"), &json!(140), &json!(2)));
        assert_eq!((&thing["asleep"], &thing["waited"], &thing["waits"]), (&json!(80), &json!(90), &json!(1)));
        assert_eq!((&thing["who"], &thing["longest"]), (&json!(2), &json!(90)));
    }

    #[test]
    fn under_a_lock_pauses_add_up_and_never_overlap() {
        let facts = of(&sale());
        assert_eq!((&facts["asleep"], &facts["most_asleep"]), (&json!(80), &json!(1)));
    }

    #[test]
    fn sleepers_are_counted_and_the_first_is_named() {
        let facts = of(&sale());
        assert_eq!((&facts["sleepers"], &facts["sleeper"]), (&json!(2), &json!(1)));
    }

    #[test]
    fn what_three_say_alike_but_for_their_names_is_told_once() {
        let said = &of(&sale())["said"];
        let repeated = json!({ "text": "… queries", "count": 3, "from": 5, "until": 9, "first": 0, "last": 2 });
        assert_eq!(*said, json!([repeated]));
    }

    #[test]
    fn a_death_is_one_and_a_good_end_is_none() {
        assert_eq!(of(&sale())["deaths"], json!([2]));
    }
}
