//! An arena: a `JoinableQueue` under traffic, whose producers, consumers, joiners and collectors of
//! dead letters are killed.
//!
//! Every item whose put returned is worked on at least once, or a dead letter; `join` returns when
//! it is so, and not before; afterwards the queue has all of its room again. Some items are poison:
//! whoever takes one dies, until it is a dead letter.

mod consumer;
mod end;

use std::sync::atomic::{AtomicU32, Ordering};

use common::Error;
use common::queue::JoinableQueue;
use common::shared::Shared;
use killproof::crashpoint::CrashPoint;
use rand::RngExt;

use crate::item::Item;
use crate::ledger::{Account, Ledger};
use crate::plan::{Manner, Role, Round};
use crate::slots::Desks;
use crate::tally::Tally;
use crate::traffic::{Traffic, one_of};
use crate::workers::{Crew, Death, Post};

/// One in so many rounds, all consumers die and nobody comes for a while.
const DESERTED: u64 = 16;

/// Steps that are passed for dead letters only.
const BURIALS: [CrashPoint; 3] =
    [CrashPoint::DeadLetterCommitted, CrashPoint::DeadLetterCounted, CrashPoint::DeadLetterUncounted];

pub(crate) struct Arena<'a> {
    queue: JoinableQueue<Item>,
    traffic: Traffic,
    /// How many items a consumer takes before it works on them, at most.
    batch: usize,
    /// One of so many deliveries is given back undone; 0 for none.
    give_back: u32,
    /// One of so many dead letters is tried again.
    retry: u32,
    max_deaths: u32,
    ledger: &'a Ledger,
    /// An [`Over`].
    over: Shared<AtomicU32>,
}

/// For whom the round is over: for nobody at first, and then for one role after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Over {
    Nobody,
    Producers,
    Collectors,
    Joiners,
}

/// Plays one round.
pub(crate) fn play(mut round: Round, desks: &Desks, ledger: &Ledger, tally: &mut Tally) -> Result<(), Error> {
    ledger.wipe();
    let arena = Arena::new(&mut round, ledger)?;
    let Traffic { producers, consumers, .. } = arena.traffic;
    let crowd = [(Role::Producer, producers), (Role::Consumer, consumers), (Role::Joiner, 1), (Role::Collector, 1)];
    let perform = |post: &mut Post| arena.perform(post);
    desks.work_begins();
    let mut crew = Crew::start(desks, round.random.random(), &crowd, &perform)?;
    for kill in &round.kills {
        if crew.somebody_left() {
            break;
        }
        crew.inflict(kill)?;
    }
    crew.settle()?;
    arena.end(desks, &mut crew, round.number.is_multiple_of(DESERTED), tally)?;
    let account = ledger.account();
    tally.unexplained += arena.unexplained(crew.deaths(), &account);
    tally.deaths(crew.deaths());
    tally.items(&account);
    Ok(())
}

impl<'a> Arena<'a> {
    fn new(round: &mut Round, ledger: &'a Ledger) -> Result<Self, Error> {
        let random = &mut round.random;
        let poison_every = one_of(random, &[300, 3_000, 30_000]);
        let traffic = Traffic::new(random, poison_every);
        // Where somebody shall die while a dead letter is made, every death makes one.
        let buries =
            round.kills.iter().any(|kill| matches!(kill.manner, Manner::Recovery(_, step) if BURIALS.contains(&step)));
        let max_deaths = if buries { 1 } else { random.random_range(1..=3) };
        let max_message = traffic.content.max_message();
        Ok(Self {
            queue: JoinableQueue::builder(traffic.capacity).max_message(max_message).max_deaths(max_deaths).build()?,
            traffic,
            batch: random.random_range(1..=3),
            give_back: one_of(random, &[0, 50]),
            retry: 3,
            max_deaths,
            ledger,
            over: Shared::new(AtomicU32::new(Over::Nobody as u32))?,
        })
    }

    /// How many times an item was handed out again, or became a dead letter, without enough deaths
    /// that could be the reason.
    fn unexplained(&self, deaths: &[Death], account: &Account) -> u64 {
        let consumers = deaths.iter().filter(|death| death.role == Role::Consumer).count() as u64;
        let held = consumers * self.batch as u64;
        // A letter that is tried again is handed out again, and so is one of a collector that died
        // between the two.
        let tried_again = account.tried_again;
        let redelivered = account.redelivered.saturating_sub(held + account.given_back + tried_again);
        redelivered + account.dead_letters.saturating_sub(held / u64::from(self.max_deaths))
    }

    /// Tells everybody of a role to go home.
    fn tell(&self, over: Over) {
        self.over.store(over as u32, Ordering::SeqCst);
    }

    /// Whether it is over for these.
    fn is_over(&self, role: Over) -> bool {
        self.over.load(Ordering::SeqCst) >= role as u32
    }
}
