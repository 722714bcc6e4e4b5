//! An arena: a `Queue` under traffic, whose putters and getters are killed.
//!
//! Every item whose put returned is received once, but for what a getter took with it: one that was
//! killed inside `get` may have had one item, and nobody can have it again. That loss is
//! documented, counted, and bounded by the number of such getters; one item more is lost.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::process::{Exit, Process};
use common::queue::{GetError, PutFailure, Queue};
use common::shared::Shared;
use common::{Error, interrupt};
use killproof::crashpoint::{self, CrashPoint};
use nix::sys::signal::Signal;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::item::Item;
use crate::ledger::{Fault, Ledger};
use crate::plan::{Role, Round};
use crate::slots::{Desk, Desks, Doing};
use crate::tally::Tally;
use crate::traffic::{MOMENT, Patience, Traffic, one_of, work};
use crate::workers::{CROWD, Cause, Crew, DEADLINE, Death, Post};

/// The latest instant at which a closer is killed from outside, in microseconds.
const LATEST: u64 = 300;

/// On the desk of a getter: it may have an item that is not in the ledger yet.
const GETTING: u64 = 1;
/// On the desk of a putter.
const PUTTING: u64 = 2;

struct Arena<'a> {
    queue: Queue<Item>,
    traffic: Traffic,
    ledger: &'a Ledger,
    /// 1 once the putters shall go home.
    over: Shared<AtomicU32>,
}

/// Plays one round.
pub(crate) fn play(mut round: Round, desks: &Desks, ledger: &Ledger, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let traffic = Traffic::new(random, 0);
    let queue = Queue::builder(traffic.capacity).max_message(traffic.content.max_message()).build()?;
    ledger.wipe();
    let arena = Arena { queue, traffic, ledger, over: Shared::new(AtomicU32::new(0))? };
    let crowd = [(Role::Putter, traffic.producers), (Role::Getter, traffic.consumers)];
    let perform = |post: &mut Post| if post.role == Role::Putter { arena.fill(post) } else { arena.drain(post) };
    desks.work_begins();
    let mut crew = Crew::start(desks, random.random(), &crowd, &perform)?;
    for kill in &round.kills {
        if crew.somebody_left() {
            break;
        }
        crew.inflict(kill)?;
    }
    crew.settle()?;
    arena.over.store(1, Ordering::Relaxed);
    crew.go_home(Role::Putter)?;
    desks.work_ends();
    if round.number.is_multiple_of(2) {
        // Getters that are told by the queue itself.
        tally.deaths(&arena.close_and_die(&crew, random)?);
        crew.go_home(Role::Getter)?;
    } else {
        crew.go_home_each(Role::Getter, || arena.stop_one())?;
    }
    tally.room_lost += arena.room_lost()?;

    let mut account = ledger.account();
    let may_have = |death: &&Death| death.role == Role::Getter && death.mark == GETTING;
    let getters = crew.deaths().iter().filter(may_have).count() as u64;
    tally.taken_along += account.missing.min(getters);
    account.missing = account.missing.saturating_sub(getters);
    tally.deaths(crew.deaths());
    tally.items(&account);
    Ok(())
}

impl Arena<'_> {
    fn fill(&self, post: &mut Post) -> Result<(), Error> {
        while self.over.load(Ordering::Relaxed) == 0 {
            post.desk.heed();
            let Some(name) = self.ledger.begin(post.place) else { break };
            let patience = Patience::any(&mut post.random);
            let item = self.traffic.content.item(name);
            post.desk.mark(PUTTING);
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
                Err(refused) if matches!(refused.reason, PutFailure::Full | PutFailure::TimedOut) => {
                    item = refused.value;
                    std::thread::yield_now();
                }
                put => return put.map_err(Error::from),
            }
        }
    }

    /// Has somebody close the queue who is killed in the middle of it. What it did not begin is done
    /// here; what it began must do.
    fn close_and_die(&self, crew: &Crew, random: &mut Xoshiro256PlusPlus) -> Result<Vec<Death>, Error> {
        let step = one_of(random, &[None, Some(CrashPoint::WakeAnnounced), Some(CrashPoint::WakeCleared)]);
        let close = || {
            if let Some(step) = step {
                crashpoint::arm(step, 1);
            }
            self.queue.close();
        };
        let began = Instant::now();
        let mut closer = Process::new("closer", close).die_with_parent().kill_on_drop().ignore_ctrl_c().start()?;
        if step.is_none() {
            interrupt::sleep(Duration::from_micros(random.random_range(0..=LATEST)))?;
            closer.kill()?;
        }
        let exit = closer.join_timeout(DEADLINE)?;
        let exit = exit.ok_or_else(|| crew.stalled("a queue to be closed", began))?;
        if !self.is_closed() {
            self.queue.close();
        }
        let cause = step.map_or(Cause::Instant, Cause::Step);
        let death = Death { role: Role::Closer, pid: closer.pid(), cause, mark: 0 };
        Ok(Vec::from_iter((exit == Exit::Signal(Signal::SIGKILL)).then_some(death)))
    }

    fn is_closed(&self) -> bool {
        match self.queue.try_put(Item::stop()) {
            Err(refused) => refused.reason == PutFailure::Closed,
            Ok(()) => false,
        }
    }

    /// A word to stop, if nobody has yet to get the last one.
    fn stop_one(&self) -> Result<(), Error> {
        if !self.queue.is_empty() {
            return Ok(());
        }
        match self.queue.try_put(Item::stop()) {
            Err(refused) if refused.reason != PutFailure::Full => Err(refused.into()),
            _ => Ok(()),
        }
    }

    /// Until it gets the word to stop, or the queue is closed and empty.
    fn drain(&self, post: &mut Post) -> Result<(), Error> {
        let mut last = [None; CROWD];
        loop {
            post.desk.heed();
            let patience = Patience::any(&mut post.random);
            post.desk.mark(GETTING);
            let Some(item) = self.get(post.desk, patience)? else { return Ok(()) };
            if item.is_stop() {
                return Ok(());
            }
            self.ledger.handed(item.name, 1);
            self.ledger.processed(item.name);
            post.desk.mark(0);
            post.desk.progresses();
            self.look_at(&item, &mut last);
            work(&mut post.random, self.traffic.work);
        }
    }

    fn get(&self, desk: Desk, patience: Patience) -> Result<Option<Item>, Error> {
        loop {
            let got = desk.during(Doing::Get, || match patience {
                Patience::Forever => self.queue.get(),
                Patience::Moments => self.queue.get_timeout(MOMENT),
                Patience::None => self.queue.try_get(),
            });
            match got {
                Err(GetError::Empty | GetError::TimedOut) => std::thread::yield_now(),
                Err(GetError::Undecodable(_)) => self.ledger.blame(Fault::Torn),
                Err(GetError::Disconnected) => return Ok(None),
                got => return got.map(Some).map_err(Error::from),
            }
        }
    }

    fn look_at(&self, item: &Item, last: &mut [Option<u32>]) {
        if !self.traffic.content.is_whole(item) {
            self.ledger.blame(Fault::Torn);
        }
        if let Some(last) = last.get_mut(usize::from(item.name.producer)) {
            if last.is_some_and(|last| last >= item.name.number) {
                self.ledger.blame(Fault::Disordered);
            }
            *last = Some(item.name.number);
        }
    }

    /// How many places the queue lost; of one that is closed, whether anything is left in it.
    fn room_lost(&self) -> Result<u64, Error> {
        let capacity = self.queue.capacity();
        // A word that nobody needed any more.
        while self.queue.try_get().is_ok_and(|item| item.is_stop()) {}
        let room = std::iter::repeat_with(|| self.queue.try_put(Item::stop()));
        let room = room.take_while(Result::is_ok).take(capacity + 1).count();
        let is_closed = room == 0;
        let left = std::iter::repeat_with(|| self.queue.try_get()).take_while(Result::is_ok).count();
        self.queue.close();
        match self.queue.get_timeout(DEADLINE) {
            Err(GetError::Disconnected) if is_closed => Ok(left as u64),
            Err(GetError::Disconnected) => Ok((room.abs_diff(capacity) + left.abs_diff(room)) as u64),
            other => {
                Err(Error::unusable("end a queue", format_args!("it was closed and empty, and get returned {other:?}")))
            }
        }
    }
}
