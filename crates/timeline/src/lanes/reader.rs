//! From events, one after the other, to lanes.

mod actor;
mod namesakes;

use std::collections::HashMap;

use serde_json::Value;

use super::{Chart, Handover, Lane, Mark, Run, Scene, Span, What};
use actor::{Actor, Birth, line};
use journal::{Doing, Event, Kind, Lang};

/// Who wrote an event: its process and its thread.
type Key = (i32, i32);

#[derive(Default)]
struct Reader {
    section: String,
    lang: Lang,
    /// Name and beginning of each scene; the first is what comes before all scenes.
    scenes: Vec<(String, u64)>,
    actors: Vec<Actor>,
    /// The actor that has these ids now: the system gives them to another one some day.
    now: HashMap<Key, usize>,
    /// Figures that compare, with the scene of each.
    charts: Vec<(usize, Chart)>,
    /// What an actor got from a process that is named by its id.
    transfers: Vec<Transfer>,
    skipped: usize,
    full_at: Option<u64>,
}

struct Transfer {
    on: String,
    from: Key,
    to: usize,
    at: u64,
    /// When it was let go, if the event says so.
    left: Option<u64>,
}

/// Reads events that are sorted by time.
pub(super) fn read(events: &[Event]) -> Run {
    let mut reader = Reader { scenes: vec![(String::new(), 0)], ..Reader::default() };
    for event in events {
        if reader.take(event).is_none() {
            reader.skipped += 1;
        }
    }
    reader.finish(events.last().map_or(0, |event| event.t))
}

impl Reader {
    /// `None` if the event lacks what its kind must have, or is about no actor.
    fn take(&mut self, event: &Event) -> Option<()> {
        let text = |key: &str| event.data.get(key).and_then(Value::as_str);
        let said = || event.text.clone().unwrap_or_default();
        if event.kind == Kind::Scene {
            self.scenes.push((said(), event.t));
        }
        let writer = self.writer(event);
        match event.kind {
            Kind::Run => {
                text("section").unwrap_or_default().clone_into(&mut self.section);
                self.lang = text("lang").and_then(|code| code.parse().ok()).unwrap_or_default();
            }
            Kind::Born => self.born(event, text("child")?)?,
            Kind::Ended => self.ended(event, text("exit")?)?,
            Kind::Pause => {
                let length = event.data.get("ns")?.as_u64()?;
                let pause = self.actors[writer].begin(Doing::Pause, String::new(), event, None);
                pause.until = event.t.saturating_add(length);
            }
            Kind::Begin => {
                let doing = Doing::named(text("doing")?)?;
                let on = text("on").unwrap_or_default();
                let number = event.data.get("span")?.as_u64()?;
                self.actors[writer].begin(doing, on.to_owned(), event, Some(number));
                self.note_transfer(event, on, writer);
            }
            Kind::End => {
                let number = event.data.get("span")?.as_u64()?;
                self.actors[writer].end(number, event.t, text("how"))?;
            }
            Kind::Mark => self.marked(event, What::named(text("what")?), writer),
            Kind::Say | Kind::Ready => {
                let said = Mark { at: event.t, what: What::Said, text: said(), line: line(event) };
                self.actors[writer].lane.marks.push(said);
            }
            Kind::Figure => {
                let compared =
                    text("measure").zip(text("subject")).zip(event.data.get("value").and_then(Value::as_f64));
                if let Some(((measure, subject), value)) = compared {
                    let words = event.data.get("unit_words").and_then(|words| words.get(self.lang.code())?.as_str());
                    let unit = words.or(text("unit")).unwrap_or_default();
                    self.compare(measure, unit, subject, value);
                }
            }
            Kind::Scene | Kind::Claim | Kind::Check => {}
        }
        Some(())
    }

    fn marked(&mut self, event: &Event, what: What, writer: usize) {
        let on = event.data.get("on").and_then(Value::as_str).unwrap_or_default();
        match what {
            What::Marked(journal::Mark::Exits) => self.actors[writer].exits(event),
            What::Marked(journal::Mark::RecordFull) => self.full_at = Some(event.t),
            _ => {
                if matches!(what, What::Marked(journal::Mark::Redelivered | journal::Mark::HandedOver)) {
                    self.note_transfer(event, on, writer);
                }
                let value = event.data.get("value").filter(|_| !on.is_empty());
                let text = value.map_or_else(|| on.to_owned(), |value| format!("{on}: {value}"));
                self.actors[writer].lane.marks.push(Mark { at: event.t, what, text, line: line(event) });
            }
        }
    }

    /// The actor that wrote this event. An actor does not write in a pause, so a pause has ended by now.
    fn writer(&mut self, event: &Event) -> usize {
        let key = (event.pid, event.tid);
        // What a dead actor was in may end in its name. All else is of another one, to which the system gave its ids.
        let is_of = |index: &usize| self.actors[*index].lane.exit.is_none() || event.kind == Kind::End;
        let known = self.now.get(&key).copied().filter(is_of);
        let index = known.unwrap_or_else(|| self.enter(&event.actor, key, event.t, Birth::Implicit));
        let scene = self.scenes.len() - 1;
        let actor = &mut self.actors[index];
        actor.wake(event.t);
        actor.lane.ended = actor.lane.ended.max(event.t);
        // An actor that was there before and goes on has one name in each scene (`main`); the last is the best.
        if event.kind == Kind::Scene {
            actor.lane.name.clone_from(&event.actor);
        }
        actor.heard_in(scene);
        index
    }

    fn enter(&mut self, name: &str, (pid, tid): Key, born: u64, birth: Birth) -> usize {
        let (spans, marks) = (Vec::new(), Vec::new());
        let lane = Lane {
            name: name.to_owned(),
            pid,
            tid,
            born,
            exits: None,
            ended: born,
            exit: None,
            line: None,
            spans,
            marks,
        };
        self.actors.push(Actor::new(lane, birth, self.scenes.len() - 1));
        self.now.insert((pid, tid), self.actors.len() - 1);
        self.actors.len() - 1
    }

    fn born(&mut self, event: &Event, name: &str) -> Option<()> {
        let key = (id(event, "child_pid")?, id(event, "child_tid")?);
        // A thread that writes down its own birth has just been entered as its writer.
        let known = self.now.get(&key).copied();
        let itself = known
            .filter(|index| self.actors[*index].birth == Birth::Implicit && self.actors[*index].lane.exit.is_none());
        let index = itself.unwrap_or_else(|| self.enter(name, key, event.t, Birth::Recorded));
        let actor = &mut self.actors[index];
        name.clone_into(&mut actor.lane.name);
        actor.birth = Birth::Recorded;
        actor.lane.line = line(event);
        Some(())
    }

    /// With a process all of its threads end.
    fn ended(&mut self, event: &Event, exit: &str) -> Option<()> {
        let (pid, tid) = (id(event, "child_pid")?, id(event, "child_tid")?);
        self.now.get(&(pid, tid))?;
        let scene = self.scenes.len() - 1;
        for actor in &mut self.actors {
            let is_it = actor.lane.pid == pid && (actor.lane.tid == tid || pid == tid);
            if is_it && actor.lane.exit.is_none() {
                actor.die(event.t, exit);
                actor.heard_in(scene);
            }
        }
        Some(())
    }

    /// Notes that the writer got something from another actor, if the event says from which.
    fn note_transfer(&mut self, event: &Event, on: &str, to: usize) {
        if let Some(pid) = id(event, "from_pid") {
            let from = (pid, id(event, "from_tid").unwrap_or(pid));
            let left = event.data.get("from_t").and_then(Value::as_u64).map(|left| left.min(event.t));
            self.transfers.push(Transfer { on: on.to_owned(), from, to, at: event.t, left });
        }
    }

    fn compare(&mut self, measure: &str, unit: &str, subject: &str, value: f64) {
        let scene = self.scenes.len() - 1;
        let bar = (subject.to_owned(), value);
        let known = self.charts.iter_mut().find(|(known, chart)| *known == scene && chart.measure == measure);
        if let Some((_, chart)) = known {
            chart.bars.push(bar);
        } else {
            let (measure, unit) = (measure.to_owned(), unit.to_owned());
            self.charts.push((scene, Chart { measure, unit, bars: vec![bar] }));
        }
    }

    fn finish(mut self, last: u64) -> Run {
        for actor in &mut self.actors {
            actor.end_unseen();
            actor.outlive(last);
        }
        namesakes::tell_apart(&mut self.actors);
        let mut handovers = self.locks_handed_over();
        handovers.extend(self.transfers.iter().filter_map(|transfer| self.handed_over(transfer)));
        handovers.sort_by_key(|handover| handover.got);
        let ends = self.scenes.iter().skip(1).map(|(_, from)| *from).chain([last]);
        let scenes = self.scenes.iter().zip(ends).enumerate();
        let scenes: Vec<Scene> = scenes
            .map(|(index, ((name, from), until))| self.scene(index, name, *from, until.max(*from), &handovers))
            .collect();
        // Before the first scene there is nothing to see, unless there are no scenes.
        let skipped_scenes = usize::from(scenes.len() > 1);
        let scenes = scenes.into_iter().skip(skipped_scenes).collect();
        let (section, lang, skipped, full_at) = (self.section, self.lang, self.skipped, self.full_at);
        Run { section, lang, scenes, skipped, full_at, holes: 0 }
    }

    /// Each lock's way from holder to holder.
    fn locks_handed_over(&self) -> Vec<Handover> {
        let mut held: Vec<(&Span, usize)> = Vec::new();
        for (index, actor) in self.actors.iter().enumerate() {
            held.extend(actor.lane.spans.iter().filter(|span| span.doing == Doing::HoldLock).map(|span| (span, index)));
        }
        held.sort_by_key(|(span, _)| (&span.on, span.from));
        let pairs = held.windows(2).map(|pair| (pair[0], pair[1]));
        let follows =
            |((a, from), (b, to)): &((&Span, usize), (&Span, usize))| a.on == b.on && from != to && a.until <= b.from;
        let handover = |((a, from), (b, to)): ((&Span, usize), (&Span, usize))| Handover {
            on: b.on.clone(),
            from,
            left: a.until,
            to,
            got: b.from,
        };
        pairs.filter(follows).map(handover).collect()
    }

    fn handed_over(&self, transfer: &Transfer) -> Option<Handover> {
        let is_giver =
            |actor: &Actor| (actor.lane.pid, actor.lane.tid) == transfer.from && actor.lane.born <= transfer.at;
        let from = self.actors.iter().rposition(is_giver).filter(|from| *from != transfer.to)?;
        let giver = &self.actors[from].lane;
        let had_it = |span: &&Span| span.on == transfer.on && span.until <= transfer.at;
        let left = transfer.left.or_else(|| giver.spans.iter().rfind(had_it).map(|span| span.until));
        let left = left.unwrap_or(giver.ended.min(transfer.at));
        Some(Handover { on: transfer.on.clone(), from, left, to: transfer.to, got: transfer.at })
    }

    fn scene(&self, index: usize, name: &str, from: u64, until: u64, handovers: &[Handover]) -> Scene {
        let mut members: Vec<usize> =
            (0..self.actors.len()).filter(|actor| self.actors[*actor].scenes.contains(&index)).collect();
        members.sort_by_key(|actor| self.actors[*actor].lane.born);
        let lanes = members.iter().map(|actor| within(&self.actors[*actor].lane, from, until)).collect();
        let place = |actor: usize| members.iter().position(|member| *member == actor);
        let placed = |handover: &Handover| {
            let (from, to) = (place(handover.from)?, place(handover.to)?);
            Some(Handover { from, to, ..handover.clone() })
        };
        let here = handovers.iter().filter(|handover| from <= handover.left && handover.got <= until);
        let handovers = here.filter_map(placed).collect();
        let charts = self.charts.iter().filter(|(scene, _)| *scene == index).map(|(_, chart)| chart.clone()).collect();
        Scene { name: name.to_owned(), from, until, lanes, handovers, charts }
    }
}

/// The part of a lane that lies in a scene.
fn within(lane: &Lane, from: u64, until: u64) -> Lane {
    let mut part = lane.clone();
    part.born = lane.born.max(from);
    if lane.ended > until {
        part.exit = None;
    }
    part.exits = lane.exits.filter(|time| *time <= until);
    part.ended = lane.ended.min(until);
    part.spans.retain(|span| from <= span.from && span.from <= until);
    for span in &mut part.spans {
        span.until = span.until.min(until);
    }
    part.marks.retain(|mark| from <= mark.at && mark.at <= until);
    part
}

fn id(event: &Event, key: &str) -> Option<i32> {
    event.data.get(key)?.as_i64()?.try_into().ok()
}

#[cfg(test)]
mod tests;
