//! How a round ends: everybody goes home, and the queue is held against its promises.

use std::time::{Duration, Instant};

use common::Error;
use common::queue::{GetError, JoinError, Joined};

use super::consumer::is_full;
use super::{Arena, Over};
use crate::item::Item;
use crate::ledger::Fault;
use crate::plan::Role;
use crate::slots::Desks;
use crate::tally::Tally;
use crate::workers::{Crew, DEADLINE};

/// How often main looks after its workers while it waits in `join`.
const GLANCE: Duration = Duration::from_millis(5);

impl Arena<'_> {
    pub(super) fn end(&self, desks: &Desks, crew: &mut Crew, deserted: bool, tally: &mut Tally) -> Result<(), Error> {
        self.tell(Over::Producers);
        crew.go_home(Role::Producer)?;
        self.tell(Over::Collectors);
        crew.go_home(Role::Collector)?;
        if deserted {
            self.desert(desks, crew, tally)?;
        }
        self.tell(Over::Joiners);
        let joined = self.join(crew)?;
        desks.work_ends();
        tally.letters_miscounted += self.list_letters().abs_diff(joined.dead_letters) as u64;
        tally.joined_early += self.ledger.account().missing;
        crew.go_home(Role::Joiner)?;
        for letter in self.queue.dead_letters() {
            if let Some(item) = self.read(&letter) {
                self.discard(letter, &item);
            }
        }
        crew.go_home_each(Role::Consumer, || self.stop_one())?;
        tally.room_lost += self.room_lost()?;
        Ok(())
    }

    /// A word to stop, if nobody has yet to get the last one.
    fn stop_one(&self) -> Result<(), Error> {
        if self.queue.unfinished() > 0 {
            return Ok(());
        }
        match self.queue.try_put(Item::stop()) {
            Err(refused) if !is_full(&refused.reason) => Err(refused.into()),
            _ => Ok(()),
        }
    }

    /// Puts down every dead letter, and leaves it where it is. How many there are.
    fn list_letters(&self) -> usize {
        let letters = self.queue.dead_letters();
        for item in letters.iter().filter_map(|letter| self.read(letter)) {
            self.ledger.letter(item.name);
        }
        letters.len()
    }

    /// Waits until everything is done. That must happen: the consumers work on.
    fn join(&self, crew: &mut Crew) -> Result<Joined, Error> {
        let began = Instant::now();
        loop {
            match self.queue.join_timeout(GLANCE) {
                Ok(Some(joined)) => return Ok(joined),
                Ok(None) => {}
                Err(JoinError::Abandoned { .. }) => self.ledger.blame(Fault::GivenUp),
                Err(interrupted) => return Err(interrupted.into()),
            }
            crew.tend()?;
            if began.elapsed() > DEADLINE {
                return Err(crew.stalled("join to return", began));
            }
        }
    }

    /// With an item left and all consumers dead, `join` must say so, and not wait for ever.
    fn desert(&self, desks: &Desks, crew: &mut Crew, tally: &mut Tally) -> Result<(), Error> {
        desks.work_ends();
        crew.dismiss(Role::Consumer)?;
        // A dead producer's line goes on here: nobody else puts now.
        let last = self.ledger.begin(0).map(|name| (name, self.queue.try_put(self.traffic.content.item(name))));
        if let Some((name, Ok(()))) = last {
            self.ledger.returned(name);
        }
        let joined = self.queue.join_timeout(DEADLINE);
        // What the dead held may be dead letters now; nobody is left to change anything after that.
        let unfinished = self.queue.unfinished();
        match joined {
            Err(JoinError::Abandoned { unfinished: said }) if said == unfinished && said > 0 => tally.abandoned += 1,
            Ok(Some(_)) if unfinished == 0 => {}
            Err(JoinError::Interrupted(signal)) => return Err(Error::interrupted(signal)),
            _ => tally.abandoned_wrong += 1,
        }
        desks.work_begins();
        crew.enlist(Role::Consumer)
    }

    /// How many places the queue lost, out of which nothing ever comes or into which nothing goes.
    fn room_lost(&self) -> Result<u64, Error> {
        let capacity = self.queue.capacity();
        // A word that nobody needed any more.
        while let Ok(delivery) = self.queue.try_get() {
            delivery.done();
        }
        let room = std::iter::repeat_with(|| self.queue.try_put(Item::stop()));
        let room = room.take_while(Result::is_ok).take(capacity + 1).count();
        while let Ok(delivery) = self.queue.try_get() {
            delivery.done();
        }
        let whole = room == capacity && self.queue.unfinished() == 0;
        self.queue.close();
        match self.queue.get_timeout(DEADLINE) {
            Err(GetError::Disconnected) => Ok(if whole { 0 } else { room.abs_diff(capacity).max(1) as u64 }),
            other => {
                Err(Error::unusable("end a queue", format_args!("it was closed and empty, and get returned {other:?}")))
            }
        }
    }
}
