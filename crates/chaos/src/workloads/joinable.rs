//! A `JoinableQueue` under load, whose producers, consumers, joiners and collectors of dead letters are
//! killed.
//!
//! Every item whose put returned is worked on at least once, or becomes a dead letter. `join` returns when
//! that is so, and not before. Afterwards the queue has all of its room again. Some items are poison: each
//! consumer that takes one dies, until the item is a dead letter.

mod collector;
mod consumer;
mod end;
mod execution;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use common::procfs;
use common::queue::{JoinError, JoinableQueue};
use common::shared::Shared;
use rand::RngExt;

use super::start_and_inject;
use crate::crash_points::DEAD_LETTERS;
use crate::hidden_proc::HiddenProc;
use crate::item::Item;
use crate::ledger::{Account, Fault, Ledger};
use crate::pids;
use crate::plan::{Manner, Round};
use crate::random::one_of;
use crate::roles::Role;
use crate::slots::Slots;
use crate::tally::Tally;
use crate::traffic::{self, Traffic};
use crate::workers::{Death, WorkerContext};

/// How long `/proc` may show a process as it was before it ended or executed another program.
const SHOWN_AS_BEFORE: Duration = Duration::from_millis(100);

struct JoinableWorkload<'a> {
    queue: JoinableQueue<Item>,
    traffic: Traffic,
    /// How many items a consumer takes before it works on them, at most.
    batch: usize,
    /// One delivery in this number is given back undone; 0 for none.
    give_back: u32,
    /// One dead letter in this number is tried again.
    retry: u32,
    max_deaths: u32,
    ledger: &'a Ledger,
    /// A [`Phase`].
    phase: Shared<AtomicU32>,
}

/// The end of a round, role by role. Each phase includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    AllWork,
    ProducersEnd,
    CollectorsEnd,
    JoinersEnd,
}

pub(super) fn run(
    mut round: Round,
    slots: &Slots,
    ledger: &Ledger,
    hidden_proc: &HiddenProc,
    tally: &mut Tally,
) -> Result<(), Error> {
    ledger.wipe();
    let workload = JoinableWorkload::new(&mut round, ledger)?;
    let Traffic { producers, consumers, .. } = workload.traffic;
    let roles = [(Role::Producer, producers), (Role::Consumer, consumers), (Role::Joiner, 1), (Role::Collector, 1)];
    let work = |context: &mut WorkerContext| workload.work(context);
    let mut workers = start_and_inject(&mut round, slots, hidden_proc, &roles, &work)?;
    if round.has_an_execution() {
        workload.execute_in_one(&mut workers, tally)?;
    }
    workload.end(slots, &mut workers, round.is_abandoned(), tally)?;
    let account = ledger.account();
    tally.unexplained += workload.unexplained(workers.deaths(), &account);
    tally.add_workers(&workers);
    tally.items.add(&account);
    Ok(())
}

impl<'a> JoinableWorkload<'a> {
    fn new(round: &mut Round, ledger: &'a Ledger) -> Result<Self, Error> {
        let random = &mut round.random;
        let poison_every = one_of(random, &[300, 3_000, 30_000]);
        let traffic = Traffic::new(random, poison_every);
        // Where a worker shall die while it makes a dead letter, each death makes one.
        let makes_dead_letter =
            |manner: Manner| matches!(manner, Manner::InRecovery(_, point) if DEAD_LETTERS.contains(&point));
        let one_death_is_enough = round.kills.iter().any(|kill| makes_dead_letter(kill.manner));
        let max_deaths = if one_death_is_enough { 1 } else { random.random_range(1..=3) };
        let max_message = traffic.content.max_message();
        Ok(Self {
            queue: JoinableQueue::builder(traffic.capacity).max_message(max_message).max_deaths(max_deaths).build()?,
            traffic,
            batch: random.random_range(1..=3),
            give_back: one_of(random, &[0, 50]),
            retry: 3,
            max_deaths,
            ledger,
            phase: Shared::new(AtomicU32::new(Phase::AllWork as u32))?,
        })
    }

    fn work(&self, context: &mut WorkerContext) -> Result<(), Error> {
        match context.role {
            Role::Producer => {
                let is_over = || self.has_reached(Phase::ProducersEnd);
                traffic::produce(&self.queue, &self.traffic, self.ledger, context, is_over)
            }
            Role::Joiner => self.wait_in_join(context),
            Role::Collector => self.collect(context),
            _ => self.consume(context),
        }
    }

    /// `join` returns whenever everything is done for a moment, and it must return after the last item.
    fn wait_in_join(&self, context: &mut WorkerContext) -> Result<(), Error> {
        while !self.has_reached(Phase::JoinersEnd) {
            context.slot.take_order();
            match self.queue.join() {
                // Until then a killed consumer is replaced at once.
                Err(JoinError::Abandoned { .. }) if !self.has_reached(Phase::CollectorsEnd) => {
                    self.ledger.report(Fault::GivenUp);
                }
                Err(JoinError::Abandoned { .. }) | Ok(_) => {}
                Err(interrupted) => return Err(interrupted.into()),
            }
        }
        Ok(())
    }

    /// How many times an item was handed out again or became a dead letter without enough deaths to
    /// explain it.
    fn unexplained(&self, deaths: &[Death], account: &Account) -> u64 {
        let consumers = deaths.iter().filter(|death| death.role == Role::Consumer).count() as u64;
        let held = consumers * self.batch as u64;
        // A dead letter that is tried again is handed out again.
        let explained = held + account.given_back + account.tried_again;
        let redelivered = account.redelivered.saturating_sub(explained);
        redelivered + account.dead_letters.saturating_sub(held / u64::from(self.max_deaths))
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u32, Ordering::SeqCst);
    }

    fn has_reached(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::SeqCst) >= phase as u32
    }
}

/// Whether the worker of this pid runs, and no other program. The system does not give a pid again before it has
/// given all others, unless the round has it do so: then nothing is known.
///
/// A process that ends, or executes another program, has lost its record lock some instructions before `/proc` says
/// so.
fn runs(pid: i32) -> bool {
    if pids::are_reused() {
        return false; // or another one does
    }
    let is_worker = |status: procfs::Status| !matches!(status.state, 'Z' | 'X') && !execution::is_executed(&status);
    let began = Instant::now();
    while procfs::status(pid).is_ok_and(|status| status.is_some_and(is_worker)) {
        if began.elapsed() > SHOWN_AS_BEFORE {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
