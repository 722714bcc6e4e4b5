//! The end of a round: all workers end, and the queue is held against its promises.

use std::time::{Duration, Instant};

use common::Error;
use common::queue::{GetTimeoutError, JoinTimeoutError, Joined};

use super::{JoinableWorkload, Phase};
use crate::item::Item;
use crate::ledger::Fault;
use crate::roles::Role;
use crate::slots::Slots;
use crate::tally::Tally;
use crate::traffic;
use crate::words;
use crate::workers::{DEADLINE, WorkerPool};

/// How often the main process looks after its workers while it waits in `join`.
const GLANCE: Duration = Duration::from_millis(5);

impl JoinableWorkload<'_> {
    pub(super) fn end(
        &self,
        slots: &Slots,
        workers: &mut WorkerPool,
        is_abandoned: bool,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        self.enter(Phase::ProducersEnd);
        workers.join(Role::Producer)?;
        self.enter(Phase::CollectorsEnd);
        workers.join(Role::Collector)?;
        if is_abandoned {
            self.abandon(slots, workers, tally)?;
        }
        self.enter(Phase::JoinersEnd);
        let joined = self.join(workers)?;
        slots.latency.work_ends();
        tally.letters_miscounted += self.list_dead_letters()?.abs_diff(joined.dead_letters) as u64;
        tally.joined_early += self.ledger.account().missing;
        workers.join(Role::Joiner)?;
        for letter in self.queue.dead_letters()? {
            if let Some(item) = self.read(&letter) {
                self.discard(letter, &item);
            }
        }
        workers.join_each(Role::Consumer, || self.ask_one_to_end())?;
        tally.room_lost += self.room_lost()?;
        Ok(())
    }

    /// Puts a request to end, unless the last one is still in the queue.
    fn ask_one_to_end(&self) -> Result<(), Error> {
        if self.queue.unfinished() > 0 {
            return Ok(());
        }
        match self.queue.try_put(Item::stop()) {
            Err(refused) if !traffic::is_full(&refused) => Err(refused.into()),
            _ => Ok(()),
        }
    }

    /// Writes all dead letters into the ledger, leaves them where they are, and counts them.
    fn list_dead_letters(&self) -> Result<usize, Error> {
        let letters = self.queue.dead_letters()?;
        for item in letters.iter().filter_map(|letter| self.read(letter)) {
            self.ledger.dead_letter(item.name);
        }
        Ok(letters.len())
    }

    /// Waits until everything is done, which must happen: the consumers work on.
    fn join(&self, workers: &mut WorkerPool) -> Result<Joined, Error> {
        let began = Instant::now();
        loop {
            match self.queue.join_timeout(GLANCE) {
                Ok(joined) => return Ok(joined),
                Err(JoinTimeoutError::TimedOut { .. }) => {}
                Err(JoinTimeoutError::Abandoned { .. }) => self.ledger.report(Fault::GivenUp),
                Err(interrupted) => return Err(interrupted.into()),
            }
            workers.reap_and_replace()?;
            if began.elapsed() > DEADLINE {
                return Err(workers.stalled(words::join_to_return(), began));
            }
        }
    }

    /// With an item left and all consumers dead, `join` must return and say so.
    fn abandon(&self, slots: &Slots, workers: &mut WorkerPool, tally: &mut Tally) -> Result<(), Error> {
        slots.latency.work_ends();
        workers.kill_all(Role::Consumer)?;
        // In the name of the first producer: all producers have ended.
        let last = self.ledger.begin(0).map(|name| (name, self.queue.try_put(self.traffic.content.item(name))));
        if let Some((name, Ok(()))) = last {
            self.ledger.returned(name);
        }
        let joined = self.queue.join_timeout(DEADLINE);
        // What the dead held may have become dead letters. After that no process changes anything.
        let unfinished = self.queue.unfinished();
        match joined {
            Err(JoinTimeoutError::Abandoned { unfinished: said }) if said == unfinished && said > 0 => {
                tally.abandoned += 1;
            }
            Ok(_) if unfinished == 0 => {}
            Err(JoinTimeoutError::Interrupted(signal)) => return Err(Error::interrupted(signal)),
            _ => tally.abandoned_wrong += 1,
        }
        slots.latency.work_begins();
        workers.start_again(Role::Consumer)
    }

    /// How many places the queue lost: no item comes out of them, or none goes in.
    fn room_lost(&self) -> Result<u64, Error> {
        let capacity = self.queue.capacity();
        // A request to end that no consumer needed any more.
        while let Ok(delivery) = self.queue.try_get() {
            delivery.done();
        }
        let room = std::iter::repeat_with(|| self.queue.try_put(Item::stop()));
        let room = room.take_while(Result::is_ok).take(capacity + 1).count();
        while let Ok(delivery) = self.queue.try_get() {
            delivery.done();
        }
        let is_whole = room == capacity && self.queue.unfinished() == 0;
        self.queue.close();
        match self.queue.get_timeout(DEADLINE) {
            Err(GetTimeoutError::Disconnected) => Ok(if is_whole { 0 } else { room.abs_diff(capacity).max(1) as u64 }),
            other => Err(Error::unusable("end a queue", words::get_returned(format!("{other:?}")))),
        }
    }
}
