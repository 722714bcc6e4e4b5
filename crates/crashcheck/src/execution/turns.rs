//! Who goes on.

use std::iter;
use std::panic::Location as Line;

use crate::choices::Given;
use crate::event::What;
use crate::execution::ahead::Store;
use crate::execution::{Execution, Failure, MAIN, Op, Rewoken, Status};
use crate::pct::{Rare, Way};
use crate::view::ActorId;

/// How much time passes when no actor can go on, in nanoseconds.
const TICK: u64 = 60_000_000;
/// After this number of ticks a waiter counts as one that waits for ever.
const MOST_TICKS: u32 = 24;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// No actor can go on, and neither a death nor an early wake-up helps: time passes, or that is for ever.
    Wait,
    Run(ActorId),
    Kill(ActorId),
    /// A wait ends by itself.
    Rewake(ActorId, Rewoken),
    /// Others see a store ahead.
    Promise(ActorId, Store),
}

impl Turn {
    fn way(&self) -> Way {
        match self {
            Self::Wait => Way::Wait,
            Self::Run(id) => Way::Run(*id),
            Self::Kill(_) => Way::Rare(Rare::Death),
            Self::Rewake(..) => Way::Rare(Rare::Early),
            Self::Promise(..) => Way::Rare(Rare::Ahead),
        }
    }
}

impl Execution {
    /// An actor stands before an operation. Returns whether it has to be left: another goes on, or it was killed.
    pub(crate) fn arrive(&mut self, op: Op, line: &'static Line<'static>) -> bool {
        let me = self.current;
        self.actors[me].line = line;
        if me == MAIN || (self.is_settled && self.failure.is_some()) {
            return self.failure.is_some() && me != MAIN;
        }
        if std::thread::panicking() {
            return false;
        }
        self.actors[me].next = op;
        // It has done what came before.
        self.learns(u64::MAX);
        if op != Op::Spin && !matches!(op, Op::Read(_)) {
            self.actors[me].reads_fresh = false;
        }
        if self.is_starting {
            return true;
        }
        self.steps += 1;
        if self.steps > self.step_limit {
            let place = line.to_string();
            self.fail(Failure::NotEnding { actor: self.labels[me].clone(), place, steps: self.steps });
            return true;
        }
        if op == Op::Spin {
            self.begin_to_spin();
        }
        self.go_on(me);
        self.current != me || self.is_over
    }

    fn begin_to_spin(&mut self) {
        let actor = &mut self.actors[self.current];
        actor.reads_fresh = true;
        // What it looked at may have changed already: it looks once more, at the newest.
        actor.spins = !actor.has_read_stale && !actor.has_news;
        actor.has_read_stale = false;
        actor.has_news = false;
    }

    /// The actor that runs has done something that others can see.
    pub(crate) fn has_done(&mut self) {
        for (id, actor) in self.actors.iter_mut().enumerate() {
            actor.spins &= id == self.current;
            actor.has_news = true;
        }
    }

    /// Breaks the execution off.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
        self.is_settled = true;
        self.is_over = true;
    }

    /// An actor has come to its end.
    pub(crate) fn end(&mut self) {
        let me = self.current;
        self.note(What::Ends);
        self.shows(false);
        self.actors[me].status = Status::Ended;
        self.has_done();
        if !self.is_starting && !self.is_over {
            self.go_on(me);
        }
    }

    /// Whether an actor's next operation can be done now.
    pub(super) fn can_run(&self, id: ActorId) -> bool {
        let actor = &self.actors[id];
        let is_free = |lock: usize| self.locks[lock].is_free();
        let waits = matches!(actor.next, Op::Lock(lock) if !is_free(lock)) && actor.rewoken.is_none();
        id != MAIN && actor.status == Status::Ready && !actor.spins && !waits
    }

    /// Whether a wait of an actor can end by itself.
    fn can_be_rewoken(&self, id: ActorId) -> bool {
        let actor = &self.actors[id];
        let waits_for_lock = matches!(actor.next, Op::Lock(lock) if !self.locks[lock].is_free());
        actor.rewoken.is_none()
            && match actor.status {
                Status::Asleep(_) => true,
                Status::Ready => waits_for_lock && actor.is_timed,
                Status::Ended | Status::Dead => false,
            }
    }

    /// Chooses who goes on after the actor `from`, which stands before its operation, has ended or was killed.
    pub(crate) fn go_on(&mut self, from: ActorId) {
        loop {
            self.points += 1;
            if self.goes_straight_on(from) {
                self.current = from;
                return;
            }
            let mut turns = self.turns(from);
            if self.left.ahead > 0 && !self.is_settled {
                turns.extend(self.promises());
            }
            if let Some(id) = self.looks_ahead() {
                self.current = id;
                self.is_over = !self.can_run(id);
                return;
            }
            if self.is_everyone_over() {
                self.is_seen |= self.was_seen(from);
                self.is_over = true;
                return;
            }
            if !turns.iter().any(|turn| matches!(turn, Turn::Run(_))) {
                if self.asleep != 0 && (1..self.actors.len()).any(|id| self.can_run(id)) {
                    self.is_redundant = true;
                    self.is_settled = true;
                    self.asleep = 0;
                    continue;
                }
                turns.insert(0, Turn::Wait);
            }
            if turns.len() > 1 && self.was_seen(from) {
                // The rest is known.
                self.is_seen = true;
                self.is_settled = true;
                self.is_over = true;
                return;
            }
            let ways = turns.iter().map(Turn::way);
            let chosen = if self.is_settled { 0 } else { self.choices.choose_turn(self.points, ways) };
            match turns[chosen] {
                Turn::Wait => {
                    if !self.let_time_pass() {
                        return;
                    }
                }
                Turn::Run(id) => {
                    if id != from && self.can_run(from) && !self.is_settled {
                        spend(&mut self.left.preemptions);
                    }
                    self.put_to_sleep(&turns[..chosen], id);
                    self.current = id;
                    if id != from {
                        self.kill_third_parties(from);
                    }
                    return;
                }
                Turn::Kill(id) => self.kill(id),
                Turn::Rewake(id, how) => {
                    self.left.early -= 1;
                    self.rewake(id, how);
                    self.asleep = 0;
                }
                Turn::Promise(id, store) => {
                    self.left.ahead -= 1;
                    self.promise(id, store);
                    self.asleep = 0;
                }
            }
            if self.is_over {
                return;
            }
        }
    }

    /// Another actor goes on after the actor `from`. Others may die before that.
    fn kill_third_parties(&mut self, from: ActorId) {
        loop {
            let others = self.third_parties(self.current, from);
            if others.is_empty() {
                return;
            }
            self.points += 1;
            let turns: Vec<Turn> =
                iter::once(Turn::Run(self.current)).chain(others.into_iter().map(Turn::Kill)).collect();
            match turns[self.choices.choose_turn(self.points, turns.iter().map(Turn::way))] {
                Turn::Kill(id) => self.kill(id),
                _ => return,
            }
        }
    }

    /// Whether the actor that ran goes on, without a choice or with one that was given.
    fn goes_straight_on(&mut self, from: ActorId) -> bool {
        if self.is_settled {
            return self.look.is_none() && self.can_run(from);
        }
        if self.uses_sleep_sets || self.left.ahead > 0 || !self.can_run(from) {
            return false;
        }
        match self.choices.given(self.points) {
            Given::Choice => self.choices.take_first(),
            Given::NoChoice => {
                if self.choices.are_all_kept() {
                    let options = self.turns(from).len();
                    self.choices.leave_out(options);
                }
                true
            }
            Given::Unknown => false,
            Given::Nothing => self.is_uncontended(from),
        }
    }

    /// What may come next, the actor that ran before first.
    fn turns(&self, from: ActorId) -> Vec<Turn> {
        let ids = 1..self.actors.len();
        let goes_on = self.can_run(from);
        let may_switch = !goes_on || self.left.preemptions != Some(0) || self.is_settled;
        let mut turns = Vec::with_capacity(ids.len() + 2);
        let is_awake = |id: &ActorId| self.asleep & (1 << id) == 0;
        if goes_on && is_awake(&from) {
            turns.push(Turn::Run(from));
        }
        let is_note = goes_on && self.actors[from].next == Op::Note;
        if may_switch && !is_note {
            turns.extend(ids.clone().filter(|id| *id != from && self.can_run(*id)).filter(is_awake).map(Turn::Run));
        }
        if self.is_settled {
            return turns;
        }
        turns.extend(self.mortals(from, goes_on).map(Turn::Kill));
        if self.left.early > 0 {
            for id in ids.filter(|id| self.can_be_rewoken(*id)) {
                if matches!(self.actors[id].status, Status::Asleep(_)) {
                    turns.push(Turn::Rewake(id, Rewoken::Spurious));
                }
                if self.actors[id].is_timed {
                    turns.push(Turn::Rewake(id, Rewoken::TimedOut));
                }
            }
        }
        turns
    }

    /// The stores that may be seen ahead: of actors that are about to load.
    fn promises(&mut self) -> Vec<Turn> {
        let mut turns = Vec::new();
        for id in 1..self.actors.len() {
            if self.can_run(id) && matches!(self.actors[id].next, Op::Read(_)) {
                let Some(stores) = self.promises_of(id) else { return Vec::new() };
                turns.extend(stores.into_iter().map(|store| Turn::Promise(id, store)));
            }
        }
        turns
    }

    /// Sleep sets (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996): the runs
    /// that were tried before this one need not be tried after it, until something happens that depends on them.
    fn put_to_sleep(&mut self, before: &[Turn], chosen: ActorId) {
        if !self.uses_sleep_sets {
            return;
        }
        for turn in before {
            if let Turn::Run(id) = turn {
                self.asleep |= 1 << id;
            }
        }
        let op = self.actors[chosen].next;
        for id in 1..self.actors.len() {
            if self.actors[id].next.depends_on(id, op, chosen) {
                self.asleep &= !(1 << id);
            }
        }
    }

    fn is_everyone_over(&self) -> bool {
        self.actors[1..].iter().all(|actor| !actor.is_there())
    }

    /// No actor can go on: waits with a time-out end. Returns whether there was one.
    fn let_time_pass(&mut self) -> bool {
        let timed: Vec<ActorId> =
            (1..self.actors.len()).filter(|id| self.actors[*id].is_timed && self.can_be_rewoken(*id)).collect();
        let is_hopeless = timed.is_empty() || self.ticks == MOST_TICKS;
        let has_death = self.actors.iter().any(|actor| actor.status == Status::Dead);
        if is_hopeless && has_death && self.may_hang {
            self.is_over = true;
            return false;
        }
        if is_hopeless {
            self.note_the_blocked();
            let waiting = self.waiting();
            let spins = self.actors.iter().any(|actor| actor.is_there() && actor.spins);
            self.fail(if spins { Failure::Livelock { waiting } } else { Failure::Deadlock { waiting } });
            return false;
        }
        if self.forbids_ticks && !has_death {
            self.fail(Failure::LostWakeUp { asleep: self.waiting() });
            return false;
        }
        self.note_of(MAIN, What::TimePasses);
        self.ticks += 1;
        self.nanos += TICK;
        for id in timed {
            self.rewake(id, Rewoken::TimedOut);
        }
        true
    }

    /// For a reader of the steps: whose locks are those that none will free.
    fn note_the_blocked(&mut self) {
        for id in 1..self.actors.len() {
            if let Op::Lock(lock) = self.actors[id].next
                && self.actors[id].status == Status::Ready
                && !self.locks[lock].is_free()
            {
                self.note_of(id, What::Blocked { lock });
            }
        }
    }

    /// Who waits for what.
    pub(crate) fn waiting(&self) -> Vec<String> {
        let there = self.actors.iter().enumerate().skip(1).filter(|(_, actor)| actor.is_there());
        let describe = |(id, actor): (usize, &super::Actor)| {
            let name = &self.labels[id];
            match (actor.status, actor.next) {
                (Status::Asleep(location), _) => format!("{name} sleeps on a{location}"),
                (_, Op::Lock(lock)) => match self.locks[lock].owner() {
                    Some(owner) => format!("{name} waits for lock l{lock} of {}", self.labels[owner]),
                    None => format!("{name} waits for lock l{lock}"),
                },
                _ if actor.spins => format!("{name} spins"),
                _ => format!("{name} can go on"),
            }
        };
        there.map(describe).collect()
    }
}

fn spend(budget: &mut Option<u32>) {
    if let Some(left) = budget {
        *left -= 1;
    }
}
