//! What serves a demonstration alone: an event that holds actors back until a schedule is as it shall be, a queue that
//! carries their results. It is no part of the lesson, and the journal says so.

use std::cell::Cell;

thread_local! {
    /// How many calls of [`scaffold`] this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Does `work`. Each object that it makes, and each span that it begins, serves the demonstration alone, which the
/// journal says of them: pictures leave them out unless they are asked for.
///
/// ```
/// use journal::{Journal, Show};
/// use killproof::sync::Event;
///
/// let journal = Journal::new()?;
/// let recording = journal::watch(&journal, "main", Show::default())?;
/// let gate = journal::scaffold(Event::new)?;
/// drop((recording, gate));
/// let events = journal.events_since(0)?;
/// assert_eq!((&events[0].data["what"], &events[0].data["on"]), (&"scaffold".into(), &"event 1".into()));
/// # Ok::<(), killproof::Error>(())
/// ```
pub fn scaffold<R>(work: impl FnOnce() -> R) -> R {
    /// Leaves the call, by a panic, too.
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    DEPTH.set(DEPTH.get() + 1);
    let _leave = Leave;
    work()
}

/// Whether the caller is in [`scaffold`].
#[inline]
pub(crate) fn is_on() -> bool {
    DEPTH.get() > 0
}
