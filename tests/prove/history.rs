//! What the actors of a scenario did, in the order in which it happened, and what a queue promises about that.

use std::cell::RefCell;

use crashcheck::Outcome;
use killproof::queue::{GetError, JoinError, JoinableQueue, PutError, TryGetError, TryPutError};

/// What an actor did. The number is the actor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    BeginsPut(usize, u8),
    Put(usize, u8),
    /// The queue was closed before.
    Refused(usize, u8),
    BeginsGet(usize),
    Got(usize, u8),
    Done(usize, u8, bool),
    Returned(usize, u8),
    /// No message will come.
    Over(usize),
    BeginsJoin(usize, Vec<u8>),
    Joined(usize, bool),
    /// No consumer was left.
    Abandoned(usize),
}

/// A queue and the history of its use.
pub(crate) struct Used {
    pub(crate) queue: JoinableQueue<u8>,
    capacity: usize,
    history: RefCell<Vec<Did>>,
}

impl Used {
    pub(crate) fn new(capacity: usize, max_deaths: u32, filled: &[u8]) -> Self {
        let queue = JoinableQueue::builder(capacity).max_message(8).max_deaths(max_deaths).build().expect("a queue");
        for value in filled {
            queue.put(*value).expect("room");
        }
        let history = filled.iter().map(|value| Did::Put(0, *value)).collect();
        Self { queue, capacity, history: RefCell::new(history) }
    }

    fn did(&self, what: Did) {
        self.history.borrow_mut().push(what);
    }

    fn me() -> usize {
        crashcheck::actor::current()
    }

    pub(crate) fn put(&self, value: u8) {
        self.did(Did::BeginsPut(Self::me(), value));
        match self.queue.put(value) {
            Ok(()) => self.did(Did::Put(Self::me(), value)),
            Err(PutError::Abandoned { .. }) => self.did(Did::Abandoned(Self::me())),
            Err(PutError::Closed(_)) => self.did(Did::Refused(Self::me(), value)),
            Err(error) => panic!("put: {error}"),
        }
    }

    /// Gets a message and acknowledges it. False if none will come.
    pub(crate) fn get_done(&self) -> bool {
        self.did(Did::BeginsGet(Self::me()));
        match self.queue.get() {
            Ok(delivery) => {
                let value = *delivery;
                self.did(Did::Got(Self::me(), value));
                let counts = delivery.done();
                self.did(Did::Done(Self::me(), value, counts));
                true
            }
            Err(GetError::Disconnected) => {
                self.did(Did::Over(Self::me()));
                false
            }
            Err(error) => panic!("get: {error}"),
        }
    }

    pub(crate) fn get_and_return(&self) {
        self.did(Did::BeginsGet(Self::me()));
        let delivery = self.queue.get().expect("a message");
        let value = *delivery;
        self.did(Did::Got(Self::me(), value));
        drop(delivery);
        self.did(Did::Returned(Self::me(), value));
    }

    pub(crate) fn join(&self) {
        let put = self.history.borrow().iter().filter_map(put_value).collect();
        self.did(Did::BeginsJoin(Self::me(), put));
        match self.queue.join() {
            Ok(joined) => self.did(Did::Joined(Self::me(), joined.dead_letters == 0)),
            Err(JoinError::Abandoned { .. }) => self.did(Did::Abandoned(Self::me())),
            Err(error) => panic!("join: {error}"),
        }
    }

    /// Whether all that was promised was kept.
    pub(crate) fn check(&self, outcome: &Outcome) -> Result<(), String> {
        self.kept(outcome).map_err(|broken| format!("{broken}; {:?}", self.history.borrow()))
    }

    fn kept(&self, outcome: &Outcome) -> Result<(), String> {
        let history = self.history.borrow().clone();
        let any_died = outcome.dead.contains(&true);
        for (index, event) in history.iter().enumerate() {
            match event {
                Did::Joined(actor, _) => joined_late(&history, index, *actor, any_died)?,
                Did::Over(_) => over_late(&history, index)?,
                _ => {}
            }
        }
        let rest = self.drain()?;
        for (index, _) in outcome.hung.iter().enumerate().filter(|(_, hung)| **hung) {
            self.may_hang(&history, index + 1, &rest)?;
        }
        for value in 1..=9_u8 {
            Self::once(&history, &rest, value, outcome)?;
        }
        if self.queue.unfinished() != 0 {
            return Err(format!("{} unfinished in the end", self.queue.unfinished()));
        }
        self.whole()
    }

    /// An actor may wait for what only a dead one would have done: a consumer at an empty queue, a producer at a full
    /// one, a joiner at a queue that no consumer has taken a message from yet.
    fn may_hang(&self, history: &[Did], actor: usize, rest: &[u8]) -> Result<(), String> {
        let has_consumer = history.iter().any(|event| matches!(event, Did::Got(..)));
        let last = history.iter().rev().find_map(|event| match event {
            Did::BeginsPut(who, _) if *who == actor => Some(("put", rest.len() >= self.capacity)),
            Did::BeginsGet(who) if *who == actor => Some(("get", rest.is_empty())),
            Did::BeginsJoin(who, _) if *who == actor => Some(("join", !has_consumer)),
            _ => None,
        });
        match last {
            Some((doing, false)) => Err(format!("actor {actor} hangs in {doing}, and {rest:?} is there")),
            _ => Ok(()),
        }
    }

    /// What is left in the queue, taken out.
    fn drain(&self) -> Result<Vec<u8>, String> {
        let mut rest = Vec::new();
        for letter in self.queue.dead_letters().map_err(|error| format!("dead letters: {error}"))? {
            rest.extend(letter.value().ok());
            letter.discard();
        }
        // Leases of the dead come back with the checks for them, which a few looks make.
        for _ in 0..3 * self.capacity + 6 {
            match self.queue.try_get() {
                Ok(delivery) => {
                    rest.push(*delivery);
                    delivery.done();
                }
                Err(TryGetError::Empty | TryGetError::Disconnected) => {}
                Err(error) => return Err(format!("drain: {error}")),
            }
        }
        Ok(rest)
    }

    /// A message is done once, or is there once, or its holder died as the work was done.
    fn once(history: &[Did], rest: &[u8], value: u8, outcome: &Outcome) -> Result<(), String> {
        let count = |is_it: &dyn Fn(&Did) -> bool| history.iter().filter(|event| is_it(event)).count();
        let is_dead = |actor: usize| actor > 0 && outcome.dead[actor - 1];
        let was_put = count(&|event| put_value(event) == Some(value)) > 0;
        let done = count(&|event| matches!(event, Did::Done(_, of, true) if *of == value));
        let left = rest.iter().copied().filter(|of| *of == value).count();
        let last_holder = history.iter().rev().find_map(|event| match event {
            Did::Got(actor, of) if *of == value => Some(*actor),
            _ => None,
        });
        if done + left > 1 {
            return Err(format!("{value} is there or done {} times", done + left));
        }
        if was_put && done + left == 0 && !last_holder.is_some_and(is_dead) {
            return Err(format!("{value} is lost"));
        }
        if count(&|event| matches!(event, Did::Refused(_, of) if *of == value)) > 0 && done + left > 0 {
            return Err(format!("{value} was refused, and is there"));
        }
        let lost_lease = |event: &Did| matches!(event, Did::Done(actor, of, false) if *of == value && !is_dead(*actor));
        if count(&lost_lease) > 0 {
            return Err(format!("a living holder lost its lease of {value}"));
        }
        Ok(())
    }

    /// Every place can be used again, in order.
    fn whole(&self) -> Result<(), String> {
        let capacity = u8::try_from(self.capacity).expect("a small queue");
        for value in 0..capacity {
            match self.queue.try_put(50 + value) {
                Ok(()) => {}
                Err(TryPutError::Closed(_)) => return Ok(()),
                Err(error) => return Err(format!("a place is lost: {error}")),
            }
        }
        if self.queue.try_put(99).is_ok() {
            return Err("there is a place too many".to_owned());
        }
        for value in 0..capacity {
            let delivery = self.queue.try_get().map_err(|error| format!("a get after all: {error}"))?;
            if *delivery != 50 + value {
                return Err(format!("{} came for {}", *delivery, 50 + value));
            }
            delivery.done();
        }
        Ok(())
    }
}

fn put_value(event: &Did) -> Option<u8> {
    match event {
        Did::Put(_, value) => Some(*value),
        _ => None,
    }
}

/// `join` returned after all that had been put before it began was taken, and acknowledged unless a holder died.
fn joined_late(history: &[Did], index: usize, actor: usize, any_died: bool) -> Result<(), String> {
    let began = history[..index].iter().rev().find_map(|event| match event {
        Did::BeginsJoin(who, put) if *who == actor => Some(put.clone()),
        _ => None,
    });
    for value in began.expect("a join that began") {
        let taken = history[..index].iter().any(|event| matches!(event, Did::Got(_, of) if *of == value));
        let acknowledged = history.iter().any(|event| matches!(event, Did::Done(_, of, true) if *of == value));
        if !(any_died || taken && acknowledged) {
            return Err(format!("join returned before {value} was done"));
        }
    }
    Ok(())
}

/// A consumer learned that no message comes after all that was put was taken.
fn over_late(history: &[Did], index: usize) -> Result<(), String> {
    for value in history.iter().filter_map(put_value) {
        if !history[..index].iter().any(|event| matches!(event, Did::Got(_, of) if *of == value)) {
            return Err(format!("a consumer learned that none would come while {value} was in the queue"));
        }
    }
    Ok(())
}
