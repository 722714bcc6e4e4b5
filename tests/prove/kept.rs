//! Whether a joinable queue has kept what it promises, when all actors have ended.

use crashcheck::Outcome;
use killproof::queue::{DeadLetter, TryGetError, TryPutError};

use super::dish::Dish;
use super::history::Did;
use super::promises::{Facts, Kind};
use super::used::Used;

impl Used {
    /// Whether all that was promised was kept.
    pub(crate) fn check(&self, outcome: &Outcome) -> Result<(), String> {
        let history = self.history.all();
        self.kept(&history, outcome).map_err(|broken| format!("{broken}; {history:?}"))
    }

    fn kept(&self, history: &[Did], outcome: &Outcome) -> Result<(), String> {
        let mut letters = self.take_letters()?;
        let rest = self.drain()?;
        letters.extend(self.take_letters()?);
        let kind = if self.is_limited { Kind::Limited } else { Kind::Joinable };
        let capacity = self.queue.capacity();
        Facts { history, rest: &rest, letters: &letters, outcome, capacity, kind }.are_as_promised()?;
        if self.queue.unfinished() != 0 {
            return Err(format!("{} unfinished in the end", self.queue.unfinished()));
        }
        self.whole()
    }

    fn take_letters(&self) -> Result<Vec<Option<u8>>, String> {
        let letters = self.queue.dead_letters().map_err(|error| format!("dead letters: {error}"))?;
        let take = |letter: DeadLetter<Dish>| {
            let value = letter.value().ok().map(|dish| dish.0);
            if letter.discard() { Ok(value) } else { Err("a letter that only main discards was decided".to_owned()) }
        };
        letters.into_iter().map(take).collect()
    }

    /// What is left in the queue, taken out.
    fn drain(&self) -> Result<Vec<u8>, String> {
        let mut rest = Vec::new();
        // Leases of the dead come back with the checks for them, which a few looks make.
        for _ in 0..3 * self.queue.capacity() + 6 {
            match self.queue.try_get() {
                Ok(delivery) => {
                    rest.push(delivery.0);
                    delivery.done();
                }
                Err(TryGetError::Empty | TryGetError::Disconnected | TryGetError::Undecodable(_)) => {}
                Err(error) => return Err(format!("drain: {error}")),
            }
        }
        Ok(rest)
    }

    /// Every place can be used again, in order.
    fn whole(&self) -> Result<(), String> {
        let capacity = u8::try_from(self.queue.capacity()).expect("a small queue");
        for value in 0..capacity {
            match self.queue.try_put(Dish(50 + value)) {
                Ok(()) => {}
                Err(TryPutError::Closed(_)) => return Ok(()),
                Err(error) => return Err(format!("a place is lost: {error}")),
            }
        }
        if self.queue.try_put(Dish(99)).is_ok() {
            return Err("there is a place too many".to_owned());
        }
        for value in 0..capacity {
            let delivery = self.queue.try_get().map_err(|error| format!("a get after all: {error}"))?;
            if delivery.0 != 50 + value {
                return Err(format!("{} came for {}", delivery.0, 50 + value));
            }
            delivery.done();
        }
        Ok(())
    }
}
