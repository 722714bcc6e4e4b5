//! Notes 3: what is a zombie, what is an orphan, and what is done about them?

#![forbid(unsafe_code)]

mod claims;
mod cures;
mod help;
mod look;
mod words;

use std::time::Duration;

use common::Error;
use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::endings;
use common::help::Help;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::Exit;
use common::procfs::Status;
use common::queue::Queue;
use common::stage::Stage;
use common::sync::Event;

use cures::cures;
use look::{look, resident_pages, state_of};

/// Zombies and orphans, seen in /proc, and their cures.
///
/// A process that has ended stays in the table of processes, as a zombie, until its parent asks how
/// it ended. A process whose parent has ended is an orphan: it lives on, and is adopted, by the
/// nearest ancestor that offered to adopt orphans (a subreaper), or else by process 1. Here main
/// made that offer, so that main itself reaps every orphan of this program.
///
/// Scenes:
///   zombie  a child that has ended is in state Z, even after kill -9, until join reaps it
///   orphan  a child goes on after its parent was killed: it has a new parent, which reaps it
///   cures   no zombie is left: wait, ignore SIGCHLD, or fork twice
#[derive(Debug, clap::Parser)]
#[command(name = "zombie", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  zombie                           all scenes, ten times as fast as the notes
  zombie --scene orphan --speed 1  time to look at the orphan with ps -o pid,ppid,stat,comm
  zombie --lang zh                 in the words of the notes";

impl Section for Options {
    const NAME: &'static str = "zombie";
    const SCENES: &'static [Scene<Self>] = &[
        ("zombie", |_, stage| stage.play(claims::zombie(), zombie).map(drop)),
        ("orphan", |_, stage| stage.play(claims::orphan(), orphan).map(drop)),
        ("cures", |_, stage| stage.play(claims::cures(), cures).map(drop)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' listing: main starts a task, prints its line, and does not join.
fn zombie(stage: &mut Stage) -> Result<Zombie, Error> {
    stage.say(words::forced_until_looked_at())?;
    let (began, looked) = (scaffold(Event::new)?, scaffold(Event::new)?);
    let task = |actor: &Actor| {
        actor.say(words::task_begins())?;
        began.set();
        actor.pause(Duration::from_secs(4))?;
        looked.wait(PATIENCE)?;
        actor.say(words::task_ends())
    };
    let mut p = stage.process(words::task_name(), task).start()?;
    stage.say(words::main_line())?;

    began.wait(PATIENCE)?;
    let (alive, memory_at_work) = (look(p.pid())?, resident_pages(p.pid())?);
    stage.say(words::in_state(p.pid(), words::state(Some(alive.state))))?;
    looked.set();

    p.wait_ended()?;
    let (ended, memory) = (state_of(&alive)?, resident_pages(p.pid())?);
    stage.say(words::in_state(p.pid(), words::state(ended)))?;
    p.kill()?;
    let killed = state_of(&alive)?;
    stage.say(words::after_kill(words::state(killed)))?;
    let exit = p.join()?;
    let joined = state_of(&alive)?;
    stage.say(words::after_join(words::state(joined)))?;

    stage.figure(words::memory_of_task(), memory_at_work, words::pages())?;
    stage.figure(words::memory_of_zombie(), memory, words::pages())?;
    Ok(Zombie { ended, memory, killed, exit, joined })
}

/// What became of a task after its end: its state there, after `kill -9` and after the join.
struct Zombie {
    ended: Option<char>,
    /// In pages, before the join.
    memory: u64,
    killed: Option<char>,
    exit: Exit,
    joined: Option<char>,
}

fn orphan(stage: &mut Stage) -> Result<Orphan, Error> {
    stage.say(words::forced_until_looked_at())?;
    let (born, looked) = (scaffold(|| Queue::new(1))?, scaffold(Event::new)?);
    let task = |actor: &Actor| {
        actor.say(words::task_begins())?;
        actor.pause(Duration::from_secs(4))?;
        looked.wait(PATIENCE)?;
        actor.say(words::task_ends())
    };
    let parent = |actor: &Actor| -> Result<(), Error> {
        actor.say(words::starts_a_child(std::process::id()))?;
        let orphan = actor.process(words::orphan_name(), task).independent().start()?;
        born.put(orphan.pid())?;
        // Detached: this process does not reap it, whatever becomes of it. Main does.
        orphan.detach();
        Ok(scaffold(Event::new)?.wait(Duration::MAX)?)
    };
    stage.say(words::main_line_pid(std::process::id()))?;
    let mut parent = stage.process(words::parent_name(), parent).start()?;
    let pid = born.get_timeout(PATIENCE)?;
    let before = look(pid)?;
    stage.say(words::parent_of(pid, before.parent))?;

    parent.kill()?;
    let end = parent.join()?;
    stage.say(words::its_parent_ended(endings::of(end)))?;
    let after = look(pid)?;
    stage.say(words::parent_of(pid, after.parent))?;
    looked.set();
    let exit = stage.adopted(pid, words::orphan_name())?.join()?;
    Ok(Orphan { parent: parent.pid(), before, after, exit })
}

/// What became of an orphan.
struct Orphan {
    /// The process that started it.
    parent: i32,
    before: Status,
    /// After the death of its parent.
    after: Status,
    exit: Exit,
}
