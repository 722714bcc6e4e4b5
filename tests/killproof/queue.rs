//! Values from process to process.

use std::time::Duration;

use killproof::Error;
use killproof::process::{Child, Process};
use killproof::queue::{
    DeathCause, GetError, GetTimeoutError, JoinableQueue, MAX_MESSAGE, PutError, PutTimeoutError, Queue, TryGetError,
    TryPutError,
};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize, Serializer};

use crate::PATIENCE;

const SHORT: Duration = Duration::from_millis(5);

fn join_all(children: &mut [Child]) {
    for child in children {
        assert!(child.join().expect("its end").success(), "{child:?}");
    }
}

pub(crate) fn what_goes_in_first_comes_out_first() {
    let queue = Queue::new(6).expect("memory");
    // Three times around the ring, with a changing number of values in it.
    for round in 0..7_usize {
        for i in 0..=round % 6 {
            queue.put(round * 10 + i).expect("room");
        }
        assert_eq!(queue.len(), round % 6 + 1);
        for i in 0..=round % 6 {
            assert_eq!(queue.get(), Ok(round * 10 + i));
        }
        assert!(queue.is_empty());
    }
}

pub(crate) fn every_value_arrives_once_in_each_producers_order() {
    const EACH: u32 = 1_000;
    let queue = Queue::<(u32, u32)>::new(7).expect("memory");
    let results = Queue::<Vec<(u32, u32)>>::new(3).expect("memory");
    let produce = |producer: u32| {
        let queue = &queue;
        let put = move || (0..EACH).try_for_each(|i| queue.put((producer, i)).map_err(Error::from));
        Process::new(format!("producer {producer}"), put).start().expect("a process")
    };
    let consume = |_| {
        let get = || {
            let got: Vec<_> = std::iter::from_fn(|| queue.get().ok()).collect();
            results.put(got).map_err(Error::from)
        };
        Process::new("consumer", get).start().expect("a process")
    };
    let mut consumers: Vec<Child> = (0..3).map(consume).collect();
    let mut producers: Vec<Child> = (0..4).map(produce).collect();
    join_all(&mut producers);
    queue.close();
    let mut all = Vec::new();
    for _ in 0..3 {
        let got = results.get().expect("a consumer's list");
        for producer in 0..4 {
            let own: Vec<_> = got.iter().filter(|(by, _)| *by == producer).map(|(_, i)| *i).collect();
            assert!(own.is_sorted(), "producer {producer}'s values came out of order");
        }
        all.extend(got);
    }
    join_all(&mut consumers);
    all.sort_unstable();
    let expected: Vec<_> = (0..4).flat_map(|producer| (0..EACH).map(move |i| (producer, i))).collect();
    assert_eq!(all, expected);
}

pub(crate) fn a_full_queue_hands_the_value_back() {
    let queue = Queue::new(2).expect("memory");
    queue.put("a".to_owned()).expect("room");
    queue.put("b".to_owned()).expect("room");
    assert!(queue.is_full());
    assert_eq!(queue.try_put("c".to_owned()), Err(TryPutError::Full("c".to_owned())));
    assert_eq!(queue.put_timeout("c".to_owned(), SHORT), Err(PutTimeoutError::TimedOut("c".to_owned())));
    assert_eq!(queue.get().as_deref(), Ok("a"));
    queue.put_timeout("c".to_owned(), SHORT).expect("room again");
}

pub(crate) fn a_blocked_put_goes_on_after_a_get() {
    let queue = Queue::new(1).expect("memory");
    queue.put(1).expect("room");
    let mut child = Process::new("puts", || queue.put(2).map_err(Error::from)).start().expect("a process");
    assert_eq!(child.join_timeout(Duration::from_millis(20)).expect("a wait"), None);
    assert_eq!(queue.get(), Ok(1));
    assert!(child.join().expect("its end").success());
    assert_eq!(queue.try_get(), Ok(2));
}

pub(crate) fn an_empty_queue_returns_that_it_is_empty() {
    let queue = Queue::<u8>::new(1).expect("memory");
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    assert_eq!(queue.get_timeout(SHORT), Err(GetTimeoutError::TimedOut));
}

pub(crate) fn a_closed_queue_is_drained_and_then_disconnected() {
    let queue = Queue::new(3).expect("memory");
    queue.put(1).expect("room");
    queue.put(2).expect("room");
    queue.close();
    assert_eq!(queue.put(3), Err(PutError::Closed(3)));
    assert_eq!(queue.try_put(3), Err(TryPutError::Closed(3)));
    assert_eq!(queue.put_timeout(3, SHORT), Err(PutTimeoutError::Closed(3)));
    assert_eq!((queue.get(), queue.get()), (Ok(1), Ok(2)));
    assert_eq!(queue.get(), Err(GetError::Disconnected));
    assert_eq!(queue.try_get(), Err(TryGetError::Disconnected));
    assert_eq!(queue.get_timeout(SHORT), Err(GetTimeoutError::Disconnected));
}

pub(crate) fn close_wakes_every_waiter() {
    let empty = Queue::<u8>::new(1).expect("memory");
    let full = Queue::new(1).expect("memory");
    full.put(1_u8).expect("room");
    let get = || u8::from(empty.get() != Err(GetError::Disconnected));
    let put = || u8::from(full.put(2).is_ok());
    let mut children =
        [Process::new("get", get).start().expect("a process"), Process::new("put", put).start().expect("a process")];
    assert_eq!(children[0].join_timeout(SHORT).expect("a wait"), None);
    empty.close();
    full.close();
    join_all(&mut children);
}

/// Serialises only if it holds an even number, and reads only what it wrote.
#[derive(Debug, Deserialize)]
struct Even(u32);

impl Serialize for Even {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(2) { self.0.serialize(serializer) } else { Err(serde::ser::Error::custom("odd")) }
    }
}

pub(crate) fn a_value_that_cannot_travel_changes_nothing() {
    let queue = Queue::<Even>::new(2).expect("memory");
    let error = queue.put(Even(3)).expect_err("odd");
    assert!(matches!(&error, PutError::Unserialisable { value: Even(3), cause } if cause == "odd"), "{error}");
    let texts = Queue::<String>::builder(2).max_message(100).build().expect("memory");
    let error = texts.put("x".repeat(200)).expect_err("too large");
    assert!(matches!(error, PutError::TooLarge { size: 202, limit: 100, .. }), "{error}");
    assert_eq!(error.into_value().len(), 200);
    assert_eq!((queue.len(), texts.len()), (0, 0));
}

pub(crate) fn an_error_of_one_way_to_wait_becomes_that_of_another() {
    assert_eq!(TryPutError::from(PutError::Closed(1)), TryPutError::Closed(1));
    assert_eq!(PutTimeoutError::from(PutError::DeadLetters(1)), PutTimeoutError::DeadLetters(1));
    assert_eq!(TryPutError::from(PutTimeoutError::TimedOut(1)), TryPutError::Full(1));
    assert_eq!(TryGetError::from(GetError::Disconnected), TryGetError::Disconnected);
    assert_eq!(TryGetError::from(GetTimeoutError::TimedOut), TryGetError::Empty);
    let signal = Signal::SIGTERM;
    let errors = [
        Error::from(PutError::Interrupted { value: 1, signal }),
        Error::from(TryPutError::Interrupted { value: 1, signal }),
        Error::from(GetTimeoutError::Interrupted(signal)),
    ];
    assert!(errors.iter().all(|error| matches!(error, Error::Interrupted(Signal::SIGTERM))), "{errors:?}");
    assert_eq!(Error::from(TryPutError::Full(1)).to_string(), "cannot put into a queue: the queue is full");
    assert_eq!(Error::from(TryGetError::Empty).to_string(), "cannot get from a queue: the queue is empty");
}

pub(crate) fn a_message_of_another_type_is_unreadable() {
    /// Serialises as a text, and deserialises a number.
    #[derive(Debug, Deserialize)]
    struct Confused(#[expect(dead_code, reason = "never read: that is the test")] u32);
    impl Serialize for Confused {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            "text".serialize(serializer)
        }
    }
    let queue = JoinableQueue::builder(1).unverified().build().expect("memory");
    queue.put(Confused(1)).expect("room");
    assert!(matches!(queue.get(), Err(GetError::Undecodable(_))));
    let joined = queue.join_timeout(PATIENCE).expect("an unreadable value must not hold join up");
    assert_eq!(joined.dead_letters, 1);
    let letters = queue.dead_letters().expect("no lock is kept");
    assert_eq!((letters.len(), letters[0].cause()), (1, DeathCause::Undecodable));
    let error = letters[0].value().expect_err("unreadable, again");
    assert!(error.to_string().starts_with("a message cannot be read: "), "{error}");
}

pub(crate) fn large_and_empty_messages_travel_whole() {
    let queue = Queue::new(3).expect("memory");
    let largest = MAX_MESSAGE - 5; // MessagePack's own five bytes for a text of this length
    for length in [0, 1, 7, 8, 9, 55, 62, 63, 64, 65, 1_000, 4_096, 65_536, largest] {
        let text: String = ('a'..='z').cycle().take(length).collect();
        let mut child =
            Process::new("puts", || queue.put(text.clone()).map_err(Error::from)).start().expect("a process");
        assert_eq!(queue.get(), Ok(text.clone()), "{length} bytes");
        assert!(child.join().expect("its end").success());
    }
    assert!(queue.put("x".repeat(largest + 1)).is_err());
    let units = Queue::new(1).expect("memory");
    units.put(()).expect("room");
    assert_eq!(units.get(), Ok(()));
}

pub(crate) fn an_impossible_capacity_is_refused() {
    for (capacity, max_message) in [(0, 10), (usize::MAX, 10), (1 << 30, 1 << 30), (2, usize::MAX)] {
        let error = Queue::<u8>::builder(capacity).max_message(max_message).build().expect_err("no queue");
        assert!(matches!(error, Error::Unusable { .. } | Error::Refused { .. }), "{error:?}");
    }
}

/// How much shared memory this process uses, in KiB: pages, not address space.
fn shared_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix("RssShmem:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

pub(crate) fn a_queue_takes_memory_for_its_messages_and_not_for_its_capacity() {
    let before = shared_kib();
    let queue = JoinableQueue::<u64>::builder(1 << 16).max_message(64).max_deaths(1).build().expect("memory");
    for value in 0..10 {
        queue.put(value).expect("room");
        assert!(queue.get().expect("a value").done());
    }
    assert_eq!(
        (queue.dead_letters().expect("no lock is kept").len(), queue.join().expect("all is done").dead_letters),
        (0, 0)
    );
    let taken = shared_kib() - before;
    // Its slots and index would take 9 MiB.
    assert!(taken < 256, "{taken} KiB");
}

pub(crate) fn a_killed_getter_leaves_the_queue_to_others() {
    let queue = Queue::new(4).expect("memory");
    for round in 0..30 {
        let mut waits =
            Process::new("waits", || queue.get().map(|_| ()).map_err(Error::from)).start().expect("a process");
        if round % 2 == 0 {
            let _ = waits.join_timeout(Duration::from_micros(round * 100)).expect("a wait");
        }
        waits.kill().expect("a signal");
        waits.join().expect("its end");
        queue.put(round).expect("room");
        assert_eq!(queue.get_timeout(PATIENCE), Ok(round));
    }
}
