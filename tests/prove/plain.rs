//! Scenarios of a queue without acknowledgements.

use crashcheck::{Actor, Model, Outcome, Report, actor};
use killproof::queue::{GetError, GetTimeoutError, PutError, PutTimeoutError, Queue, TryGetError, TryPutError};

use super::dish::Dish;
use super::history::{Did, History};
use super::promises::{Facts, Kind};
use super::used::{LIMIT, in_time, me};

pub(crate) struct Plain {
    queue: Queue<Dish>,
    history: History,
}

impl Plain {
    fn new(capacity: usize, filled: &[u8]) -> Self {
        let queue = Queue::builder(capacity).max_message(16).unverified().build().expect("a queue");
        let plain = Self { queue, history: History::default() };
        for value in filled {
            plain.queue.put(Dish(*value)).expect("room");
            plain.history.note(Did::Put(0, *value));
        }
        plain
    }

    fn put(&self, value: u8) {
        self.history.note(Did::BeginsPut(me(), value));
        match self.queue.put(Dish(value)) {
            Ok(()) => self.history.note(Did::Put(me(), value)),
            Err(PutError::Closed(_)) => self.history.note(Did::Refused(me(), value)),
            Err(error) => panic!("put: {error}"),
        }
    }

    fn put_within(&self, value: u8) {
        self.history.note(Did::BeginsTimed(me()));
        let began = actor::now();
        match self.queue.put_timeout(Dish(value), LIMIT) {
            Ok(()) => self.history.note(Did::Put(me(), value)),
            Err(PutTimeoutError::TimedOut(_)) => self.history.note(Did::Refused(me(), value)),
            Err(error) => panic!("put_timeout: {error}"),
        }
        in_time(began);
    }

    /// False if no message will come.
    fn get(&self) -> bool {
        self.history.note(Did::BeginsGet(me()));
        match self.queue.get() {
            Ok(dish) => self.history.note(Did::Got(me(), dish.0)),
            Err(GetError::Disconnected) => {
                self.history.note(Did::Over(me()));
                return false;
            }
            Err(error) => panic!("get: {error}"),
        }
        true
    }

    /// Gets `count` messages, or all that come.
    fn get_all(&self, count: usize) {
        for _ in 0..count {
            if !self.get() {
                return;
            }
        }
    }

    fn get_within(&self) {
        self.history.note(Did::BeginsTimed(me()));
        let began = actor::now();
        match self.queue.get_timeout(LIMIT) {
            Ok(dish) => self.history.note(Did::Got(me(), dish.0)),
            Err(GetTimeoutError::TimedOut) => self.history.note(Did::TimedOut(me())),
            Err(error) => panic!("get_timeout: {error}"),
        }
        in_time(began);
    }

    fn check(&self, outcome: &Outcome) -> Result<(), String> {
        let history = self.history.all();
        self.kept(&history, outcome).map_err(|broken| format!("{broken}; {history:?}"))
    }

    fn kept(&self, history: &[Did], outcome: &Outcome) -> Result<(), String> {
        let mut rest = Vec::new();
        // A look may repair what two dead processes left, and come back empty: the next one finds the dish of a
        // producer that died before its put returned.
        let mut empty = 0;
        while empty < 2 {
            match self.queue.try_get() {
                Ok(dish) => rest.push(dish.0),
                Err(TryGetError::Empty | TryGetError::Disconnected) => empty += 1,
                Err(error) => return Err(format!("drain: {error}")),
            }
        }
        let capacity = self.queue.capacity();
        Facts { history, rest: &rest, letters: &[], outcome, capacity, kind: Kind::Plain }.are_as_promised()?;
        if !self.queue.is_empty() {
            return Err(format!("{} wait in the end", self.queue.len()));
        }
        for value in 0..capacity {
            match self.queue.try_put(Dish(50 + u8::try_from(value).expect("a small queue"))) {
                Ok(()) => {}
                Err(TryPutError::Closed(_)) => return Ok(()),
                Err(error) => return Err(format!("a place is lost: {error}")),
            }
        }
        if self.queue.try_put(Dish(99)).is_ok() { Err("there is a place too many".to_owned()) } else { Ok(()) }
    }
}

type Program<'a> = &'a dyn Fn(&Plain);

fn explore(model: &Model, capacity: usize, filled: &[u8], programs: &[(&str, Program<'_>)]) -> Report {
    let actors: Vec<Actor<'_, Plain>> = programs.iter().map(|(name, run)| Actor::new(name, *run)).collect();
    model.clone().may_hang().explore(|| Plain::new(capacity, filled), &actors, Plain::check)
}

pub(crate) fn put_and_get(model: &Model) -> Report {
    let puts = |plain: &Plain| (1..=2).for_each(|value| plain.put(value));
    let gets = |plain: &Plain| plain.get_all(2);
    explore(model, 1, &[], &[("producer", &puts), ("consumer", &gets)])
}

pub(crate) fn two_producers(model: &Model) -> Report {
    let puts = |value: u8| move |plain: &Plain| plain.put(value);
    let gets = |plain: &Plain| plain.get_all(2);
    explore(model, 1, &[], &[("one", &puts(1)), ("other", &puts(2)), ("consumer", &gets)])
}

pub(crate) fn two_consumers(model: &Model) -> Report {
    let gets = |plain: &Plain| plain.get_all(1);
    explore(model, 2, &[1, 2], &[("one", &gets), ("other", &gets)])
}

pub(crate) fn close_and_drain(model: &Model) -> Report {
    let puts = |plain: &Plain| {
        plain.put(1);
        plain.queue.close();
    };
    let drains = |plain: &Plain| while plain.get() {};
    explore(model, 1, &[], &[("producer", &puts), ("consumer", &drains)])
}

/// Two consumers wait, and the queue is closed: the one that gets nothing learns that none comes.
pub(crate) fn close_and_two_consumers(model: &Model) -> Report {
    let puts = |plain: &Plain| {
        plain.put(1);
        plain.queue.close();
    };
    let drains = |plain: &Plain| while plain.get() {};
    explore(model, 1, &[], &[("producer", &puts), ("one", &drains), ("other", &drains)])
}

/// A producer waits for room, and the queue is closed.
pub(crate) fn close_a_full_one(model: &Model) -> Report {
    let puts = |plain: &Plain| plain.put(2);
    let closes = |plain: &Plain| plain.queue.close();
    explore(model, 1, &[1], &[("producer", &puts), ("closer", &closes)])
}

/// Another process than the producer closes the queue.
pub(crate) fn closed_by_another(model: &Model) -> Report {
    let puts = |plain: &Plain| plain.put(1);
    let closes = |plain: &Plain| plain.queue.close();
    let drains = |plain: &Plain| while plain.get() {};
    explore(model, 1, &[], &[("producer", &puts), ("closer", &closes), ("consumer", &drains)])
}

/// A put into a full queue, and a get from one that is empty in the end and stays so.
pub(crate) fn time_outs(model: &Model) -> Report {
    let puts = |plain: &Plain| plain.put_within(2);
    let gets = |plain: &Plain| (1..=3).for_each(|_| plain.get_within());
    explore(&model.clone().time_may_pass(), 1, &[1], &[("producer", &puts), ("consumer", &gets)])
}
