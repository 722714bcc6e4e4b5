//! Notes 6 and 7: first in, first out, between threads and then between processes.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use common::actor::{Actor, joined};
use common::cli::{CommonOptions, Scene, Section};
use common::journal::Kind;
use common::pace::PATIENCE;
use common::queue::{PutError, PutFailure, Queue};
use common::report::Is;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, interrupt, procfs, say, text};
use crossbeam_channel::{TrySendError, bounded};

/// A queue: first in, first out.
///
/// Whoever puts a value and whoever gets it need not meet: the queue keeps it in between, in order.
/// A bounded queue also holds a fast producer back: put waits while it is full, as get waits while
/// it is empty. Threads share memory, so a queue of the language serves them; processes do not, so
/// theirs lies in memory that the kernel maps into each of them.
///
/// Scenes:
///   fifo       a to f through a queue of six, from one thread to another
///   full       put on the full queue waits, gives up after its timeout, and succeeds after a get
///   processes  a dish from one process to another, also when the first has ended before
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
    const SCENES: &'static [Scene<Self>] = &[("fifo", fifo), ("full", full), ("processes", processes)];

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

/// The notes' `queue.Queue(6)`, with a thread at each end.
fn fifo(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let in_order = claim!(stage, Is(LETTERS.join(" ")), "what was put first is got first", "先进先出")?;
    let six = claim!(stage, Is(6), "after six puts, six values wait in the queue", "放入六个之后,队列里有六个")?;
    let refused =
        claim!(stage, Is(SEVENTH), "the full queue refuses a seventh, and hands it back", "队列满了,第七个被退回")?;

    let (sender, receiver) = bounded(LETTERS.len());
    let put = |actor: &Actor| {
        for letter in LETTERS {
            say!(actor, "puts {letter}", "放入 {letter}")?;
            // There is room for all six: a queue that would make us wait fails here, and later the checks.
            let _ = sender.try_send(letter);
        }
        let waiting = sender.len();
        let handed_back = match sender.try_send(SEVENTH) {
            Err(TrySendError::Full(letter)) => letter,
            Err(TrySendError::Disconnected(_)) => "disconnected",
            Ok(()) => "accepted",
        };
        say!(actor, "full: {handed_back} finds no room", "满了:{handed_back} 放不进去")?;
        Ok::<_, Error>((waiting, handed_back))
    };
    let get = |actor: &Actor| {
        let letters: Vec<&str> = receiver.try_iter().take(LETTERS.len()).collect();
        actor.say(letters.join(" "))?;
        Ok::<_, Error>(letters.join(" "))
    };
    let ((waiting, handed_back), got) = thread::scope(|scope| {
        // Forced, and said: between the two threads nobody but the queue has the six.
        let filling = joined(stage.thread(scope, text!(stage, "putter", "放入者"), put)?)?;
        say!(stage, "the putter has ended; only now the getter is started", "放入者已经结束,现在才启动取出者")?;
        let got = joined(stage.thread(scope, text!(stage, "getter", "取出者"), get)?)?;
        Ok::<_, Error>((filling, got))
    })?;

    stage.check(in_order, got)?;
    stage.check(six, waiting)?;
    stage.check(refused, handed_back)?;
    Ok(())
}

/// A seventh value for a queue of six, between processes.
fn full(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let gives_up = claim!(
        stage,
        Is(SEVENTH),
        "put on the full queue gives up after its timeout, and hands the value back",
        "队列满了,put 超时后放弃,并退回数据"
    )?;
    let asleep = claim!(
        stage,
        Is("S"),
        "without a timeout it waits: the kernel shows its process asleep (S) while the queue is full",
        "不设超时就一直等待:队列满着,内核显示该进程在睡眠(S)"
    )?;
    let after_get = claim!(stage, Is(true), "it succeeds only after a get has made room", "取走一个之后,它才成功")?;
    let in_order = claim!(
        stage,
        Is("a b c d e f g"),
        "all seven come out in order, the seventh last",
        "七个都按次序取出,第七个排在最后"
    )?;

    let queue = Queue::builder(LETTERS.len()).max_message(MESSAGE).build()?;
    for letter in LETTERS {
        queue.put(letter.to_owned())?;
    }
    let letters = LETTERS.join(" ");
    say!(stage, "the queue is full: {letters}", "队列满了:{letters}")?;

    let (began, timeout) = (Instant::now(), stage.speed().scale(Duration::from_secs(1)));
    let handed_back = match queue.put_timeout(SEVENTH.to_owned(), timeout) {
        Err(PutError { value, reason: PutFailure::TimedOut }) => value,
        Err(other) => return Err(other.into()),
        Ok(()) => "accepted".to_owned(),
    };
    let waited = began.elapsed();
    say!(stage, "no room in time: {handed_back} comes back", "超时没有空位:{handed_back} 被退回")?;

    let (about_to_put, is_in) = (Event::new()?, Event::new()?);
    let put = |actor: &Actor| {
        say!(actor, "puts {SEVENTH}, without a timeout", "放入 {SEVENTH},不设超时")?;
        about_to_put.set();
        queue.put(SEVENTH.to_owned())?;
        is_in.set();
        actor.say(is_in_line(actor))
    };
    let mut putter = stage.process(text!(stage, "putter", "放入者"), put).start()?;
    about_to_put.wait(PATIENCE)?;
    let at_rest = state_at_rest(putter.pid())?;
    let still_full = queue.is_full() && !is_in.is_set();
    say!(stage, "the putter waits, and nobody gets before main does", "放入者在等待,主进程不取就没有人取")?;
    stage.pause(Duration::from_secs(5))?;
    let gets = text!(stage, "gets a", "取出 a");
    stage.say(gets.clone())?;
    let mut got = vec![queue.get()?];
    stage.join(&mut putter)?;

    while !queue.is_empty() {
        got.push(queue.get()?);
    }
    stage.say(got.join(" "))?;
    stage.figure("timeout", timeout.as_secs_f64(), "s")?;
    stage.figure("waited", waited.as_secs_f64(), "s")?;
    stage.check(gives_up, handed_back)?;
    stage.check(asleep, if still_full { at_rest } else { "not full".to_owned() })?;
    let in_this_order = stage.said_before(&gets, &is_in_line(stage))?;
    stage.check(after_get, in_this_order)?;
    stage.check(in_order, got.join(" "))?;
    Ok(())
}

fn is_in_line(actor: &Actor) -> String {
    text!(actor, "{SEVENTH} is in", "{SEVENTH} 放进去了")
}

/// The state of a process as soon as it sleeps or has ended. The kernel sends no word of that, so look again and again.
fn state_at_rest(pid: i32) -> Result<String, Error> {
    let began = Instant::now();
    loop {
        let status = procfs::status(pid)?;
        match status.map(|status| status.state) {
            Some(state) if state != 'S' && state != 'Z' && began.elapsed() < PATIENCE => {
                interrupt::sleep(Duration::from_millis(1))?;
            }
            state => return Ok(state.map_or_else(|| "gone".to_owned(), String::from)),
        }
    }
}

/// The notes' `task1` and `task2`: one puts a dish, the other prints it.
fn processes(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let dish = text!(stage, "kung pao chicken", "宫保鸡丁");
    let later = text!(stage, "mapo tofu", "麻婆豆腐");
    let arrives = claim!(stage, Is(&*dish), "task2 prints what task1 has put", "task2 打印出 task1 放入的菜")?;
    let three =
        claim!(stage, Is(3), "main, task1 and task2 are three processes", "主进程、task1、task2 是三个不同的进程")?;
    let kept = claim!(
        stage,
        Is(&*later),
        "what a process put before it ended reaches one that was born later",
        "放入者已经结束,之后才出生的进程仍能取到它放入的菜"
    )?;

    let queue = Queue::builder(LETTERS.len()).max_message(MESSAGE).build()?;
    let puts = |actor: &Actor, dish: &str| {
        say!(actor, "puts {dish}", "放入{dish}")?;
        queue.put(dish.to_owned()).map_err(Error::from)
    };
    let prints = |actor: &Actor| actor.say(queue.get()?);

    let task1 = stage.process("task1", |actor| puts(actor, &dish)).start()?;
    let task2 = stage.process("task2", prints).start()?;
    stage.join_all(&mut [task1, task2])?;

    stage.join(&mut stage.process("task1'", |actor| puts(actor, &later)).start()?)?;
    say!(stage, "task1' has ended; only now task2' is started", "task1' 已经结束,现在才启动 task2'")?;
    stage.join(&mut stage.process("task2'", prints).start()?)?;

    let events = stage.events()?;
    let said = |actor: &str| events.iter().find(|event| event.kind == Kind::Say && event.actor == actor);
    let text = |actor: &str| said(actor).and_then(|event| event.text.clone());
    let pids = [said("task1"), said("task2")].into_iter().flatten().map(|event| event.pid);
    let pids: BTreeSet<i32> = pids.chain([std::process::id().cast_signed()]).collect();
    stage.check(arrives, text("task2"))?;
    stage.check(three, pids.len())?;
    stage.check(kept, text("task2'"))?;
    Ok(())
}
