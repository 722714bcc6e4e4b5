//! A joinable queue, its operations, and the history of its use.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use crashcheck::{Actor, Model, Report, actor};
use killproof::queue::{
    DeadLetter, Delivery, GetError, GetTimeoutError, JoinError, JoinTimeoutError, JoinableQueue, PutError,
    PutTimeoutError,
};
use killproof::sync::Event;

use super::dish::Dish;
use super::history::{Did, History};

/// The limit of every operation with a time-out. Time passes in ticks of the model, so an operation ends within two of
/// them after it.
pub(crate) const LIMIT: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_millis(120);

/// The least time for which all consumers have been dead when an operation says that they are.
const GRACE: Duration = Duration::from_millis(500);

/// Longer than a queue whose consumers are all dead waits for a successor, and so short that it is over twice before
/// an execution is.
pub(crate) const LONG: Duration = Duration::from_millis(650);

pub(crate) struct Used {
    pub(crate) queue: JoinableQueue<Dish>,
    pub(crate) history: History,
    /// For an actor that waits for another one.
    pub(crate) event: Event,
    pub(crate) is_limited: bool,
    /// There are more actors than places for consumers.
    is_crowded: bool,
}

/// What an actor does with the queue.
pub(crate) type Program<'a> = &'a dyn Fn(&Used);

/// Explores actors, each with a name, on a queue that is made for every execution. In the end [`Used::check`] judges.
pub(crate) fn explore(model: &Model, set_up: impl Fn() -> Used, programs: &[(&str, Program<'_>)]) -> Report {
    let actors: Vec<Actor<'_, Used>> = programs.iter().map(|(name, run)| Actor::new(name, *run)).collect();
    model.clone().may_hang().explore(set_up, &actors, Used::check)
}

pub(crate) fn me() -> usize {
    actor::current()
}

impl Used {
    pub(crate) fn new(capacity: usize, max_deaths: u32, filled: &[u8]) -> Self {
        Self::with(JoinableQueue::builder(capacity).max_deaths(max_deaths), false, filled)
    }

    /// The same queue, of more actors than it has places for consumers.
    pub(crate) fn crowded(self) -> Self {
        Self { is_crowded: true, ..self }
    }

    /// A queue whose leases end by time as well.
    pub(crate) fn limited(capacity: usize, max_lease: Duration, filled: &[u8]) -> Self {
        Self::with(JoinableQueue::builder(capacity).max_deaths(100).max_lease(max_lease), true, filled)
    }

    fn with(builder: killproof::queue::Builder<JoinableQueue<Dish>>, is_limited: bool, filled: &[u8]) -> Self {
        let largest = filled.iter().any(|value| Dish(*value).is_large());
        let queue = builder.max_message(if largest { 80 } else { 16 }).unverified().build().expect("a queue");
        let event = Event::new().expect("an event");
        let used = Self { queue, history: History::default(), event, is_limited, is_crowded: false };
        for value in filled {
            used.queue.put(Dish(*value)).expect("room");
            used.history.note(Did::Put(0, *value));
        }
        used
    }

    pub(crate) fn put(&self, value: u8) {
        self.history.note(Did::BeginsPut(me(), value));
        let (began, consumers) = (actor::now(), self.history.consumers());
        match self.queue.put(Dish(value)) {
            Ok(()) => self.history.note(Did::Put(me(), value)),
            Err(PutError::Abandoned { .. }) => self.is_abandoned(began, &consumers),
            Err(PutError::Closed(_)) => self.history.note(Did::Refused(me(), value)),
            Err(error) => panic!("put: {error}"),
        }
    }

    pub(crate) fn put_within(&self, value: u8) {
        self.history.note(Did::BeginsTimed(me()));
        let (began, consumers) = (actor::now(), self.history.consumers());
        match self.queue.put_timeout(Dish(value), LIMIT) {
            Ok(()) => self.history.note(Did::Put(me(), value)),
            Err(PutTimeoutError::TimedOut(Dish(returned))) => {
                assert_eq!(returned, value, "another message came back");
                self.history.note(Did::Refused(me(), value));
                self.timed_out(began);
            }
            Err(PutTimeoutError::Abandoned { .. }) => self.is_abandoned(began, &consumers),
            Err(error) => panic!("put_timeout: {error}"),
        }
        in_time(began);
    }

    /// Gets a message and acknowledges it. False if none will come.
    pub(crate) fn get_done(&self) -> bool {
        self.get().map(|delivery| self.done(delivery)).is_some()
    }

    /// Gets and acknowledges `count` messages, or all that come.
    pub(crate) fn get_all(&self, count: usize) {
        for _ in 0..count {
            if !self.get_done() {
                return;
            }
        }
    }

    pub(crate) fn get(&self) -> Option<Delivery<Dish>> {
        self.history.note(Did::BeginsGet(me()));
        match self.queue.get() {
            Ok(delivery) => Some(self.got(delivery)),
            Err(GetError::Disconnected) => {
                self.history.note(Did::Over(me()));
                None
            }
            Err(GetError::Undecodable(_)) => {
                self.history.note(Did::Unreadable(me()));
                None
            }
            // It found a place held that its holder left later, and one that a successor took before.
            Err(GetError::NoConsumer(_)) if self.is_crowded => None,
            Err(error) => panic!("get: {error}"),
        }
    }

    /// Gets a message, and is at work on it for a long time.
    pub(crate) fn get_and_hold(&self) {
        let Some(delivery) = self.get() else { return };
        let _ = self.event.wait(LONG);
        self.done(delivery);
    }

    pub(crate) fn get_within(&self) -> Option<Delivery<Dish>> {
        self.history.note(Did::BeginsTimed(me()));
        let began = actor::now();
        let got = match self.queue.get_timeout(LIMIT) {
            Ok(delivery) => Some(self.got(delivery)),
            Err(GetTimeoutError::TimedOut) => {
                self.timed_out(began);
                None
            }
            Err(error) => panic!("get_timeout: {error}"),
        };
        in_time(began);
        got
    }

    fn got(&self, delivery: Delivery<Dish>) -> Delivery<Dish> {
        self.history.note(Did::Got(me(), delivery.0));
        delivery
    }

    pub(crate) fn done(&self, delivery: Delivery<Dish>) {
        self.done_of(delivery);
    }

    /// Acknowledges a message, and returns its number.
    pub(crate) fn done_of(&self, delivery: Delivery<Dish>) -> u8 {
        let value = delivery.0;
        self.history.note(Did::Finishes(me(), value));
        let counts = delivery.done();
        self.history.note(Did::Done(me(), value, counts));
        value
    }

    pub(crate) fn get_and_return(&self) {
        let Some(delivery) = self.get() else { return };
        let value = delivery.0;
        drop(delivery);
        self.history.note(Did::Returned(me(), value));
    }

    /// Gets a message, and ends as a process does that is killed with it.
    pub(crate) fn get_and_leak(&self) {
        if let Some(delivery) = self.get() {
            let leaked: *mut Delivery<Dish> = Box::into_raw(Box::new(delivery));
            let _ = leaked;
        }
    }

    /// The first message becomes a dead letter: its holder panics.
    pub(crate) fn kill_the_first(&self) {
        let dies = || {
            let _delivery = self.queue.try_get().expect("a message");
            resume_unwind(Box::new(()));
        };
        assert!(catch_unwind(AssertUnwindSafe(dies)).is_err());
    }

    /// Gets a message, and panics with it.
    pub(crate) fn panic_with_one(&self) {
        let panics = || {
            let delivery = self.get();
            if delivery.is_some() {
                resume_unwind(Box::new(()));
            }
        };
        let _ = catch_unwind(AssertUnwindSafe(panics));
    }

    fn first_letter(&self) -> Option<DeadLetter<Dish>> {
        let letter = self.queue.dead_letters().expect("dead letters").pop();
        letter.inspect(|_| self.history.note(Did::BeginsToDecide(me(), 1)))
    }

    pub(crate) fn discard_the_first(&self) {
        if let Some(letter) = self.first_letter() {
            self.history.note(Did::Discarded(me(), 1, letter.discard()));
        }
    }

    pub(crate) fn retry_the_first(&self) {
        if let Some(letter) = self.first_letter() {
            self.history.note(Did::Retried(me(), 1, letter.retry()));
        }
    }

    pub(crate) fn join(&self) {
        self.history.note(Did::BeginsJoin(me(), self.history.put()));
        let (began, consumers) = (actor::now(), self.history.consumers());
        match self.queue.join() {
            Ok(joined) => self.history.note(Did::Joined(me(), joined.dead_letters)),
            Err(JoinError::Abandoned { .. }) => self.is_abandoned(began, &consumers),
            Err(error) => panic!("join: {error}"),
        }
    }

    pub(crate) fn join_within(&self) {
        self.history.note(Did::BeginsJoin(me(), self.history.put()));
        self.history.note(Did::BeginsTimed(me()));
        let began = actor::now();
        match self.queue.join_timeout(LIMIT) {
            Ok(joined) => self.history.note(Did::Joined(me(), joined.dead_letters)),
            Err(JoinTimeoutError::TimedOut { .. }) => self.timed_out(began),
            Err(error) => panic!("join_timeout: {error}"),
        }
        in_time(began);
    }

    fn timed_out(&self, began: Duration) {
        let waited = actor::now().saturating_sub(began);
        assert!(waited >= LIMIT, "timed out after {waited:?}");
        self.history.note(Did::TimedOut(me()));
    }

    /// `consumers`: those that had taken a message when the operation began.
    fn is_abandoned(&self, began: Duration, consumers: &[usize]) {
        let waited = actor::now().saturating_sub(began);
        assert!(waited >= GRACE, "abandoned after {waited:?}");
        for consumer in consumers {
            assert!(!actor::is_alive(*consumer), "abandoned although actor {consumer} is there");
        }
        self.history.note(Did::Abandoned(me()));
    }
}

pub(crate) fn in_time(began: Duration) {
    let took = actor::now().saturating_sub(began);
    assert!(took <= LIMIT + LATE, "an operation of {LIMIT:?} took {took:?}");
}
