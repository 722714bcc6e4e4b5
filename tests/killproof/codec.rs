//! What `put` accepted is what `get` gives.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::mem::ManuallyDrop;

use killproof::process::{Exit, Process};
use killproof::queue::{MAX_DEPTH, PutError, Queue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use support::serde_json::{Value, json};

/// Why a value is refused. It is put nowhere then.
#[track_caller]
fn refusal<T: Serialize + DeserializeOwned + Debug>(queue: &Queue<T>, value: T) -> String {
    let refused = queue.put(value).expect_err("a value that cannot travel");
    assert!(queue.is_empty());
    let text = refused.to_string();
    let PutError::Unserialisable { cause, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(text, format!("the value cannot be serialised: {cause}"));
    cause
}

/// The same value comes out, in both kinds of queue.
#[track_caller]
fn travels<T: Serialize + DeserializeOwned + Debug + PartialEq + Clone>(value: &T) {
    for queue in [Queue::builder(1).verified(), Queue::builder(1).unverified()] {
        let queue = queue.build().expect("memory");
        queue.put(value.clone()).unwrap_or_else(|error| panic!("{value:?}: {error}"));
        assert_eq!(queue.get().as_ref(), Ok(value));
    }
}

/// Only what is found without decoding.
fn unverified<T: Serialize + DeserializeOwned>() -> Queue<T> {
    Queue::builder(2).unverified().build().expect("memory")
}

fn verified<T: Serialize + DeserializeOwned>() -> Queue<T> {
    Queue::builder(2).verified().build().expect("memory")
}

fn nested(depth: u32) -> Value {
    (1..depth).fold(json!([]), |inner, _| json!([inner]))
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    next: Option<Box<Node>>,
}

/// Its levels are no sequences and no maps that a decoder counts.
#[derive(Debug, Serialize, Deserialize)]
enum Chain {
    Link(Box<Chain>),
    End,
}

fn chain(length: u32) -> Chain {
    (0..length).fold(Chain::End, |rest, _| Chain::Link(Box::new(rest)))
}

pub(crate) fn a_value_nested_too_deep_is_refused_and_one_less_deep_travels() {
    let too_deep = format!("it is nested deeper than {MAX_DEPTH} levels");
    for depth in [MAX_DEPTH + 1, 1_023, 1_024, 2_000] {
        assert_eq!(refusal(&unverified(), nested(depth)), too_deep);
    }
    travels(&nested(MAX_DEPTH));
    let nodes = |length| (0..length).fold(Node { next: None }, |next, _| Node { next: Some(Box::new(next)) });
    // Each is two levels, and the last one is one.
    travels(&nodes((MAX_DEPTH - 1) / 2));
    assert_eq!(refusal(&unverified(), nodes(MAX_DEPTH / 2)), too_deep);
}

pub(crate) fn nesting_overflows_no_stack() {
    // In a process of its own, which an overflow would end.
    let put = || {
        // Dropping it would need the stack, too.
        let refused = ManuallyDrop::new(unverified().put(chain(10_000)));
        u8::from(!matches!(*refused, Err(PutError::Unserialisable { .. })))
    };
    let exit = Process::new("puts", put).start().expect("a process").join().expect("its end");
    assert_eq!(exit, Exit::Code(0));
    // The deepest values, on half the stack that a thread has by default.
    let (values, chains) = (verified(), unverified());
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let work = move || {
        values.put(nested(MAX_DEPTH)).expect("room");
        assert_eq!(values.get(), Ok(nested(MAX_DEPTH)));
        chains.put(chain(MAX_DEPTH)).expect("room");
        assert!(matches!(chains.get(), Ok(Chain::Link(_))));
    };
    small.spawn(work).expect("a thread").join().expect("room on its stack");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped<T>(T);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

pub(crate) fn an_option_whose_content_is_written_as_nothing_is_refused() {
    let causes = [
        refusal(&unverified(), Some(())),
        refusal(&unverified(), Some(None::<u32>)),
        refusal(&unverified(), Some(Some(None::<u32>))),
        refusal(&unverified(), Some(Value::Null)),
        refusal(&unverified(), Some(Wrapped(()))),
        refusal(&unverified(), Some(Wrapped(Wrapped(None::<u32>)))),
        refusal(&unverified(), vec![(1, Some(()))]),
        refusal(&unverified(), BTreeMap::from([("a".to_owned(), Some(None::<u32>))])),
    ];
    let expected = "Some of a value that is written as nothing, as () and None are, would be read as None";
    assert_eq!(causes, [expected; 8]);
    travels(&None::<()>);
    travels(&None::<Option<u32>>);
    travels(&Some(Some(7)));
    travels(&Some(Value::from(7)));
    travels(&Some(vec![()]));
    travels(&Some(Unit));
    travels(&Some(Wrapped(Some(7))));
    travels(&Value::Null);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Small { number: u64 },
    Large { number: u128 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rest {
    number: i128,
}

/// Reads another number than it writes.
#[derive(Debug, Deserialize)]
struct Off(u32);

impl Serialize for Off {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0 + 1).serialize(serializer)
    }
}

/// Says that it is longer than it is.
#[derive(Debug, Deserialize)]
struct Short(#[expect(dead_code, reason = "what is read is never looked at")] Vec<u32>);

impl Serialize for Short {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut elements = serializer.serialize_seq(Some(2))?;
        elements.serialize_element(&1)?;
        elements.end()
    }
}

pub(crate) fn a_verified_queue_refuses_what_would_be_read_as_another_value() {
    let cause = refusal(&verified(), Tagged::Large { number: u128::MAX });
    assert!(cause.starts_with("it could not be read again: "), "{cause}");
    let cause = refusal(&verified(), Flat { name: "a".to_owned(), rest: Rest { number: -1 } });
    assert!(cause.starts_with("it could not be read again: "), "{cause}");
    let cause = refusal(&verified(), Off(1));
    assert_eq!(cause, "another value would be read: its Serialize and its Deserialize do not fit together");
    assert_eq!(refusal(&unverified(), Short(vec![])), "a part of it has another length than its Serialize says");
    // In a debug build every queue is, unless its builder says otherwise.
    let by_default = Queue::new(1).expect("memory").put(Off(1));
    assert_eq!(by_default.is_err(), cfg!(debug_assertions), "{by_default:?}");
    assert!(unverified().put(Off(1)).is_ok());
}

pub(crate) fn a_verified_queue_takes_every_value_that_can_be_read() {
    travels(&Tagged::Small { number: u64::MAX });
    travels(&(u128::MAX, i128::MIN, u64::MAX, i64::MIN, f64::MIN_POSITIVE, -0.0_f32, 'é'));
    travels(&(0..1_000).map(|number| (number, number.to_string())).collect::<HashMap<_, _>>());
    travels(&(0..1_000).map(|number| number.to_string()).collect::<HashSet<_>>());
    travels(&json!({ "a": [1, -1, 1.5, null, true, { "b": "c" }], "d": [] }));
    travels(&BTreeMap::from([((1, "a".to_owned()), vec![Some(1.5), None])]));
    travels(&Wrapped(Unit));
    let nan = verified();
    nan.put(f64::NAN).expect("room");
    assert!(nan.get().expect("a number").is_nan());
}
