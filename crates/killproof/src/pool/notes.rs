//! Where a task panicked, which the program's panic hook alone knows.

use std::cell::Cell;
use std::panic::PanicHookInfo;

use crate::primitive::{identity, thread_local};

thread_local! {
    /// The process whose thread runs a task, by its generation: what the task forks inherits this, and runs none.
    static RUNS: Cell<Option<u64>> = const { Cell::new(None) };
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Notes where a task of a pool panics. True if the caller's thread runs one: then the owner of the pool learns of the
/// panic as [`TaskError::Panicked`](super::TaskError::Panicked), and the hook need not print it.
///
/// The toolkit sets no panic hook: the hook belongs to the program. One that calls this function spares the program
/// the lines that each worker would print, and gives the error its place.
///
/// ```
/// use killproof::pool::{self, Pool, PoolError, TaskError};
///
/// let before = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |info| if !pool::note_panic(info) { before(info) }));
///
/// let pool = Pool::new(2, |n: u32| 100 / n)?;
/// let Err(PoolError::Task(TaskError::Panicked { task, message, place, .. })) = pool.map([1, 0]) else { panic!() };
/// assert_eq!((task, &*message), (1, "attempt to divide by zero"));
/// assert!(place.is_some_and(|place| place.contains(".rs:")));
/// # Ok::<(), PoolError>(())
/// ```
pub fn note_panic(info: &PanicHookInfo<'_>) -> bool {
    let runs = RUNS.try_with(Cell::get).is_ok_and(|runs| runs == Some(identity::generation()));
    if runs {
        let place = info.location().map(ToString::to_string);
        let _ = PLACE.try_with(|noted| noted.set(place));
    }
    runs
}

/// Calls `task`, whose panics are noted.
#[inline]
pub(super) fn running<T>(task: impl FnOnce() -> T) -> T {
    /// A panic ends it as well.
    struct Running;
    impl Drop for Running {
        fn drop(&mut self) {
            RUNS.set(None);
        }
    }
    RUNS.set(Some(identity::generation()));
    let _running = Running;
    task()
}

/// Where the last task panicked, if that was noted.
pub(super) fn take_place() -> Option<String> {
    PLACE.take()
}
