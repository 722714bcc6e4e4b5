//! The honesty of a scene: what does not hold, or was never looked at, is a failure. And a slow reader of
//! its output holds up no lock.

use std::io::{PipeWriter, Read, pipe};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use clap::Parser;
use common::Error;
use common::actor::Actor;
use common::claims::Claims;
use common::cli::{CommonOptions, Scene, Section, run_tool, run_with};
use common::help::Help;
use common::journal::Kind;
use common::mutex::SharedMutex;
use common::pace::PATIENCE;
use common::process::{self, Exit, Process};
use common::procfs;
use common::report::Is;
use common::stage::Stage;
use common::sync::Event;
use support::forking;
use support::serde_json::Value;

common::words! {
    fn one_is_one() { en: "one is one", zh: "一等于一" }
    fn is_fast() { en: "it is fast", zh: "它很快" }
    fn was_busy() { en: "this machine was busy", zh: "这台机器很忙" }
    fn two_is_one() { en: "two is one", zh: "二等于一" }
}

/// A section with one scene for each way to end.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

impl Section for Options {
    const NAME: &'static str = "demo";
    const SCENES: &'static [Scene<Self>] = &[
        ("holds", holds),
        ("does-not-hold", does_not_hold),
        ("leaves-open", leaves_open),
        ("forgets", forgets),
        ("fails", fails),
        ("talks", talks),
        ("speaks-late", speaks_late),
    ];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

fn holds(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let one = stage.claim(one_is_one(), Is(1))?;
    assert!(stage.check(one, 1)?);
    Ok(())
}

fn does_not_hold(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let one = stage.claim(two_is_one(), Is(1))?;
    assert!(!stage.check(one, 2)?);
    Ok(())
}

/// What was observed would fail the one check, and hold the other.
fn leaves_open(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let doubt = |(): &(), _: &_| Some(was_busy());
    let claims = Claims::<()>::new().claim_of_measurement(is_fast(), Is(1), doubt, |(), _| 2);
    stage.play(claims, |_| Ok(()))?;
    let one = stage.claim(one_is_one(), Is(1))?;
    stage.leave_open(one, 1, was_busy())?;
    let checks = stage.events()?.into_iter().filter(|event| event.kind == Kind::Check);
    let told: Vec<_> = checks.map(|event| ["observed", "held", "doubt"].map(|key| event.data[key].clone())).collect();
    let busy = || Value::from("this machine was busy");
    assert_eq!(told, [[2.into(), Value::Null, busy()], [1.into(), Value::Null, busy()]]);
    Ok(())
}

fn forgets(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let _never_checked = stage.claim(one_is_one(), Is(1))?;
    Ok(())
}

/// A child fails first, and its error reaches main.
fn fails(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let fails = |_: &_| -> Result<(), Error> { Err(Error::Usage("on purpose".into())) };
    let mut child = stage.process("child", fails).start()?;
    stage.join(&mut child)
}

/// More than a pipe takes (64 KiB), in lines.
const LINES: usize = 2_000;

/// A lock holder says more than the output takes, whose reader does not read before the next holder has come.
fn talks(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (mutex, held, waits) = (SharedMutex::new(0_u32)?, Event::new()?, Event::new()?);
    let talker = |actor: &Actor| -> Result<(), Error> {
        let mut guard = mutex.lock()?;
        held.set();
        waits.wait(PATIENCE)?;
        for _ in 0..LINES {
            actor.say("a line of an actor that holds a lock")?;
        }
        *guard += 1;
        Ok(())
    };
    let next = |_: &Actor| -> Result<(), Error> {
        held.wait(PATIENCE)?;
        waits.set();
        let mut guard = mutex.lock_timeout(PATIENCE)?;
        *guard += 1;
        // The reader of the output reads only now. With the lock still held: to free it is to write the lines of
        // the journal that waited, into an output that may be full.
        reader_may_read().set();
        Ok(())
    };
    let mut children = [stage.process("talker", talker).start()?, stage.process("next", next).start()?];
    stage.join_all(&mut children)
}

/// What a lock holder says first is shown last: when the lock is free.
fn speaks_late(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (mutex, has_said, other_has_said) = (SharedMutex::new(0_u32)?, Event::new()?, Event::new()?);
    let holder = |actor: &Actor| -> Result<(), Error> {
        let _guard = mutex.lock()?;
        actor.say("said first")?;
        has_said.set();
        Ok(other_has_said.wait(PATIENCE)?)
    };
    let other = |actor: &Actor| -> Result<(), Error> {
        has_said.wait(PATIENCE)?;
        // A time that is printed has milliseconds: the next one has another.
        let now = Instant::now();
        while now.elapsed() < Duration::from_millis(2) {}
        actor.say("said last")?;
        other_has_said.set();
        Ok(())
    };
    let mut children = [stage.process("holder", holder).start()?, stage.process("other", other).start()?];
    stage.join_all(&mut children)
}

/// The event of this round, which the next holder of the lock sets. A static, because a scene has no other
/// way to its caller.
fn reader_may_read() -> &'static Event {
    static MAY_READ: OnceLock<[Event; 2]> = OnceLock::new();
    let events = MAY_READ.get_or_init(|| [(); 2].map(|()| Event::new().expect("memory")));
    &events[ROUND.load(Relaxed)]
}

static ROUND: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn a_reader_that_does_not_read_makes_no_process_wait_for_a_lock() {
    for (round, format) in ["text", "jsonl"].into_iter().enumerate() {
        ROUND.store(round, Relaxed);
        let (mut output, input) = pipe().expect("a pipe");
        assert!(!reader_may_read().is_set());
        let run = |input: PipeWriter| {
            nix::unistd::dup2_stdout(&input).expect("standard output");
            drop(input);
            run_with::<Options>(["demo", "--scene", "talks", "--format", format].map(Into::into))
        };
        let mut run = Process::with_descriptor("run", input, run).start().expect("a process");
        forking::wait_for(&run, "the next holder got the lock", || reader_may_read().is_set());
        let mut printed = String::new();
        output.read_to_string(&mut printed).expect("text");
        assert_eq!(run.join().expect("its end"), Exit::Code(0), "{format}");
        assert_eq!(printed.matches("a line of an actor that holds a lock").count(), LINES, "{format}");
    }
}

pub(crate) fn times_rise_from_line_to_line_though_a_line_has_waited_for_a_lock() {
    let (mut output, input) = pipe().expect("a pipe");
    let run = |input: PipeWriter| {
        nix::unistd::dup2_stdout(&input).expect("standard output");
        drop(input);
        run_with::<Options>(["demo", "--scene", "speaks-late"].map(Into::into))
    };
    let mut run = Process::with_descriptor("run", input, run).start().expect("a process");
    let mut printed = String::new();
    output.read_to_string(&mut printed).expect("text");
    assert_eq!(run.join().expect("its end"), Exit::Code(0));
    let time = |line: &str| line.split_once("s ").and_then(|(time, _)| time.trim().parse::<f64>().ok());
    let said: Vec<_> = printed.lines().filter_map(|line| Some((time(line)?, line))).collect();
    assert!(said[0].1.ends_with("said last") && said[1].1.ends_with("said first"), "{printed}");
    assert!(said[0].0 <= said[1].0, "{printed}");
}

/// The exit code of a run of these scenes, in a process of its own.
fn code_of(scenes: &[&str]) -> Exit {
    let arguments: Vec<_> = scenes.iter().flat_map(|scene| ["--scene", scene]).collect();
    let run = || run_with::<Options>(["demo", "--format", "json"].iter().chain(&arguments).map(Into::into));
    Process::new("run", run).start().expect("a process").join().expect("its end")
}

pub(crate) fn a_run_whose_checks_all_hold_ends_with_code_0() {
    assert_eq!(code_of(&["holds"]), Exit::Code(0));
}

pub(crate) fn one_check_that_does_not_hold_ends_the_run_with_code_1() {
    assert_eq!(code_of(&["holds", "does-not-hold"]), Exit::Code(1));
}

pub(crate) fn a_check_without_a_verdict_has_neither_held_nor_failed() {
    assert_eq!(code_of(&["leaves-open"]), Exit::Code(0));
    assert_eq!(code_of(&["leaves-open", "does-not-hold"]), Exit::Code(1));
}

pub(crate) fn a_claim_that_is_never_checked_has_failed() {
    assert_eq!(code_of(&["forgets"]), Exit::Code(1));
}

pub(crate) fn an_error_of_a_child_is_the_runs_error() {
    assert_eq!(code_of(&["holds", "fails"]), Exit::Code(2));
}

/// Does `work` while it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

pub(crate) fn a_run_that_a_destructor_starts_during_a_panic_is_a_run_like_others() {
    let run = || {
        let mut code = u8::MAX;
        let panics = || {
            let _runs = OnDrop(|| code = run_with::<Options>(["demo", "--scene", "holds"].map(Into::into)));
            panic!("on purpose");
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).expect_err("a panic");
        code
    };
    assert_eq!(Process::new("run", run).start().expect("a process").join().expect("its end"), Exit::Code(0));
}

pub(crate) fn a_tool_that_panics_leaves_no_process() {
    let tool = |_: &Options| {
        process::adopt_orphans()?;
        Process::new("left", || Event::new()?.wait(PATIENCE)).start()?.detach();
        panic!("on purpose")
    };
    let run = || {
        let panics = || run_tool("tool", Help::ENGLISH, ["tool"].map(Into::into), tool);
        std::panic::catch_unwind(panics).expect_err("a panic");
        procfs::children().map(|left| u8::try_from(left.len()).unwrap_or(u8::MAX))
    };
    let exit = Process::new("run", run).start().expect("a process").join().expect("its end");
    process::reap_all().expect("/proc");
    assert_eq!(exit, Exit::Code(0), "the number of processes that are left");
}
