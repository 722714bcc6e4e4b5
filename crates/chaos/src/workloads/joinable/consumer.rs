//! What everybody does who works on the queue.

use common::Error;
use common::queue::{DeadLetter, DeathCause, Delivery, GetError, JoinError, PutFailure};
use rand::RngExt;

use super::{Arena, Over};
use crate::item::Item;
use crate::ledger::Fault;
use crate::plan::Role;
use crate::slots::{Desk, Doing};
use crate::traffic::{MOMENT, Patience, work};
use crate::workers::{CROWD, Post};

/// On the desk of somebody who is in the middle of something.
const BUSY: u64 = 1;

impl Arena<'_> {
    pub(super) fn perform(&self, post: &mut Post) -> Result<(), Error> {
        match post.role {
            Role::Producer => self.produce(post),
            Role::Joiner => self.wait_in_join(post),
            Role::Collector => self.collect(post),
            _ => self.consume(post),
        }
    }

    fn produce(&self, post: &mut Post) -> Result<(), Error> {
        while !self.is_over(Over::Producers) {
            post.desk.heed();
            let Some(name) = self.ledger.begin(post.place) else { break };
            let patience = Patience::any(&mut post.random);
            let item = self.traffic.content.item(name);
            post.desk.mark(BUSY);
            self.put(post.desk, item, patience)?;
            self.ledger.returned(name);
            post.desk.mark(0);
            post.desk.progresses();
        }
        Ok(())
    }

    fn put(&self, desk: Desk, mut item: Item, patience: Patience) -> Result<(), Error> {
        loop {
            let put = desk.during(Doing::Put, || match patience {
                Patience::Forever => self.queue.put(item),
                Patience::Moments => self.queue.put_timeout(item, MOMENT),
                Patience::None => self.queue.try_put(item),
            });
            match put {
                Err(refused) if is_full(&refused.reason) => {
                    item = refused.value;
                    std::thread::yield_now();
                }
                put => return put.map_err(Error::from),
            }
        }
    }

    fn consume(&self, post: &mut Post) -> Result<(), Error> {
        // The last item of each producer that was its first delivery: they must come in order.
        let mut last = [None; CROWD];
        let mut gave_back = false;
        loop {
            post.desk.heed();
            let patience = Patience::any(&mut post.random);
            post.desk.mark(BUSY);
            let mut held = vec![self.get(post.desk, patience)?];
            // What a consumer gave back stands in front, and nobody else takes it where there is nobody else.
            if gave_back && self.traffic.consumers == 1 && held[0].attempt() == 1 {
                self.ledger.blame(Fault::Disordered);
            }
            gave_back = false;
            // Whoever holds some must not wait for more: it may be what the others wait for.
            while held.len() < self.batch
                && let Ok(more) = self.queue.try_get()
            {
                held.push(more);
            }
            for delivery in held {
                if delivery.is_stop() {
                    // The others of the batch go back: one consumer ends of each.
                    delivery.done();
                    return Ok(());
                }
                self.look_at(&delivery, &mut last);
                if self.traffic.content.is_poison(delivery.name) {
                    post.desk.kill_myself();
                }
                work(&mut post.random, self.traffic.work);
                gave_back |= self.finish(post, delivery);
            }
            post.desk.mark(0);
        }
    }

    fn get(&self, desk: Desk, patience: Patience) -> Result<Delivery<Item>, Error> {
        loop {
            let got = desk.during(Doing::Get, || match patience {
                Patience::Forever => self.queue.get(),
                Patience::Moments => self.queue.get_timeout(MOMENT),
                Patience::None => self.queue.try_get(),
            });
            match got {
                Err(GetError::Empty | GetError::TimedOut) => std::thread::yield_now(),
                Err(GetError::Undecodable(_)) => self.ledger.blame(Fault::Torn),
                got => return got.map_err(Error::from),
            }
        }
    }

    /// Holds what is handed out against what was put, and against what else is known.
    fn look_at(&self, delivery: &Delivery<Item>, last: &mut [Option<u32>]) {
        let item: &Item = delivery;
        if !self.traffic.content.is_whole(item) {
            self.ledger.blame(Fault::Torn);
        }
        let (attempt, deaths, died) = (delivery.attempt(), delivery.deaths(), delivery.last_death());
        self.ledger.handed(item.name, attempt);
        let believable = deaths < self.max_deaths
            && deaths < attempt
            && died.is_some() == (deaths > 0)
            && died.is_none_or(|died| !died.is_alive());
        if !believable {
            self.ledger.blame(Fault::WrongDeath);
        }
        if let Some(last) = last.get_mut(usize::from(item.name.producer)).filter(|_| attempt == 1) {
            if last.is_some_and(|last| last >= item.name.number) {
                self.ledger.blame(Fault::Disordered);
            }
            *last = Some(item.name.number);
        }
    }

    /// Reports it as done, or gives it back. True if it gave it back.
    fn finish(&self, post: &mut Post, delivery: Delivery<Item>) -> bool {
        if self.give_back > 0 && post.random.random_range(0..self.give_back) == 0 {
            self.ledger.gives_back();
            post.desk.during(Doing::Return, || drop(delivery));
            return true;
        }
        let item = delivery.name;
        self.ledger.processed(item);
        if post.desk.during(Doing::Done, || delivery.done()) {
            self.ledger.accepted(item);
            post.desk.progresses();
        } else {
            // Its lease ends with its life only, and it lives.
            self.ledger.blame(Fault::Taken);
        }
        false
    }

    /// `join` returns whenever everything is done for a moment; after the last item it must.
    fn wait_in_join(&self, post: &mut Post) -> Result<(), Error> {
        while !self.is_over(Over::Joiners) {
            post.desk.heed();
            match self.queue.join() {
                // Whoever is killed before that is replaced at once.
                Err(JoinError::Abandoned { .. }) if !self.is_over(Over::Collectors) => {
                    self.ledger.blame(Fault::GivenUp);
                }
                Err(JoinError::Abandoned { .. }) | Ok(_) => {}
                Err(interrupted) => return Err(interrupted.into()),
            }
        }
        Ok(())
    }

    fn collect(&self, post: &mut Post) -> Result<(), Error> {
        while !self.is_over(Over::Collectors) {
            post.desk.heed();
            for letter in self.queue.dead_letters() {
                let Some(item) = self.read(&letter) else { continue };
                if post.random.random_range(0..self.retry) == 0 {
                    self.ledger.tries_again();
                    letter.retry();
                } else {
                    self.discard(letter, &item);
                }
            }
            common::interrupt::sleep(MOMENT)?;
        }
        Ok(())
    }

    /// A dead letter: what is in it, if it is what it must be.
    pub(super) fn read(&self, letter: &DeadLetter<Item>) -> Option<Item> {
        let item = letter.value().ok().filter(|item| self.traffic.content.is_whole(item));
        match letter.cause() {
            DeathCause::HoldersDied { times, last } if times >= self.max_deaths && !last.is_alive() => {}
            _ => self.ledger.blame(Fault::WrongDeath),
        }
        if item.is_none() {
            self.ledger.blame(Fault::Torn);
            return None;
        }
        item
    }

    pub(super) fn discard(&self, letter: DeadLetter<Item>, item: &Item) {
        self.ledger.letter(item.name);
        if letter.discard() {
            self.ledger.discarded(item.name);
        } else {
            // Nobody else decides.
            self.ledger.blame(Fault::Taken);
        }
    }
}

/// Whether there may be room later: whoever collects the dead letters makes some, too.
pub(super) fn is_full(reason: &PutFailure) -> bool {
    matches!(reason, PutFailure::Full | PutFailure::TimedOut | PutFailure::DeadLetters)
}
