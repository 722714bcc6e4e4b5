//! Vectors in shared memory.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};

use killproof::Error;
use killproof::process::{Exit, Process};
use killproof::shared::SharedVec;

pub(crate) fn what_a_child_stores_in_a_vector_its_parent_sees() {
    for length in [1, 7, 4096, 100_000] {
        let values = SharedVec::from_fn(length, |index| AtomicU64::new(index as u64)).expect("memory");
        let adds = || values.iter().for_each(|value| _ = value.fetch_add(1, Ordering::Relaxed));
        let mut children = ["one", "other"].map(|name| Process::new(name, adds).start().expect("a process"));
        for child in &mut children {
            assert_eq!(child.join().expect("its end"), Exit::Code(0));
        }
        assert_eq!(values.len(), length);
        assert!(values.iter().zip(2..).all(|(value, expected)| value.load(Ordering::Relaxed) == expected));
    }
}

pub(crate) fn a_vector_may_be_empty_and_is_refused_when_it_is_too_large() {
    assert!(SharedVec::<u64>::zeroed(0).expect("no memory is needed").is_empty());
    assert_eq!(SharedVec::<()>::zeroed(usize::MAX).expect("no memory is needed").len(), usize::MAX);
    for length in [usize::MAX, usize::MAX / 8, 1 << 50] {
        let refused = SharedVec::<u64>::zeroed(length).map(|values| values.len());
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    }
    let panics = || SharedVec::from_fn(3, |index| if index == 2 { panic::resume_unwind(Box::new(())) } else { index });
    assert!(panic::catch_unwind(AssertUnwindSafe(panics)).is_err());
}
