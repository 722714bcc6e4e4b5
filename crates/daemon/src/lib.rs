//! Notes 4: a child that must not outlive its parent.

#![forbid(unsafe_code)]

mod killed;

use std::time::Duration;

use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::journal::{self, Kind};
use common::pace::PATIENCE;
use common::queue::Queue;
use common::report::Is;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, say, text};

/// A child that must not outlive its parent.
///
/// A daemon, in the words of Python's multiprocessing, is a child that is ended when its parent
/// ends; an ordinary child is waited for. (The daemons of Unix, which outlive whoever started them,
/// are something else.) Python ends them on the parent's way out, so they survive a parent that is
/// killed by kill -9. Here the kernel ends them too, by the parent-death signal.
///
/// Scenes:
///   daemon         King Zhou dies, and Daji, his daemon, with him: she never dies a natural death
///   ordinary       Daji is no daemon: King Zhou's process waits for her until her natural death
///   killed-parent  kill -9 of King Zhou: Daji dies with him, his son Wu Geng, no daemon, lives on
#[derive(Debug, clap::Parser)]
#[command(name = "daemon", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  daemon                           all scenes, ten times as fast as the notes
  daemon --scene daemon --speed 1  the second that King Zhou reigns, in full
  daemon --lang zh                 in the words of the notes";

impl Section for Options {
    const NAME: &'static str = "daemon";
    const SCENES: &'static [Scene<Self>] =
        &[("daemon", daemon), ("ordinary", ordinary), ("killed-parent", killed::killed_parent)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' listing with `p.daemon = True`.
fn daemon(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let reigned = claim!(stage, Is(true), "Daji lives while King Zhou lives", "纣王在世时苏妲己活着")?;
    let terminated = claim!(
        stage,
        Is("signal SIGTERM"),
        "the end of her parent ends her: a daemon is terminated",
        "父进程一结束,守护进程立刻被终止"
    )?;
    let natural = claim!(stage, Is(0), "she never dies a natural death", "她没有机会正常死亡")?;
    let left = stage.claim_nothing_left()?;

    forced(stage)?;
    let court = Court::new()?;
    let king = |king: &Actor| {
        let _daji = king.process(daji_name(king), |daji| court.live(daji)).daemon().start()?;
        court.alive.get_timeout(PATIENCE)?;
        king.pause(Duration::from_secs(1))?;
        king.say(king_dies(king))
        // Here her handle is dropped, and with it she ends.
    };
    let mut king = stage.process(king_name(stage), king).start()?;
    stage.join(&mut king)?;
    court.may_die.set();

    let daji = daji_name(stage);
    let end = end_of(stage, &daji)?.map(|(_, exit)| exit);
    if let Some(end) = &end {
        ended(stage, &daji, end)?;
    }
    let before = stage.said_before(&is_alive(stage, &daji), &king_dies(stage))?;
    stage.check(reigned, before)?;
    stage.check(terminated, end)?;
    let line = dies_naturally(stage, &daji);
    let deaths = stage.events()?.iter().filter(|event| event.text.as_deref() == Some(&line)).count();
    stage.check(natural, deaths)?;
    stage.check_nothing_left(left)?;
    Ok(())
}

/// The notes' listing without it.
fn ordinary(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let outlived = claim!(
        stage,
        Is(true),
        "Daji, no daemon, dies a natural death after King Zhou said his last word",
        "不是守护进程:纣王驾崩之后,苏妲己才正常死亡"
    )?;
    let to_her_end = claim!(stage, Is("code 0"), "she comes to her own end", "她活到了自己的终点")?;
    let waited = claim!(
        stage,
        Is(true),
        "her parent's process ends only after her: it joins her first, as Python does",
        "父进程在她之后才结束:它先 join,和 Python 一样"
    )?;
    let left = stage.claim_nothing_left()?;

    forced(stage)?;
    let court = Court::new()?;
    let king = |king: &Actor| {
        let _daji = king.process(daji_name(king), |daji| court.live(daji)).independent().start()?;
        court.alive.get_timeout(PATIENCE)?;
        king.pause(Duration::from_secs(1))?;
        king.say(king_dies(king))?;
        court.may_die.set();
        Ok::<(), Error>(())
        // Here her handle is dropped, and an ordinary child is joined then.
    };
    let mut king = stage.process(king_name(stage), king).start()?;
    stage.join(&mut king)?;

    let (king, daji) = (king_name(stage), daji_name(stage));
    let after = stage.said_before(&king_dies(stage), &dies_naturally(stage, &daji))?;
    stage.check(outlived, after)?;
    let (kings, hers) = (end_of(stage, &king)?, end_of(stage, &daji)?);
    let first = hers.as_ref().zip(kings.as_ref()).is_some_and(|((hers, _), (kings, _))| hers < kings);
    stage.check(to_her_end, hers.map(|(_, exit)| exit))?;
    stage.check(waited, first)?;
    stage.check_nothing_left(left)?;
    Ok(())
}

/// What a scene's processes share.
struct Court {
    /// The pids of those who said that they live.
    alive: Queue<i32>,
    /// Shut until King Zhou has died.
    may_die: Event,
}

impl Court {
    fn new() -> Result<Self, Error> {
        Ok(Self { alive: Queue::new(1)?, may_die: Event::new()? })
    }

    /// The notes' `task(name)`: says that it lives, and three seconds later that it dies.
    fn live(&self, actor: &Actor) -> Result<(), Error> {
        let name = actor.name();
        actor.say(is_alive(actor, name))?;
        self.alive.put(std::process::id().cast_signed())?;
        actor.pause(Duration::from_secs(3))?;
        // Without delays, or on a busy machine, these three seconds may be over before his one is.
        self.may_die.wait(PATIENCE)?;
        actor.say(dies_naturally(actor, name))
    }
}

/// How the process of this name ended, as whoever reaped it wrote down, and where in the journal.
fn end_of(stage: &mut Stage, name: &str) -> Result<Option<(usize, String)>, Error> {
    let events = stage.events()?;
    let its_end = |(place, event): (usize, &journal::Event)| {
        let is_it = event.kind == Kind::Ended && event.data.get("child").is_some_and(|child| child == name);
        let exit = event.data.get("exit").filter(|_| is_it)?.as_str()?;
        Some((place, exit.to_owned()))
    };
    Ok(events.iter().enumerate().find_map(its_end))
}

fn forced(actor: &Actor) -> Result<(), Error> {
    say!(
        actor,
        "the order is forced: no natural death before King Zhou's end, at any speed",
        "顺序是强制的:无论速度多快,纣王驾崩之前没有人正常死亡"
    )
}

fn ended(actor: &Actor, name: &str, exit: impl std::fmt::Display) -> Result<(), Error> {
    say!(actor, "{name} ended with {exit}", "{name}的进程已结束:{exit}")
}

fn king_name(actor: &Actor) -> String {
    text!(actor, "King Zhou", "纣王")
}

fn daji_name(actor: &Actor) -> String {
    text!(actor, "Daji", "苏妲己")
}

fn is_alive(actor: &Actor, name: &str) -> String {
    text!(actor, "{name} is still alive", "{name} 还活着")
}

fn dies_naturally(actor: &Actor, name: &str) -> String {
    text!(actor, "{name} dies a natural death", "{name} 正常死亡")
}

fn king_dies(actor: &Actor) -> String {
    text!(actor, "King Zhou has died", "纣王驾崩了")
}
