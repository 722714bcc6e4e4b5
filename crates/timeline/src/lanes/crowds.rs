//! A crowd: the lanes of one kind, where there are too many for a picture of each.

use std::collections::HashMap;

use super::{Lane, Scene, State};

/// Of more lanes of one kind than this, no picture has room for their names.
pub const CROWD: usize = 40;

/// Lanes that have one name but for their numbers: `thread 1` to `thread 600`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// The name without a number: `thread`.
    pub name: String,
    /// Its lanes, by birth: indices of [`Scene::lanes`].
    pub lanes: Vec<usize>,
    /// The most of them that were there at one moment.
    pub peak: usize,
    /// The most of them that were in one state at one moment, for each state by its place in [`State::ALL`].
    pub peaks: [usize; State::ALL.len()],
}

/// What a picture has a row for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A lane: an index of [`Scene::lanes`].
    Lane(usize),
    /// A crowd, in one.
    Crowd(Crowd),
}

/// How many of a crowd are in each state, by its place in [`State::ALL`]: on average in a piece of time.
pub type Levels = [f64; State::ALL.len()];

impl Scene {
    /// The crowds of the scene: each kind of more than [`CROWD`] lanes. The first lane of a scene is in none.
    ///
    /// The cost is that of sorting the changes of state.
    #[must_use]
    pub fn crowds(&self) -> Vec<Crowd> {
        let mut kinds: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, lane) in self.lanes.iter().enumerate().skip(1) {
            kinds.entry(kind(&lane.name)).or_default().push(index);
        }
        let crowds = kinds.into_iter().filter(|(_, lanes)| lanes.len() > CROWD);
        let mut crowds: Vec<_> = crowds.map(|(name, lanes)| Crowd::of(self, name, lanes)).collect();
        crowds.sort_by_key(|crowd| crowd.lanes[0]);
        crowds
    }

    /// The rows of a picture: each crowd in the place of its first lane, and at most `most` other lanes, those that
    /// [tell most](Self::most_telling). And how many lanes are left out.
    #[must_use]
    pub fn rows(&self, most: usize) -> (Vec<Row>, usize) {
        let mut is_folded = vec![false; self.lanes.len()];
        let mut rows = Vec::new();
        for crowd in self.crowds() {
            crowd.lanes.iter().for_each(|lane| is_folded[*lane] = true);
            rows.push((crowd.lanes[0], Row::Crowd(crowd)));
        }
        let alone: Vec<_> = (0..self.lanes.len()).filter(|lane| !is_folded[*lane]).collect();
        let (chosen, hidden) = self.most_telling_of(alone, most);
        rows.extend(chosen.into_iter().map(|lane| (lane, Row::Lane(lane))));
        rows.sort_by_key(|(lane, _)| *lane);
        (rows.into_iter().map(|(_, row)| row).collect(), hidden)
    }
}

impl Crowd {
    fn of(scene: &Scene, name: &str, lanes: Vec<usize>) -> Self {
        let (peak, peaks) = peaks(lanes.iter().map(|lane| &scene.lanes[*lane]));
        Self { name: name.to_owned(), lanes, peak, peaks }
    }

    /// Its lanes themselves.
    pub fn lanes<'s>(&self, scene: &'s Scene) -> impl Iterator<Item = &'s Lane> {
        self.lanes.iter().map(|lane| &scene.lanes[*lane])
    }

    /// How many of its lanes are in each state in each of `columns` equal pieces of the scene's time.
    #[must_use]
    pub fn levels(&self, scene: &Scene, columns: usize) -> Vec<Levels> {
        let columns = columns.max(1);
        // Where a state fills whole columns, its first one has a step up and the one behind its last a step down.
        let (mut parts, mut steps) = (vec![Levels::default(); columns + 1], vec![Levels::default(); columns + 1]);
        let place = |time| place(time, scene, columns);
        for (state, from, until) in self.lanes(scene).flat_map(stays) {
            let ((first, before), (last, within)) = (place(from), place(until));
            let state = state as usize;
            if first == last {
                parts[first][state] += within - before;
            } else {
                parts[first][state] += 1.0 - before;
                parts[last][state] += within;
                steps[first + 1][state] += 1.0;
                steps[last][state] -= 1.0;
            }
        }
        let mut whole = Levels::default();
        let level = |(part, step): (&Levels, &Levels)| {
            let mut level = *part;
            for ((whole, step), level) in whole.iter_mut().zip(step).zip(&mut level) {
                *whole += step;
                *level += *whole;
            }
            level
        };
        parts.iter().zip(&steps).map(level).take(columns).collect()
    }
}

/// In which of the columns a time lies, and at which part of it.
#[expect(clippy::cast_precision_loss, reason = "a column is far more than a nanosecond")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the number of columns")]
fn place(time: u64, scene: &Scene, columns: usize) -> (usize, f64) {
    let length = (scene.until - scene.from).max(1);
    let since = time.clamp(scene.from, scene.until) - scene.from;
    let place = since as f64 * columns as f64 / length as f64;
    (place as usize, place.fract())
}

/// Each state of a lane, from when, and until when.
fn stays(lane: &Lane) -> impl Iterator<Item = (State, u64, u64)> {
    let states = lane.states();
    let ends: Vec<_> = states.iter().skip(1).map(|(time, _)| *time).chain([lane.ended]).collect();
    states
        .into_iter()
        .zip(ends)
        .map(|((from, state), until)| (state, from, until))
        .filter(|(_, from, until)| from < until)
}

/// The most lanes at one moment, and the most in each state.
fn peaks<'l>(lanes: impl Iterator<Item = &'l Lane>) -> (usize, [usize; State::ALL.len()]) {
    // At one moment a lane leaves a state before another one enters it.
    let mut turns: Vec<(u64, i8, usize)> = Vec::new();
    for (state, from, until) in lanes.flat_map(stays) {
        turns.extend([(from, 1, state as usize), (until, -1, state as usize)]);
    }
    turns.sort_unstable();
    let (mut now, mut peaks) = ([0_usize; State::ALL.len()], [0; State::ALL.len()]);
    let (mut all, mut peak) = (0_usize, 0);
    for (_, turn, state) in turns {
        let turned = |count: usize| count.saturating_add_signed(turn.into());
        (now[state], all) = (turned(now[state]), turned(all));
        (peaks[state], peak) = (peaks[state].max(now[state]), peak.max(all));
    }
    (peak, peaks)
}

/// The name without what tells namesakes apart: `thread` of `thread 12` and of `thread 12 #2`.
fn kind(name: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.rsplit_once(" #").filter(|(_, number)| is_number(number)).map_or(name, |(name, _)| name);
    let kind = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '\'').trim_end();
    if kind.is_empty() { name } else { kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::synthetic::Script;

    /// A crowd of threads, one after the other for 10 ms each, of which the first half of each is a wait.
    fn relay(count: u64) -> Scene {
        let mut script = Script::new("en");
        for number in 0..count {
            let (pid, begins) = (10 + i32::try_from(number).expect("few"), 10 * number);
            script = script.born(begins, pid, &format!("thread {}", number + 1));
            script = script.begin(begins, pid, 1, "wait-lock", "a").end(begins + 5, pid, 1);
            script = script.ended(begins + 10, pid, "code 0");
        }
        script.read().scenes.remove(0)
    }

    fn is_near(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() < 1e-6
    }

    #[test]
    fn a_kind_of_more_than_a_crowd_is_one_row_and_fewer_are_a_row_each() {
        let few = relay(CROWD as u64);
        assert!(few.crowds().is_empty());
        assert_eq!(few.rows(100), ((0..=CROWD).map(Row::Lane).collect(), 0));
        let many = relay(CROWD as u64 + 1);
        let (rows, hidden) = many.rows(100);
        let [Row::Lane(0), Row::Crowd(crowd)] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((crowd.name.as_str(), crowd.lanes.len(), hidden), ("thread", CROWD + 1, 0));
    }

    #[test]
    fn two_kinds_are_two_crowds_and_other_lanes_stay() {
        let mut script = Script::new("en");
        for pid in 100..150 {
            script = script.born(1, pid, &format!("线程{pid}")).born(2, pid + 100, "eater");
        }
        let scene = script.born(70, 9, "cook").say(80, 1, "end").read().scenes.remove(0);
        let (rows, _) = scene.rows(100);
        let names = rows.iter().map(|row| match row {
            Row::Lane(lane) => &scene.lanes[*lane].name,
            Row::Crowd(crowd) => &crowd.name,
        });
        assert_eq!(names.collect::<Vec<_>>(), ["main", "线程", "eater", "cook"]);
    }

    #[test]
    fn a_number_and_what_tells_namesakes_apart_are_no_part_of_a_kind() {
        let kinds = ["thread 12", "thread 12 #2", "speech 1'", "线程3", "eater #7", "main", "42", "a #b", ""].map(kind);
        assert_eq!(kinds, ["thread", "thread", "speech", "线程", "eater", "main", "42", "a #b", ""]);
    }

    #[test]
    fn the_levels_are_how_many_are_in_each_state_and_the_peaks_the_most_at_once() {
        let scene = relay(50);
        let crowd = &scene.crowds()[0];
        let (running, waiting) = (State::Running as usize, State::Waiting as usize);
        assert_eq!((crowd.peak, crowd.peaks[running], crowd.peaks[waiting]), (1, 1, 1));
        let halves = crowd.levels(&scene, 100);
        for (column, level) in halves.iter().enumerate() {
            let waits = if column % 2 == 0 { 1.0 } else { 0.0 };
            assert!(is_near(level[waiting], waits) && is_near(level[running], 1.0 - waits), "{column}: {level:?}");
        }
        for columns in [1, 7, 50] {
            let levels = crowd.levels(&scene, columns);
            let each = levels.iter().map(|level| level.iter().sum::<f64>());
            assert!(levels.len() == columns && each.clone().all(|there| is_near(there, 1.0)), "{levels:?}");
        }
    }

    #[test]
    fn those_that_are_there_together_add_up() {
        let mut script = Script::new("en");
        for pid in 10..110 {
            script = script.born(0, pid, &format!("process {pid}")).pause(50, pid, 50);
        }
        let scene = script.ended(100, 10, "code 0").say(100, 1, "end").read().scenes.remove(0);
        let crowd = &scene.crowds()[0];
        assert_eq!((crowd.peak, crowd.peaks[State::Sleeping as usize]), (100, 100));
        let levels = crowd.levels(&scene, 2);
        assert!(is_near(levels[0][State::Running as usize], 100.0), "{levels:?}");
        assert!(is_near(levels[1][State::Sleeping as usize], 100.0), "{levels:?}");
    }
}
