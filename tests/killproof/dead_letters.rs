//! Values that kill their holders, or make them panic: they end as dead letters, and `join` does not wait for them.

use killproof::Error;
use killproof::crashpoint::CrashPoint;
use killproof::process::{Exit, Process};
use killproof::queue::{DeadLetter, DeathCause, Delivery, JoinableQueue, PutError, TryGetError};

use crate::PATIENCE;
use crate::queue_kills::{dies_at, discard, kill_holders, works};

pub(crate) fn a_value_that_kills_its_holders_becomes_a_dead_letter() {
    let queue = JoinableQueue::<u32>::new(2).expect("memory");
    queue.put(13).expect("room");
    let last = kill_holders(&queue, 3);
    // No consumer asks for a value: join itself finds the dead holder.
    let joined = queue.join_timeout(PATIENCE).expect("it is given up");
    assert_eq!((joined.dead_letters, queue.unfinished(), queue.len()), (1, 0, 0));
    let mut letters = queue.dead_letters().expect("no lock is kept");
    assert_eq!((letters.len(), letters[0].value()), (1, Ok(13)));
    let DeathCause::HoldersDied { times, last_pid: holder } = letters[0].cause() else { panic!("{letters:?}") };
    assert_eq!((times, holder), (3, last));

    // Retried, it has no deaths; and only one of two letters about it decides.
    let twin = queue.dead_letters().expect("no lock is kept").remove(0);
    assert!(letters.remove(0).retry());
    assert!(!twin.discard());
    let item = queue.get_timeout(PATIENCE).expect("it is back");
    assert_eq!((*item, item.deaths(), item.attempt()), (13, 0, 4));
    assert!(item.done());
    assert_eq!(queue.join().expect("done").dead_letters, 0);
}

pub(crate) fn a_value_that_makes_its_holders_panic_becomes_a_dead_letter() {
    let queue = JoinableQueue::<u32>::new(2).expect("memory");
    queue.put(13).expect("room");
    let mut last = 0;
    for deaths in 0..3 {
        let panics = || -> u8 {
            let item = queue.get_timeout(PATIENCE).expect("it came back");
            assert_eq!((*item, item.deaths()), (13, deaths));
            panic!("on purpose, with a value");
        };
        let mut child = Process::new("panics", panics).start().expect("a process");
        assert_eq!(child.join().expect("its end"), Exit::Code(101));
        last = child.pid();
    }
    assert_eq!(queue.try_get().map(Delivery::done), Err(TryGetError::Empty));
    assert_eq!(queue.join().map(|joined| joined.dead_letters), Ok(1));
    let letters = queue.dead_letters().expect("no lock is kept");
    let DeathCause::HoldersDied { times, last_pid: holder } = letters[0].cause() else { panic!("{letters:?}") };
    assert_eq!((times, holder, letters[0].value()), (3, last, Ok(13)));
}

/// Writes a number, and panics when it is read.
#[derive(Debug)]
struct Cursed;

impl serde::Serialize for Cursed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(13)
    }
}

impl<'de> serde::Deserialize<'de> for Cursed {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("on purpose, while a value is read");
    }
}

pub(crate) fn a_value_that_makes_its_readers_panic_becomes_a_dead_letter() {
    let queue = JoinableQueue::<Cursed>::builder(2).unverified().build().expect("memory");
    queue.put(Cursed).expect("room");
    for _ in 0..3 {
        let reads = || u8::from(queue.get_timeout(PATIENCE).is_err());
        let exit = Process::new("reads", reads).start().expect("a process").join().expect("its end");
        assert_eq!(exit, Exit::Code(101));
    }
    assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(1));
    assert!(matches!(
        queue.dead_letters().expect("no lock is kept")[0].cause(),
        DeathCause::HoldersDied { times: 3, .. }
    ));
}

pub(crate) fn a_value_taken_during_a_panic_is_returned_without_a_death() {
    /// Takes a value from the queue, and drops it undone.
    struct Looks<'a>(&'a JoinableQueue<u32>);
    impl Drop for Looks<'_> {
        fn drop(&mut self) {
            drop(self.0.get_timeout(PATIENCE));
        }
    }
    let queue = JoinableQueue::<u32>::new(2).expect("memory");
    queue.put(13).expect("room");
    let panics = || -> u8 {
        let _looks = Looks(&queue);
        panic!("on purpose, before the value is taken");
    };
    let exit = Process::new("panics", panics).start().expect("a process").join().expect("its end");
    assert_eq!(exit, Exit::Code(101));
    let item = queue.get_timeout(PATIENCE).expect("it came back");
    assert_eq!((item.attempt(), item.deaths(), item.last_death()), (2, 0, None));
    assert!(item.done());
}

pub(crate) fn the_number_of_deaths_is_settable() {
    for allowed in [1, 2, 5] {
        let queue = JoinableQueue::<u32>::builder(2).max_message(64).max_deaths(allowed).build().expect("memory");
        queue.put(13).expect("room");
        kill_holders(&queue, allowed);
        assert_eq!(queue.join_timeout(PATIENCE).map(|joined| joined.dead_letters), Ok(1));
    }
    let error = JoinableQueue::<u32>::builder(2).max_message(64).max_deaths(0).build().expect_err("no deaths at all");
    assert!(matches!(error, Error::Unusable { .. }), "{error:?}");
}

pub(crate) fn a_queue_full_of_dead_letters_refuses_to_wait_for_room() {
    let queue = JoinableQueue::<u32>::builder(2).max_message(64).max_deaths(1).build().expect("memory");
    for value in [1, 2] {
        queue.put(value).expect("room");
        kill_holders(&queue, 1);
        queue.join().expect("given up");
    }
    assert!(queue.is_full());
    assert_eq!(queue.put(3), Err(PutError::DeadLetters(3)), "no room ever");
    let letters = queue.dead_letters().expect("no lock is kept");
    assert_eq!(letters.iter().map(DeadLetter::value).collect::<Vec<_>>(), [Ok(1), Ok(2)]);
    discard(letters);
    queue.put(3).expect("room");
    assert_eq!(queue.unfinished(), 1);
}

pub(crate) fn dead_letters_are_in_the_order_of_their_puts() {
    let queue = JoinableQueue::<u32>::builder(2).max_deaths(1).build().expect("memory");
    (1..=2).for_each(|value| queue.put(value).expect("room"));
    assert!(queue.get().expect("the first value").done());
    // It takes the place of the first one, before the second one's.
    queue.put(3).expect("room");
    let panics = || -> u8 {
        let _two = [queue.get_timeout(PATIENCE), queue.get_timeout(PATIENCE)];
        panic!("on purpose, with two values");
    };
    assert_eq!(Process::new("panics", panics).start().expect("a process").join().expect("its end"), Exit::Code(101));
    let letters = queue.dead_letters().expect("no lock is kept");
    assert_eq!(letters.iter().map(DeadLetter::value).collect::<Vec<_>>(), [Ok(2), Ok(3)]);
}

pub(crate) fn a_process_that_decides_about_a_dead_letter_may_be_killed() {
    for (step, retry) in [
        (CrashPoint::DeadLetterUncounted, true),
        (CrashPoint::DeadLetterUncounted, false),
        (CrashPoint::DeadLetterCommitted, false),
        (CrashPoint::DeadLetterCounted, false),
        (CrashPoint::ReturnCommitted, true),
        (CrashPoint::FreeCommitted, false),
    ] {
        let queue = JoinableQueue::<u32>::builder(4).max_message(64).max_deaths(1).build().expect("memory");
        queue.put(13).expect("room");
        kill_holders(&queue, 1);
        dies_at(step, || {
            // The holder is dead, and this is the process that notices it.
            let _ = queue.try_get();
            let _ = queue.join_timeout(PATIENCE);
            for letter in queue.dead_letters().expect("no lock is kept") {
                let _ = if retry { letter.retry() } else { letter.discard() };
            }
        });
        // It is a dead letter, or waits, or is gone: in no case is it counted twice or not at all.
        let _ = queue.try_get().map(Delivery::done);
        let joined = queue.join_timeout(PATIENCE).unwrap_or_else(|error| panic!("{step:?}: {error}"));
        assert_eq!(joined.dead_letters, queue.dead_letters().expect("no lock is kept").len(), "{step:?}");
        discard(queue.dead_letters().expect("no lock is kept"));
        works(&queue, step);
    }
}
