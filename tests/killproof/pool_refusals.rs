//! What a pool refuses, in time and with a reason.

use std::time::Duration;

use killproof::pool::{Options, Pool, TaskError};
use killproof::procfs;
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

fn refusal(options: Options) -> String {
    let error = options.build(|(), n: u32| n).expect_err("it cannot be").to_string();
    assert!(procfs::children().expect("/proc").is_empty());
    error
}

pub(crate) fn a_pool_that_cannot_be_is_not_made() {
    let options = || Pool::options(2);
    let cases = [
        (Pool::options(0), "it has no workers"),
        (options().timeout(Duration::ZERO), "its time-out is 0"),
        (options().deaths(0), "its deaths are not between 1 and 64"),
        (options().deaths(65), "its deaths are not between 1 and 64"),
        (options().max_tasks(0), "its workers may run no task"),
        (options().ahead(0), "it may pull no task ahead"),
        (options().max_message(0), "its messages have no bytes"),
    ];
    for (options, cause) in cases {
        assert_eq!(refusal(options), format!("cannot make a pool: {cause}"));
    }
    assert!(refusal(options().max_message(usize::MAX)).contains("are too many"));
    assert!(refusal(Pool::options(u32::MAX)).starts_with("cannot start 4294967295 workers: "));
}

pub(crate) fn a_pool_without_descriptors_is_refused() {
    setrlimit(Resource::RLIMIT_NOFILE, 32, 32).expect("a lower limit");
    let error = Pool::new(2, |n: u32| n).expect_err("no descriptor").to_string();
    assert_eq!(error, "cannot start 2 workers: the limit of open files is 32");
    assert!(procfs::children().expect("/proc").is_empty());
}

/// It is written as nothing that can be read, is not written, or is read by a panic.
#[derive(Debug, PartialEq)]
enum Odd {
    Usual,
    Unwritable,
    Unreadable,
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Usual => serializer.serialize_u8(0),
            Self::Unwritable => Err(serde::ser::Error::custom("it cannot be written")),
            Self::Unreadable => serializer.serialize_str("odd"),
        }
    }
}

impl<'de> Deserialize<'de> for Odd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|_| Self::Usual)
    }
}

fn odd(number: u32) -> Odd {
    match number % 3 {
        0 => Odd::Usual,
        1 => Odd::Unwritable,
        _ => Odd::Unreadable,
    }
}

pub(crate) fn inputs_that_cannot_travel_fail_alone() {
    let pool = Pool::new(2, |odd: Odd| odd == Odd::Usual).expect("a pool");
    let results = pool.try_map((0..30).map(odd)).expect("results");
    for (n, result) in results.iter().enumerate() {
        match n % 3 {
            0 => assert_eq!(*result, Ok(true)),
            1 => assert_eq!(
                *result,
                Err(TaskError::Unserialisable { task: n as u64, cause: "it cannot be written".to_owned() })
            ),
            // A debug build finds it before it is sent.
            _ => assert!(matches!(result, Err(TaskError::Unserialisable { .. } | TaskError::Undecodable { .. }))),
        }
    }
    let error = pool.submit(Odd::Unwritable).expect_err("it cannot be sent").to_string();
    assert_eq!(error, "task 0 cannot be sent: it cannot be written");
}

pub(crate) fn results_that_cannot_travel_fail_alone() {
    let pool = Pool::new(2, odd).expect("a pool");
    let results = pool.try_map(0..30).expect("results");
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), n % 3 == 0, "task {n}: {result:?}");
    }
}

pub(crate) fn what_is_too_large_fails_alone() {
    let pool = Pool::options(2).max_message(10_000).build(|(), length: usize| "x".repeat(length)).expect("a pool");
    let results = pool.try_map([10, 9_997, 9_998, 20_000, 10]).expect("results");
    let lengths: Vec<_> = results.iter().map(|result| result.as_ref().map(String::len)).collect();
    let too_large = |task, size| TaskError::TooLarge { task, size, limit: 10_000 };
    assert_eq!(lengths, [Ok(10), Ok(9_997), Err(&too_large(2, 10_001)), Err(&too_large(3, 20_003)), Ok(10)]);

    let pool = Pool::options(2).max_message(100).build(|(), text: String| text.len()).expect("a pool");
    let texts = [10, 97, 98, 200, 10].map(|length| "x".repeat(length));
    let results = pool.try_map(texts.clone()).expect("results");
    let told: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(told, [true, true, true, false, true], "{results:?}");
    assert!(pool.submit("x".repeat(200)).is_err());
}
