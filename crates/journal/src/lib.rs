//! The record of one run: who said, did, waited, held and died, and when.
//!
//! Every event is one line of JSON, written by one append to a [log](killproof::log) that all processes of
//! the run share. So an event survives the death of its writer in the next instruction, lines of several
//! processes never mix, no kill tears one, and nothing is left on disk after the run. Times are nanoseconds
//! on one monotonic clock since the run began, the same for all processes.
//!
//! The log is in memory alone, and each of its records is a line with its newline. A line whose writer was killed
//! while it wrote it is a hole in the log, which readers pass over: [`Journal::holes`] counts them. A pipe
//! takes each line of `--format jsonl` whole as well; a file does not, so a kill may tear the line that is being
//! written to it.
//!
//! # The lines
//!
//! Every line has `t` (when), `pid` and `tid` (which process and thread), `actor` (its name, in the
//! run's language) and `kind`. This is version [`VERSION`], which the first line bears as `version`:
//!
//! An event that a line of a section's code made has that line as `at`: `crates/race/src/lib.rs:123`. (An `end` has none:
//! its `begin` does. Nor has what the toolkit did by itself.) A text that comes from a table of words has its `key` in that
//! table and its `args`; its words in the other languages are `words`, an object by language: on a `claim`, `say`,
//! `ready` or `check` for its text, on a `born` for the child's name.
//!
//! What was expected and observed may be words, too: `expected_words` and `observed_words` are those of the other
//! languages. The name of a `unit` is English in every run, and `unit_words` has the unit in other languages.
//!
//! | `kind` | what happened | further keys |
//! |---|---|---|
//! | `run` | the run began | `version`, `section`, `seed`, `speed`, `lang` |
//! | `scene` | a scene began | `text`: its name |
//! | `claim` | something was claimed before the act | `text`, `number`: its place among the claims of its scene, `expected` |
//! | `say` | the actor said something | `text` |
//! | `born` | a process or thread began; written by the process's parent, by a thread itself | `child`, `child_pid`, `child_tid`, `parent`: the pid of the process that started it |
//! | `ended` | it ended; written by the process that reaped it, by a thread itself | `child`, `child_pid`, `child_tid`, `exit`: `code 0`, `signal SIGKILL`; `returned` for a thread; `unknown` if the kernel reaped it |
//! | `pause` | the actor pauses | `ns`: for how long at most |
//! | `ready` | a program is ready for others | `text`: for what |
//! | `begin` | the actor begins a span | `span`, `doing`, `on`; `shared`: true, if others may hold the same lock meanwhile; `scaffold`: true, if the span serves the demonstration alone; `child_pid` of a `wait-child` |
//! | `end` | it ends one | `span`; `how`, unless it is the usual end: `timed out`, `interrupted`; `panicked` for a lock or for work; `returned` for work that was not done |
//! | `mark` | something happened at this instant | `what`, `on`, and what the table below says |
//! | `figure` | a number was measured | `text`: its name, `value`, `unit`; `measure` of what `subject`, if it stands beside others |
//! | `check` | a claim was held against what was seen | `text`, `expected`, `observed`, `held`: true, false, or null where what was seen proves nothing; then `doubt`: why, in the other languages `doubt_words` |
//!
//! Locks, queues, events, barriers and children write `begin`, `end` and `mark` by themselves; servers do by
//! [`connection`], and what waits outside the toolkit does by [`wait`]. `on` says which it is: a lock on a file by the
//! file's name, a child or a thread by its name (empty: the child that ends first), a client by its port
//! (`client 51234`), another program by its name or address, everything else by its place among all of its kind in the run
//! (`mutex 1`, `queue 2`, `event 1`, `barrier 1`, `semaphore 1`, `condvar 1`, `rwlock 1`).
//!
//! | `doing` | from | to |
//! |---|---|---|
//! | `wait-lock` | another actor holds the lock | it is this actor's, or given up |
//! | `hold-lock` | right after it was taken | right before it is free: of one lock, no two that are not `shared` overlap |
//! | `wait-put`, `wait-get` | falling asleep at a full or empty queue | the value is in or out, or it is given up |
//! | `wait-join` | falling asleep, because values are not done | all are done, or it is given up |
//! | `work` | a [`Delivery`](killproof::queue::Delivery) was taken | it is done, or goes back |
//! | `wait-event` | the event is not set | it is set, or given up |
//! | `wait-barrier` | other parties have not arrived | all have, or it is given up |
//! | `wait-permit` | every permit of a semaphore is held | one is this actor's, or it is given up |
//! | `hold-permit` | right after a permit was taken | right before it is free; several may overlap |
//! | `wait-notify` | falling asleep at a condition variable | a notification, or a waking without one, or it is given up |
//! | `wait-child` | the child has not ended | it has, or the wait is given up |
//! | `wait-thread` | the thread has not ended | it has |
//! | `wait-io` | there is nothing to read from another program, or no room to write | there is, or the wait is given up |
//! | `wait-disk` | right before data is written to the disk itself | it is written |
//! | `connection` | a thread serves one client alone | the connection is closed |
//!
//! What does not block is no wait: a put that finds room writes nothing.
//!
//! | `what` | written by | further keys |
//! |---|---|---|
//! | `handed over` | the consumer that gets a value for the first time | `from_pid`, `from_tid`: the producer, `from_t`: when it put the value |
//! | `redelivered` | the consumer that gets it again | `from_pid`: the last that died with it, if one did |
//! | `dead letter` | the process that gave a value up | `from_pid`: the last that died with it, if that is why |
//! | `owner died` | the new holder of a mutex whose holder died, or panicked, inside | `from_pid`: that holder |
//! | `exits` | a process that ends by itself, right before it does; `on` is empty | `exit`: `code 0`. Until it is reaped (`ended`) it is a zombie |
//! | `accepted` | the acceptor of a client | |
//! | `closed` | the closer of a client's connection | `received`, `sent`: how many bytes came and went |
//! | `read` | an actor that has read a number from a file which others change | `value` |
//! | `write` | an actor that has written one there | `value` |
//! | `scaffold` | the maker of an object that serves the demonstration alone: it is no part of the lesson | |
//! | `record full` | the first writer that found no room in a [bounded](Journal::bounded) journal, which ends here | |
//!
//! # How to read it
//!
//! - A `span` is a number that is unique within its `pid` and `tid`. An `end` bears the `pid`, `tid` and `actor` of its
//!   `begin`, even where another thread has ended it.
//! - The spans of an actor nest as its guards and deliveries do. An actor that frees its first lock while it
//!   holds a second one has spans that overlap.
//! - The `t` of an actor rise from line to line. Lines of different actors stand in the order in which they
//!   were written, which is nearly the order of their times.
//! - A span without an `end` was cut by its actor's death, or by the end of the run. The death is known by `ended`, which is
//!   when the death was noticed: the kernel may have freed a dead holder's lock, and a queue may have
//!   handed its delivery to another consumer, a moment before.

#![forbid(unsafe_code)]

pub mod access;
pub mod connection;
mod event;
mod journal;
mod kinds;
mod lang;
mod line;
mod observer;
mod recorder;
mod scaffolding;
mod source_line;
mod span;
pub mod wait;

pub use event::{Event, Kind, LINE, VERSION};
pub use journal::{Journal, MOST};
pub use kinds::{Doing, Mark};
pub use lang::Lang;
pub use observer::watch;
pub use recorder::{Recording, Show, holds_a_lock, is_on as is_recording};
pub use scaffolding::scaffold;
pub use source_line::at as source_line;

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
