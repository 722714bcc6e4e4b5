//! Each message that counts, of none, one and two.

use std::time::Duration;

use super::{Error, Phrase};
use crate::limits::allow_processes;
use crate::process::{Death, Exit, RestartLimit, WatchError};
use crate::queue::{JoinError, JoinTimeoutError, LeaseInfo, PutError, PutTimeoutError, Queue};

/// The three messages of `error`, one below the other.
fn of_none_one_and_two(error: impl Fn(usize) -> String) -> [String; 3] {
    [error(0), error(1), error(2)]
}

fn small(count: usize) -> u32 {
    count.try_into().expect("a small number")
}

#[test]
fn values_that_are_not_done() {
    let join = of_none_one_and_two(|unfinished| JoinError::Abandoned { unfinished }.to_string());
    let dead = ["0 values are not done", "1 value is not done", "2 values are not done"]
        .map(|values| format!("{values}, and every consumer is dead"));
    assert_eq!(join, dead);
    assert_eq!(of_none_one_and_two(|unfinished| JoinTimeoutError::Abandoned { unfinished }.to_string()), dead);
    let queue = of_none_one_and_two(|unfinished| Error::Abandoned { operation: "join", unfinished }.to_string());
    assert_eq!(queue, dead.clone().map(|why| format!("cannot join a queue: {why}")));
    let put = of_none_one_and_two(|unfinished| PutError::Abandoned { value: (), unfinished }.to_string());
    assert_eq!(put, dead.map(|why| format!("the queue is full, {why}")));
    let late = |unfinished| JoinTimeoutError::TimedOut { unfinished, leases: Vec::new() }.to_string();
    let late = of_none_one_and_two(late);
    let values = ["0 values are not done", "1 value is not done", "2 values are not done"];
    assert_eq!(late, values.map(|values| format!("{values}; no consumer holds one")));
}

#[test]
fn leases_that_a_message_does_not_list() {
    let lease = LeaseInfo { pid: 7, held_for: Duration::from_secs(1), attempt: 1, deaths: 0 };
    let late =
        |leases: usize| JoinTimeoutError::TimedOut { unfinished: 9, leases: vec![lease; 3 + leases] }.to_string();
    let [all, one, two] = of_none_one_and_two(late);
    let three = "process 7 holds one since 1.0 s, ".repeat(3);
    let listed = format!("9 values are not done; {}", three.trim_end_matches(", "));
    assert_eq!(all, listed);
    assert_eq!(one, format!("{listed}, and 1 more is held"));
    assert_eq!(two, format!("{listed}, and 2 more are held"));
}

#[test]
fn bytes_of_a_message() {
    let large = |size| PutTimeoutError::TooLarge { value: (), size, limit: 0 }.to_string();
    let sizes =
        ["0 bytes", "1 byte", "2 bytes"].map(|size| format!("a message of {size} is above the queue's limit of 0"));
    assert_eq!(of_none_one_and_two(large), sizes);
}

#[test]
fn messages_of_a_queue_that_is_too_large() {
    let too_large = |capacity| {
        let queue = Queue::<u8>::builder(capacity).max_message(1 << 40).build();
        queue.map(drop).expect_err("more than a queue may have").to_string()
    };
    assert_eq!(too_large(1), "cannot make a queue: 1 message of 1099511627776 bytes is too much");
    assert_eq!(too_large(2), "cannot make a queue: 2 messages of 1099511627776 bytes are too many");
}

#[test]
fn threads_and_guards() {
    let threads =
        |threads: usize| Error::ThreadsRunning { name: "eater".to_owned(), threads: threads as u64 }.to_string();
    for (message, threads) in of_none_one_and_two(threads).iter().zip(["0 threads", "1 thread", "2 threads"]) {
        let begins = format!("cannot start eater: this process runs {threads}, and a fork would copy only one; ");
        assert!(message.starts_with(&begins), "{message}");
    }
    let guards = |guards| Error::GuardHeld { name: "eater".to_owned(), guards: small(guards) }.to_string();
    let [_, one, two] = of_none_one_and_two(guards);
    assert!(one.contains("holds a shared mutex, and the child would be inside it as well; drop the guard "), "{one}");
    assert!(
        two.contains("holds 2 shared mutexes, and the child would be inside them as well; drop the guards "),
        "{two}"
    );
}

#[test]
fn deaths_and_restarts() {
    let death = Death { name: "worker".to_owned(), pid: 7, exit: Exit::Code(3) };
    let gave_up = |restarts: usize, deaths: usize| {
        let limit = RestartLimit { restarts: small(restarts), per: Duration::from_secs(5) };
        WatchError::GaveUp { limit, deaths: vec![death.clone(); deaths] }.to_string()
    };
    let [none, one, two] = of_none_one_and_two(|restarts| gave_up(restarts, restarts + 1));
    assert_eq!(
        none,
        "cannot restart worker: 1 death in 5 s, and 0 restarts are allowed: worker (pid 7) ended with code 3"
    );
    assert!(one.starts_with("cannot restart worker: 2 deaths in 5 s, and 1 restart is allowed: worker "), "{one}");
    assert!(two.starts_with("cannot restart worker: 3 deaths in 5 s, and 2 restarts are allowed: worker "), "{two}");
    assert!(gave_up(16, 17).contains(": 1 earlier one, worker "), "{}", gave_up(16, 17));
    assert!(gave_up(17, 18).contains(": 2 earlier ones, worker "), "{}", gave_up(17, 18));
}

#[test]
fn a_noun_of_a_caller() {
    let buyers = |count: u32| Phrase::counted(count, ["{} buyer", "{} buyers"], [count.into()]).to_string();
    assert_eq!([0, 1, 2].map(buyers), ["0 buyers", "1 buyer", "2 buyers"]);
    let error = allow_processes(u32::MAX, ["buyer", "buyers"]).expect_err("more than any system allows");
    assert!(error.to_string().starts_with("cannot start 4294967295 buyers: "), "{error}");
}
