//! What a queue promises about what its users did.

use std::collections::BTreeSet;

use crashcheck::Outcome;

use super::dish::UNREADABLE;
use super::history::Did;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Without acknowledgements: a message is done when it is taken.
    Plain,
    Joinable,
    /// Joinable, and a lease ends by time as well.
    Limited,
}

/// How an execution ended.
pub(crate) struct Facts<'a> {
    pub(crate) history: &'a [Did],
    /// The messages that were left in the queue.
    pub(crate) rest: &'a [u8],
    /// The dead letters that were left. `None`: one that cannot be read.
    pub(crate) letters: &'a [Option<u8>],
    pub(crate) outcome: &'a Outcome,
    pub(crate) capacity: usize,
    pub(crate) kind: Kind,
}

impl Facts<'_> {
    pub(crate) fn are_as_promised(&self) -> Result<(), String> {
        for (index, event) in self.history.iter().enumerate() {
            match event {
                Did::Joined(actor, _) => self.joined_late(index, *actor)?,
                Did::Over(_) => self.over_late(index)?,
                Did::Got(actor, value) => self.in_order(index, *actor, *value)?,
                _ => {}
            }
        }
        for (index, _) in self.outcome.hung.iter().enumerate().filter(|(_, hung)| **hung) {
            self.may_hang(index + 1)?;
        }
        for value in self.values() {
            self.once(value)?;
        }
        if self.count(&|event| matches!(event, Did::Unreadable(_))) > 0 && !self.values().contains(&UNREADABLE) {
            return Err("a message that was whole could not be read".to_owned());
        }
        Ok(())
    }

    fn values(&self) -> BTreeSet<u8> {
        let value = |event: &Did| match event {
            Did::BeginsPut(_, value) | Did::Put(_, value) | Did::Refused(_, value) => Some(*value),
            _ => None,
        };
        self.history.iter().filter_map(value).collect()
    }

    fn count(&self, is_it: &dyn Fn(&Did) -> bool) -> usize {
        self.history.iter().filter(|event| is_it(event)).count()
    }

    fn is_dead(&self, actor: usize) -> bool {
        actor > 0 && self.outcome.dead[actor - 1]
    }

    fn any_died(&self) -> bool {
        self.outcome.dead.contains(&true)
    }

    /// A message is done once, or is there once, or was discarded once; or the actor that was about to decide died.
    fn once(&self, value: u8) -> Result<(), String> {
        let done = self.count(&|event| match event {
            Did::Done(_, of, true) => *of == value && self.kind != Kind::Plain,
            Did::Got(_, of) => *of == value && self.kind == Kind::Plain,
            Did::Discarded(_, of, true) => *of == value,
            _ => false,
        });
        let letters = self.letters.iter().map(|letter| letter.unwrap_or(UNREADABLE));
        let left = self.rest.iter().copied().chain(letters).filter(|of| *of == value).count();
        if done + left > 1 {
            return Err(format!("{value} is there or done {} times", done + left));
        }
        let was_put = self.count(&|event| event.put() == Some(value)) > 0;
        if was_put && done + left == 0 && !self.may_be_lost(value) {
            return Err(format!("{value} is lost"));
        }
        if self.count(&|event| matches!(event, Did::Refused(_, of) if *of == value)) > 0 && done + left > 0 {
            return Err(format!("{value} was refused, and is there"));
        }
        self.decided_once(value)?;
        let lost_lease =
            |event: &Did| matches!(event, Did::Done(actor, of, false) if *of == value && !self.is_dead(*actor));
        if self.kind == Kind::Joinable && self.count(&lost_lease) > 0 {
            return Err(format!("a living holder lost its lease of {value}"));
        }
        Ok(())
    }

    /// Of several that decide about a dead letter the first one does.
    fn decided_once(&self, value: u8) -> Result<(), String> {
        let decides = |decided: bool| {
            self.count(&|event| match event {
                Did::Discarded(_, of, is_first) | Did::Retried(_, of, is_first) => *of == value && *is_first == decided,
                _ => false,
            })
        };
        match (decides(true), decides(false)) {
            _ if self.any_died() => Ok(()),
            (0, 0) | (1, _) => Ok(()),
            (0, _) => Err(format!("{value} was decided by none")),
            (times, _) => Err(format!("{value} was decided {times} times")),
        }
    }

    /// Its last holder died, or one that decided about it: of a joinable queue perhaps as it did that, of a plain one
    /// perhaps as it took it.
    fn may_be_lost(&self, value: u8) -> bool {
        let last = self.history.iter().rev().find(|event| event.got() == Some(value)).map(Did::actor);
        let dies_with_it = last.is_some_and(|actor| self.is_dead(actor));
        let decides =
            |event: &Did| matches!(event, Did::BeginsToDecide(actor, of) if *of == value && self.is_dead(*actor));
        let dies_in_get = |actor: usize| {
            self.is_dead(actor) && matches!(self.last_of(actor), Some(Did::BeginsGet(_) | Did::BeginsTimed(_)))
        };
        let is_lost_in_get = self.kind == Kind::Plain && (1..=self.outcome.dead.len()).any(dies_in_get);
        dies_with_it || self.history.iter().any(decides) || is_lost_in_get
    }

    fn last_of(&self, actor: usize) -> Option<&Did> {
        self.history.iter().rev().find(|event| event.actor() == actor)
    }

    /// An actor may wait for what only a dead one would have done: a consumer at an empty queue, a producer at a full
    /// one, a joiner at a queue that no consumer has taken a message from yet.
    fn may_hang(&self, actor: usize) -> Result<(), String> {
        let there = self.rest.len() + self.letters.len();
        let is_over = |consumer: usize| consumer > 0 && !self.outcome.hung[consumer - 1];
        let mut consumers = self.history.iter().filter_map(Did::consumer).peekable();
        let has_consumer = consumers.peek().is_some();
        let is_abandoned = has_consumer && consumers.all(is_over) && self.kind != Kind::Plain;
        let (doing, may) = match self.last_of(actor) {
            Some(Did::BeginsPut(..)) => ("put", there >= self.capacity && !is_abandoned),
            Some(Did::BeginsGet(_)) => ("get", self.rest.is_empty()),
            Some(Did::BeginsJoin(..)) => ("join", !has_consumer),
            _ => ("what never waits so long", false),
        };
        if may { Ok(()) } else { Err(format!("actor {actor} hangs in {doing}, and {:?} is there", self.rest)) }
    }

    /// `join` returned after all that had been put before it began was done, or had become a dead letter.
    fn joined_late(&self, index: usize, actor: usize) -> Result<(), String> {
        let before = &self.history[..index];
        let began = before.iter().rev().find_map(|event| match event {
            Did::BeginsJoin(who, put) if *who == actor => Some(put.clone()),
            _ => None,
        });
        for value in began.expect("a join that began") {
            let is_done = before.iter().any(|event| matches!(event, Did::Finishes(_, of) if *of == value));
            let is_retried = self.history.iter().any(|event| matches!(event, Did::Retried(_, of, _) if *of == value));
            if !(is_done || self.is_letter(value)) {
                return Err(format!("join returned before {value} was done"));
            }
            if self.rest.contains(&value) && !is_retried {
                return Err(format!("join returned, and {value} is to be done"));
            }
        }
        Ok(())
    }

    /// Whether it is or was a dead letter.
    fn is_letter(&self, value: u8) -> bool {
        let decides = |event: &Did| matches!(event, Did::BeginsToDecide(_, of) if *of == value);
        value == UNREADABLE || self.count(&decides) > 0 || self.letters.contains(&Some(value))
    }

    /// A consumer learned that no message comes after all that was put was taken: of a plain queue perhaps by another
    /// consumer whose get has not returned, or that died in it.
    fn over_late(&self, index: usize) -> Result<(), String> {
        let before = &self.history[..index];
        let last = |actor: usize| before.iter().rev().find(|event| event.actor() == actor);
        let is_in_get = |actor: &usize| matches!(last(*actor), Some(Did::BeginsGet(_) | Did::BeginsTimed(_)));
        let others = (1..=self.outcome.dead.len()).filter(|actor| *actor != self.history[index].actor());
        let may_be_taken = if self.kind == Kind::Plain { others.filter(is_in_get).count() } else { 0 };
        let is_taken = |value: &u8| before.iter().any(|event| event.got() == Some(*value));
        let missing: Vec<u8> = self.history.iter().filter_map(Did::put).filter(|value| !is_taken(value)).collect();
        if missing.len() > may_be_taken {
            return Err(format!("a consumer learned that none would come while {missing:?} were in the queue"));
        }
        if self.rest.is_empty() { Ok(()) } else { Err(format!("none was to come, and {:?} is there", self.rest)) }
    }

    /// No message passes another one that was put before it, and that was there from before the get until after it.
    /// (Where an actor died, a message may have been leased without a trace in the history.)
    fn in_order(&self, index: usize, actor: usize, value: u8) -> Result<(), String> {
        if self.any_died() || self.kind == Kind::Limited {
            return Ok(());
        }
        let begins = |event: &Did| matches!(event, Did::BeginsGet(who) | Did::BeginsTimed(who) if *who == actor);
        let Some(begin) = self.history[..index].iter().rposition(begins) else { return Ok(()) };
        let Some(put) = self.history.iter().position(|event| *event == self.begin_of_put(value)) else { return Ok(()) };
        // A dead letter is passed.
        for earlier in self.history[..put].iter().filter_map(Did::put).filter(|earlier| !self.is_letter(*earlier)) {
            let is_ready =
                |event: &Did| event.put() == Some(earlier) || matches!(event, Did::Returned(_, of) if *of == earlier);
            let Some(ready) = self.history[..begin].iter().rposition(is_ready) else { continue };
            let next = self.history.iter().enumerate().skip(ready).find(|(_, event)| event.got() == Some(earlier));
            let is_passed = match next {
                Some((at, Did::Got(other, _))) => {
                    let begins =
                        |event: &Did| matches!(event, Did::BeginsGet(who) | Did::BeginsTimed(who) if who == other);
                    self.history[..at].iter().rposition(begins).is_some_and(|began| began > index)
                }
                _ => self.rest.contains(&earlier),
            };
            if is_passed {
                return Err(format!("{value} passed {earlier}"));
            }
        }
        Ok(())
    }

    /// What is noted when the put of a message begins: one that was there from the beginning was put then.
    fn begin_of_put(&self, value: u8) -> Did {
        let is_begin = |event: &&Did| matches!(event, Did::BeginsPut(_, of) | Did::Put(0, of) if *of == value);
        self.history.iter().find(is_begin).cloned().unwrap_or(Did::Put(0, value))
    }
}
