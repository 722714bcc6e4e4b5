//! The toolkit's observer: what its primitives report becomes lines of the journal.

use std::num::NonZeroU32;
use std::sync::OnceLock;

use killproof::Error;
use killproof::observe::{self, End, Location, Object, ObjectKind, Observer, OpenSpan, SpanKind, Stamp};

use crate::journal::Journal;
use crate::kinds::Mark;
use crate::line::{Keys, On, Value};
use crate::recorder::{self, Recording, Show, is_on, with_me};
use crate::scaffolding;
use crate::span::{self, Open};

/// Has every lock, queue, event and barrier that is made from now on, as long as the result lives, write
/// down which actor waits for it, which one holds it, and which one works on what came out of it. `main`
/// is the name of this process; those that are forked from it have names of their own.
///
/// ```
/// use journal::{Journal, Kind, Show};
/// use killproof::mutex::SharedMutex;
///
/// let journal = Journal::new()?;
/// let recording = journal::watch(&journal, "main", Show::default())?;
/// let mutex = SharedMutex::new(0)?;
/// *mutex.lock()? += 1;
/// drop(recording);
/// *mutex.lock()? += 1; // not recorded
/// let events = journal.events_since(0)?;
/// let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
/// assert_eq!(kinds, [Kind::Begin, Kind::End]);
/// assert_eq!((&events[0].data["doing"], &events[0].data["on"]), (&"hold-lock".into(), &"mutex 1".into()));
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if the system gives no memory for it; [`Error::Unusable`] if the program has
/// installed another observer.
pub fn watch(journal: &Journal, main: &str, show: Show) -> Result<Recording, Error> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    let mut failed = None;
    if !INSTALLED.get_or_init(|| observe::install(&Recorder).map_err(|error| failed = Some(error)).is_ok()) {
        return Err(failed.unwrap_or_else(|| Error::Unusable {
            operation: "keep a journal",
            cause: "the program has another observer".into(),
        }));
    }
    Recording::start(journal, main, show)
}

struct Recorder;

impl Observer for Recorder {
    fn made(&self, kind: ObjectKind) -> Option<NonZeroU32> {
        let number = with_me(|me| me.number(kind)).and_then(NonZeroU32::new)?;
        if scaffolding::is_on() {
            span::mark(Mark::Scaffold, name(&Object::Numbered(kind, number)), &[], std::panic::Location::caller());
        }
        Some(number)
    }

    fn begin(&self, kind: SpanKind, on: Object<'_>, at: Location) -> Option<Box<dyn OpenSpan>> {
        let child;
        let keys: Keys<'_> = match on {
            Object::File { shared: true, .. } => &[("shared", Value::True)],
            Object::Child { pid, .. } => {
                child = [("child_pid", Value::Id(pid))];
                &child
            }
            _ => &[],
        };
        let open = Open::begin(kind.into(), name(&on), keys, at)?;
        Some(Box::new(open))
    }

    fn begin_here(&self, kind: SpanKind, on: Object<'_>, at: Location) -> Option<NonZeroU32> {
        let keys: Keys<'_> = if kind == SpanKind::HoldShared { &[("shared", Value::True)] } else { &[] };
        span::begin(kind.into(), name(&on), keys, at).and_then(NonZeroU32::new)
    }

    fn end_here(&self, number: NonZeroU32, how: End) {
        span::end(number.get(), None, how);
    }

    fn released(&self) {
        recorder::unlocked();
    }

    fn mark(&self, mark: observe::Mark, on: Object<'_>, at: Location) {
        if !is_on() {
            return;
        }
        let write = |keys: Keys<'_>| span::mark(Mark::from(mark), name(&on), keys, at);
        match mark {
            observe::Mark::HandedOver { from } => {
                let (pid, tid, t) = unpacked(from);
                write(&[("from_pid", Value::Id(pid)), ("from_tid", Value::Id(tid)), ("from_t", Value::Number(t))]);
            }
            observe::Mark::OwnerDied { from_pid: pid }
            | observe::Mark::Redelivered { from_pid: Some(pid) }
            | observe::Mark::DeadLetter { from_pid: Some(pid) } => write(&[("from_pid", Value::Id(pid))]),
            observe::Mark::Redelivered { from_pid: None } | observe::Mark::DeadLetter { from_pid: None } => write(&[]),
            observe::Mark::Exits { code } => write(&[("exit", Value::ExitCode(code))]),
        }
    }

    fn stamp(&self) -> Stamp {
        with_me(|me| packed(me.pid, me.tid, me.now())).unwrap_or_default()
    }

    fn forked(&self) {
        recorder::forked();
    }
}

/// A stamp is the actor's ids and the time.
fn packed(pid: i32, tid: i32, t: u64) -> Stamp {
    Stamp([u64::from(pid.cast_unsigned()) << 32 | u64::from(tid.cast_unsigned()), t])
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of a word")]
fn unpacked(Stamp([ids, t]): Stamp) -> (i32, i32, u64) {
    (((ids >> 32) as u32).cast_signed(), (ids as u32).cast_signed(), t)
}

/// What the journal calls an object: `queue 2` is the second that was made, a file's lock has its file's name.
fn name<'a>(object: &'a Object<'_>) -> On<'a> {
    let (kind, number) = match object {
        Object::Process | Object::FirstChild => return On::Itself,
        Object::Child { name, .. } => return On::Named(name),
        Object::File { path, .. } => return On::File(path),
        Object::Numbered(kind, number) => (*kind, *number),
    };
    let kind = match kind {
        ObjectKind::Mutex => "mutex",
        ObjectKind::Queue => "queue",
        ObjectKind::Event => "event",
        ObjectKind::Barrier => "barrier",
        ObjectKind::Semaphore => "semaphore",
        ObjectKind::Condvar => "condvar",
        ObjectKind::RwLock => "rwlock",
    };
    On::Numbered(kind, number.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_unpacked_as_it_was_packed() {
        assert_eq!(unpacked(packed(i32::MAX, 7, u64::MAX)), (i32::MAX, 7, u64::MAX));
    }
}
