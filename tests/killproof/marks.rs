//! What a queue reports to an observer about a value that a consumer gets.

use std::num::NonZeroU32;
use std::sync::Mutex;

use killproof::observe::{self, Location, Mark, Object, ObjectKind, Observer, Stamp};
use killproof::queue::{JoinableQueue, Queue};

use crate::observer::succeeds;

/// Keeps what the marks say.
struct Remembers(Mutex<Vec<Mark>>);

static REMEMBERS: Remembers = Remembers(Mutex::new(Vec::new()));
const STAMP: Stamp = Stamp([13, 7]);

impl Observer for Remembers {
    fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
        NonZeroU32::new(1)
    }

    fn mark(&self, mark: Mark, _: Object<'_>, _: Location) {
        self.0.lock().expect("no panic").push(mark);
    }

    fn stamp(&self) -> Stamp {
        STAMP
    }
}

pub(crate) fn an_observer_learns_who_put_what_a_consumer_gets() {
    succeeds(|| {
        observe::install(&REMEMBERS).expect("the first observer of this process");
        let marks = || std::mem::take(&mut *REMEMBERS.0.lock().expect("no panic"));
        let plain = Queue::new(1).expect("memory");
        plain.put(1).expect("room");
        assert_eq!(plain.get(), Ok(1));
        assert_eq!(marks(), [Mark::HandedOver { from: STAMP }]);
        let joinable = JoinableQueue::new(1).expect("memory");
        joinable.put(1).expect("room");
        drop(joinable.get().expect("a value"));
        assert!(joinable.get().expect("it came back").done());
        assert_eq!(marks(), [Mark::HandedOver { from: STAMP }, Mark::Redelivered { from_pid: None }]);
    });
}
