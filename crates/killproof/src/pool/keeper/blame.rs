//! Which task was to blame for the death of a worker, and what becomes of its chunk.

use std::collections::HashMap;

use super::{Limits, Turns};
use crate::pool::entries::{self, words_of};
use crate::pool::errors::TaskDeath;
use crate::pool::floor::Floor;
use crate::pool::outcome::{self, Kind};
use crate::pool::place::{Place, State};

/// The deaths of the tasks that run again, by place.
#[derive(Default)]
pub(super) struct Records(HashMap<u32, Record>);

struct Record {
    /// Of the chunk.
    turn: u64,
    task: u64,
    deaths: Vec<TaskDeath>,
}

/// How a worker ended.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// Its attempt is not known yet.
    pub(super) death: TaskDeath,
    pub(super) seat: u32,
    /// The keeper killed it for its time: because of the task that it ran to the end, or of one before.
    pub(super) is_condemned: Option<bool>,
}

impl Records {
    /// Hands on what a dead worker had. True if a task was to blame for its death.
    pub(super) fn settle(&mut self, floor: &Floor, limits: &Limits, end: End, turns: &mut Turns) -> bool {
        let Some(number) = floor.seats()[end.seat as usize].place() else { return false };
        let place = floor.place(number);
        match place.state() {
            // It may have died between the two stores. A bit too many is passed over.
            State::Finished(worker) if worker == end.seat => floor.finished.set(number),
            State::Ready => floor.ready.set(number),
            State::Running(worker) if worker == end.seat => {
                floor.ready.clear(number);
                return self.settle_chunk(floor, limits, end, number, turns);
            }
            _ => {}
        }
        false
    }

    fn settle_chunk(&mut self, floor: &Floor, limits: &Limits, end: End, number: u32, turns: &mut Turns) -> bool {
        let place = floor.place(number);
        let mut progress = place.progress();
        let (ran, seat) = (progress.runs, end.seat);
        progress.runs = false;
        if !ran || end.is_condemned == Some(false) {
            place.set_progress(progress);
            if progress.done == place.count() {
                floor.finish(number, seat);
            } else {
                floor.make_ready(number);
            }
            return ran;
        }
        let (kind, content) = if end.is_condemned == Some(true) {
            let seconds = limits.timeout.unwrap_or_default().as_secs_f64();
            (Kind::TimedOut, seconds.to_bits().to_ne_bytes().to_vec())
        } else {
            let deaths = self.count(number, place, place.first() + u64::from(progress.done), end.death);
            let attempts = u32::try_from(deaths.len()).unwrap_or(u32::MAX);
            if attempts < limits.deaths {
                place.set_progress(progress);
                if attempts + 1 == limits.deaths {
                    place.hand_on(State::Alone);
                    turns.wait(number);
                } else {
                    floor.make_ready(number);
                }
                return true;
            }
            (Kind::Killed, outcome::deaths(deaths))
        };
        self.0.remove(&number);
        entries::store_entry(&floor.results(number)[progress.words as usize..], kind as u8, &content);
        progress.done += 1;
        progress.words += u32::try_from(words_of(content.len())).unwrap_or(u32::MAX);
        place.set_progress(progress);
        floor.finish(number, seat);
        true
    }

    /// Counts a death with a task, and returns all that there were.
    fn count(&mut self, number: u32, place: &Place, task: u64, death: TaskDeath) -> &[TaskDeath] {
        let turn = place.turn();
        let record = self.0.entry(number).or_insert_with(|| Record { turn, task, deaths: Vec::new() });
        if (record.turn, record.task) != (turn, task) {
            *record = Record { turn, task, deaths: Vec::new() };
        }
        let attempt = u32::try_from(record.deaths.len() + 1).unwrap_or(u32::MAX);
        record.deaths.push(TaskDeath { attempt, ..death });
        &record.deaths
    }
}
