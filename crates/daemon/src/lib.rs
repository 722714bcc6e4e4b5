//! Notes 4: a child that must not outlive its parent.

#![forbid(unsafe_code)]

mod claims;
mod help;
mod killed;
mod words;

use std::time::Duration;

use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::queue::Queue;
use common::stage::Stage;
use common::sync::Event;
use common::words::Text;
use common::{Error, endings};

use killed::killed_parent;

/// A child that must not outlive its parent.
///
/// A daemon, in the words of Python's multiprocessing, is a child that is ended when its parent
/// ends; an ordinary child is waited for. (The daemons of Unix, which outlive the process that
/// started them, are something else.) Python ends them on the parent's way out, so they survive a
/// parent that is killed by kill -9. Here the kernel ends them too, by the parent-death signal.
///
/// Scenes:
///   daemon         King Zhou dies, and his daemon Daji with him: she never dies a natural death
///   ordinary       Daji is no daemon: King Zhou's process waits for her until her natural death
///   killed-parent  kill -9 of King Zhou: Daji dies with him; his son Wu Geng is no daemon and lives on
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
    const SCENES: &'static [Scene<Self>] = &[
        ("daemon", |_, stage| stage.play(claims::daemon(), daemon)),
        ("ordinary", |_, stage| stage.play(claims::ordinary(), ordinary)),
        ("killed-parent", |_, stage| stage.play(claims::killed_parent(), killed_parent).map(drop)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' listing with `p.daemon = True`.
fn daemon(stage: &mut Stage) -> Result<(), Error> {
    stage.say(words::forced_after_the_king())?;
    let court = Court::new()?;
    let king = |king: &Actor| {
        let _p = king.process(words::daji(), |daji| court.task(daji, &words::daji())).daemon().start()?;
        court.alive.get_timeout(PATIENCE)?;
        king.pause(Duration::from_secs(1))?;
        king.say(words::king_has_died())
        // Here `_p` is dropped, and a daemon is terminated then.
    };
    let mut king = stage.process(words::king(), king).start()?;
    stage.join(&mut king)?;
    court.may_die.set();

    let record = stage.record()?;
    if let Some(exit) = record.ended(&words::daji()).next().and_then(|end| end.exit()) {
        stage.say(words::ended_with(words::daji(), endings::named(exit)))?;
    }
    Ok(())
}

/// The notes' listing without it.
fn ordinary(stage: &mut Stage) -> Result<(), Error> {
    stage.say(words::forced_after_the_king())?;
    let court = Court::new()?;
    let king = |king: &Actor| -> Result<(), Error> {
        let _p = king.process(words::daji(), |daji| court.task(daji, &words::daji())).independent().start()?;
        court.alive.get_timeout(PATIENCE)?;
        king.pause(Duration::from_secs(1))?;
        let said = king.say(words::king_has_died());
        // Set even if the line was not printed: she waits for it, and the king for her.
        court.may_die.set();
        said
        // Here `_p` is dropped, and an ordinary child is joined then.
    };
    let mut king = stage.process(words::king(), king).start()?;
    stage.join(&mut king)
}

/// What a scene's processes share.
struct Court {
    /// The pids of those that said that they are alive.
    alive: Queue<i32>,
    /// Set when King Zhou has died.
    may_die: Event,
}

impl Court {
    fn new() -> Result<Self, Error> {
        Ok(Self { alive: scaffold(|| Queue::new(1))?, may_die: scaffold(Event::new)? })
    }

    /// The notes' `task(name)`.
    fn task(&self, actor: &Actor, name: &Text) -> Result<(), Error> {
        actor.say(words::is_alive(name))?;
        self.alive.put(std::process::id().cast_signed())?;
        actor.pause(Duration::from_secs(3))?;
        // Without delays, or on a busy machine, these three seconds may be over before his one is.
        self.may_die.wait(PATIENCE)?;
        actor.say(words::dies_naturally(name))
    }
}
