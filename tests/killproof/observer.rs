//! Foreign code that the toolkit calls: it holds no lock of its own meanwhile.

use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use killproof::observe::{self, End, Location, Mark, Object, ObjectKind, Observer, OpenSpan, SpanKind, Stamp};
use killproof::process::{Exit, Process};
use killproof::queue::Queue;

use crate::PATIENCE;

/// Puts a value into the queue whenever the queue asks for the stamp of another one.
struct Interferes {
    queue: OnceLock<Queue<u32>>,
    is_busy: AtomicBool,
}

static INTERFERES: Interferes = Interferes { queue: OnceLock::new(), is_busy: AtomicBool::new(false) };

impl Observer for Interferes {
    fn made(&self, _: ObjectKind) -> Option<NonZeroU32> {
        NonZeroU32::new(1)
    }

    fn begin(&self, _: SpanKind, _: Object<'_>, _: Location) -> Option<Box<dyn OpenSpan>> {
        None
    }

    fn begin_here(&self, _: SpanKind, _: Object<'_>, _: Location) -> Option<NonZeroU32> {
        None
    }

    fn end_here(&self, _: NonZeroU32, _: End) {}

    fn released(&self) {}

    fn mark(&self, _: Mark, _: Object<'_>, _: Location) {}

    fn stamp(&self) -> Stamp {
        if !self.is_busy.swap(true, Ordering::Relaxed) {
            self.queue.get().expect("a queue").put(1).expect("room");
            self.is_busy.store(false, Ordering::Relaxed);
        }
        Stamp::default()
    }

    fn forked(&self) {}
}

pub(crate) fn a_queue_holds_no_lock_while_its_observer_stamps_a_message() {
    let observed = || {
        observe::install(&INTERFERES).expect("the first observer of this process");
        let queue = INTERFERES.queue.get_or_init(|| Queue::new(4).expect("memory"));
        queue.put(2).expect("room");
        assert_eq!((queue.get(), queue.get()), (Ok(1), Ok(2)));
    };
    let mut child = Process::new("observed", observed).kill_on_drop().start().expect("a process");
    assert_eq!(child.join_timeout(PATIENCE / 4).expect("a wait"), Some(Exit::Code(0)));
}
