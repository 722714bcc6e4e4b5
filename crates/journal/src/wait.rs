//! What an actor waits for outside the toolkit: a thread's end, another program, the disk, an event of another library.

use std::fmt::Display;
use std::panic::Location;

use killproof::observe::{End, OpenSpan};

use crate::kinds::Doing;
use crate::line::On;
use crate::span::Open;

/// While it lives, the thread that made it waits.
#[derive(Debug)]
#[must_use = "the wait lasts until this is dropped"]
pub struct Waiting {
    span: Option<Open>,
}

impl Waiting {
    #[track_caller]
    fn begin(doing: Doing, on: &dyn Display) -> Self {
        Self { span: Open::begin(doing, On::Named(on), &[], Location::caller()) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(span) = &mut self.span {
            span.end(End::Usual);
        }
    }
}

/// Records that the caller waits for the end of the thread that is called so. Costs one load if nothing is recorded, as
/// all of these.
///
/// ```
/// use journal::{Journal, Show, wait};
///
/// let journal = Journal::new()?;
/// let recording = journal::watch(&journal, "main", Show::default())?;
/// let (release, released) = std::sync::mpsc::channel();
/// let thread = std::thread::spawn(move || released.recv());
/// let waiting = wait::for_thread("thread 1");
/// release.send(()).expect("a thread that waits");
/// thread.join().expect("a thread that does not panic").expect("what was sent");
/// drop((waiting, recording));
/// let begins = &journal.events_since(0)?[0];
/// assert_eq!((&begins.data["doing"], &begins.data["on"]), (&"wait-thread".into(), &"thread 1".into()));
/// # Ok::<(), killproof::Error>(())
/// ```
#[track_caller]
pub fn for_thread(name: impl Display) -> Waiting {
    Waiting::begin(Doing::WaitThread, &name)
}

/// Records that the caller waits for another program, which is called so: to read from it, or to write to it.
#[track_caller]
pub fn for_io(name: impl Display) -> Waiting {
    Waiting::begin(Doing::WaitIo, &name)
}

/// Records that the caller waits until the file that is called so is on the disk.
#[track_caller]
pub fn for_disk(name: impl Display) -> Waiting {
    Waiting::begin(Doing::WaitDisk, &name)
}

/// Records that the caller waits for an event that is not the toolkit's.
#[track_caller]
pub fn for_event(name: impl Display) -> Waiting {
    Waiting::begin(Doing::WaitEvent, &name)
}
