//! Notes 6 and 7: first in, first out, between threads and then between processes.

#![forbid(unsafe_code)]

mod claims;
mod help;
mod words;

use std::thread;
use std::time::{Duration, Instant};

use common::actor::{Actor, joined};
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::queue::{PutTimeoutError, Queue};
use common::stage::Stage;
use common::sync::Event;
use common::units;
use common::words::Text;
use common::{Error, interrupt, procfs};
use crossbeam_channel::{TrySendError, bounded};

/// A queue: first in, first out.
///
/// A producer and a consumer need not meet: the queue keeps the values between them, in order.
/// A bounded queue also holds a fast producer back: put waits while it is full, as get waits while
/// it is empty. Threads share memory, so a queue of the language serves them; processes do not, so
/// theirs lies in memory that the kernel maps into each of them.
///
/// Scenes:
///   fifo       a to f through a queue of six, from one thread to another
///   full       put on the full queue waits, gives up after its timeout, and succeeds after a get
///   processes  a dish from one process to another, even after the first has ended
#[derive(Debug, clap::Parser)]
#[command(name = "ipc-queue", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  ipc-queue                         all scenes, ten times as fast as the notes
  ipc-queue --scene full --speed 1  one second and five at the full queue, in full
  ipc-queue --lang zh               in the words of the notes";

impl Section for Options {
    const NAME: &'static str = "ipc-queue";
    const SCENES: &'static [Scene<Self>] = &[
        ("fifo", |_, stage| stage.play(claims::fifo(), fifo).map(drop)),
        ("full", |_, stage| stage.play(claims::full(), full).map(drop)),
        ("processes", |_, stage| stage.play(claims::processes(stage.lang()), processes)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// What the notes put into their queue, which has room for exactly these.
const LETTERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// The value for which there is no room.
const SEVENTH: &str = "g";

/// The largest message of these lessons, in bytes: room for the name of a dish.
const MESSAGE: usize = 64;

struct Fifo {
    /// Values in the queue after six puts.
    waiting: usize,
    /// The seventh, if the full queue refused it.
    handed_back: Option<&'static str>,
    got: String,
}

/// The notes' `queue.Queue(6)`, with a thread at each end.
fn fifo(stage: &mut Stage) -> Result<Fifo, Error> {
    let (sender, receiver) = bounded(LETTERS.len());
    let put = |actor: &Actor| -> Result<_, Error> {
        for letter in LETTERS {
            actor.say(words::puts(letter))?;
            // There is room for all six: a queue without room refuses here, and the checks fail.
            let _ = sender.try_send(letter);
        }
        let waiting = sender.len();
        let handed_back = sender.try_send(SEVENTH).err().filter(TrySendError::is_full).map(TrySendError::into_inner);
        handed_back.map_or(Ok(()), |letter| actor.say(words::finds_no_room(letter)))?;
        Ok((waiting, handed_back))
    };
    let get = |actor: &Actor| -> Result<_, Error> {
        let letters: Vec<&str> = receiver.try_iter().take(LETTERS.len()).collect();
        actor.say(words::printed(letters.join(" ")))?;
        Ok(letters.join(" "))
    };
    thread::scope(|scope| {
        let (waiting, handed_back) = joined(stage.thread(scope, words::producer(), put)?)?;
        // Forced: between the two threads only the queue has the six.
        stage.say(words::producer_has_ended())?;
        let got = joined(stage.thread(scope, words::consumer(), get)?)?;
        Ok(Fifo { waiting, handed_back, got })
    })
}

struct Full {
    /// The seventh, if the put with a timeout gave up.
    handed_back: Option<String>,
    /// The producer's, as the kernel shows it while the queue is full.
    state_at_full_queue: Option<Text>,
    got: String,
}

/// A seventh value for a queue of six, between processes.
fn full(stage: &mut Stage) -> Result<Full, Error> {
    let q = Queue::builder(LETTERS.len()).max_message(MESSAGE).build()?;
    for letter in LETTERS {
        q.put(letter.to_owned())?;
    }
    stage.say(words::queue_is_full(LETTERS.join(" ")))?;
    let handed_back = put_with_timeout(stage, &q)?;
    let (state_at_full_queue, first) = put_until_a_get(stage, &q)?;
    let mut got = vec![first];
    while !q.is_empty() {
        got.push(q.get()?);
    }
    let got = got.join(" ");
    stage.say(words::printed(&got))?;
    Ok(Full { handed_back, state_at_full_queue, got })
}

/// The notes' `task1` and `task2`: one puts a dish, the other prints it.
fn processes(stage: &mut Stage) -> Result<(), Error> {
    let q = Queue::builder(LETTERS.len()).max_message(MESSAGE).build()?;
    let task1 = |actor: &Actor, dish: Text| {
        actor.say(words::puts_dish(&dish))?;
        q.put(dish.in_lang(actor.lang())).map_err(Error::from)
    };
    let task2 = |actor: &Actor| actor.say(words::printed(q.get()?));

    let p1 = stage.process(words::task(1), |actor| task1(actor, words::kung_pao_chicken())).start()?;
    let p2 = stage.process(words::task(2), task2).start()?;
    stage.join_all(&mut [p1, p2])?;

    let mut p1 = stage.process(words::task_again(1), |actor| task1(actor, words::mapo_tofu())).start()?;
    stage.join(&mut p1)?;
    stage.say(words::task1_has_ended())?;
    stage.join(&mut stage.process(words::task_again(2), task2).start()?)
}

/// Main puts the seventh with a timeout, and gets it back.
fn put_with_timeout(stage: &mut Stage, q: &Queue<String>) -> Result<Option<String>, Error> {
    let (began, timeout) = (Instant::now(), stage.speed().scale(Duration::from_secs(1)));
    let put = q.put_timeout(SEVENTH.to_owned(), timeout);
    let waited = began.elapsed();
    stage.figure(words::timeout(), timeout.as_secs_f64(), units::s())?;
    stage.figure(words::waited(), waited.as_secs_f64(), units::s())?;
    let handed_back = match put {
        Ok(()) => return Ok(None),
        Err(PutTimeoutError::TimedOut(value)) => value,
        Err(other) => return Err(other.into()),
    };
    stage.say(words::no_room_in_time(&handed_back))?;
    Ok(Some(handed_back))
}

/// Another process puts the seventh without a timeout: it waits until main gets the first.
fn put_until_a_get(stage: &Stage, q: &Queue<String>) -> Result<(Option<Text>, String), Error> {
    let (about_to_put, is_in) = (scaffold(Event::new)?, scaffold(Event::new)?);
    let put = |actor: &Actor| {
        actor.say(words::puts_and_waits(SEVENTH))?;
        about_to_put.set();
        q.put(SEVENTH.to_owned())?;
        is_in.set();
        actor.say(words::is_in(SEVENTH))
    };
    let mut producer = stage.process(words::producer(), put).start()?;
    about_to_put.wait(PATIENCE)?;
    let at_rest = state_at_rest(producer.pid())?;
    let still_full = q.is_full() && !is_in.is_set();
    stage.say(words::producer_waits())?;
    stage.pause(Duration::from_secs(5))?;
    stage.say(words::gets(LETTERS[0]))?;
    let first = q.get()?;
    stage.join(&mut producer)?;
    Ok((still_full.then_some(at_rest), first))
}

/// The state of a process as soon as it sleeps or has ended. The kernel does not announce it, so this polls.
fn state_at_rest(pid: i32) -> Result<Text, Error> {
    let began = Instant::now();
    loop {
        let status = procfs::status(pid)?;
        match status.map(|status| status.state) {
            Some(state) if state != 'S' && state != 'Z' && began.elapsed() < PATIENCE => {
                interrupt::sleep(Duration::from_millis(1))?;
            }
            state => return Ok(state.map_or_else(words::gone, |state| state.to_string().into())),
        }
    }
}
