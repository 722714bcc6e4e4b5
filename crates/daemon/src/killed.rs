//! A parent that is killed has no chance to end its daemons.

use std::time::{Duration, Instant};

use common::actor::Actor;
use common::pace::PATIENCE;
use common::procfs;
use common::queue::Queue;
use common::report::Is;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, say, text};

use crate::{Court, Options};
use crate::{daji_name, dies_naturally, ended, forced, king_dies, king_name};

/// What the notes do not show: the daemon and the ordinary child of a parent that kill -9 ends.
pub(crate) fn killed_parent(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let me = std::process::id().cast_signed();
    let dies = claim!(
        stage,
        Is("signal SIGKILL"),
        "kill -9 of King Zhou: the kernel ends Daji, his daemon, with him (Python's would live on)",
        "kill -9 纣王:内核让守护进程苏妲己随他而去(Python 的守护进程会活下来)"
    )?;
    let adopted = claim!(
        stage,
        Is(me),
        "Wu Geng, no daemon, is an orphan now, adopted by main",
        "武庚不是守护进程,成了孤儿,由主进程收养"
    )?;
    let outlives = claim!(stage, Is(true), "he dies a natural death, after his parent", "他在父进程之后正常死亡")?;
    let reaped = claim!(stage, Is("code 0"), "main reaps him", "由主进程回收")?;
    let left = stage.claim_nothing_left()?;

    forced(stage)?;
    let (court, pids) = (Court::new()?, Queue::new(2)?);
    let king = |king: &Actor| {
        let _daji = king.process(daji_name(king), |daji| court.live(daji)).daemon().start()?;
        pids.put(court.alive.get_timeout(PATIENCE)?)?;
        let _heir = king.process(heir_name(king), |heir| court.live(heir)).independent().start()?;
        pids.put(court.alive.get_timeout(PATIENCE)?)?;
        Event::new()?.wait(Duration::MAX)
    };
    let mut king = stage.process(king_name(stage), king).start()?;
    let (daji, heir) = (pids.get_timeout(PATIENCE)?, pids.get_timeout(PATIENCE)?);
    stage.pause(Duration::from_secs(1))?;

    let killed = Instant::now();
    king.kill()?;
    king.join()?;
    stage.say(king_dies(stage))?;
    // She became main's to reap when her parent ended. Nothing else ends her: the gate is shut.
    let end_of_daji = stage.adopted(daji, daji_name(stage))?.join()?;
    let elapsed = killed.elapsed();
    ended(stage, &daji_name(stage), end_of_daji)?;
    let parent_of_heir = procfs::status(heir)?.map(|status| status.parent);
    if let Some(parent) = parent_of_heir {
        let name = heir_name(stage);
        say!(
            stage,
            "/proc: the parent of {name} is {parent}; main is {me}",
            "/proc:{name}的父进程是 {parent};主进程是 {me}"
        )?;
    }
    court.may_die.set();
    let end_of_heir = stage.adopted(heir, heir_name(stage))?.join()?;

    stage.figure("from kill -9 to the daemon's end", elapsed.as_secs_f64() * 1000.0, "ms")?;
    stage.check(dies, end_of_daji.to_string())?;
    stage.check(adopted, parent_of_heir)?;
    let after = stage.said_before(&king_dies(stage), &dies_naturally(stage, &heir_name(stage)))?;
    stage.check(outlives, after)?;
    stage.check(reaped, end_of_heir.to_string())?;
    stage.check_nothing_left(left)?;
    Ok(())
}

fn heir_name(actor: &Actor) -> String {
    text!(actor, "Wu Geng", "武庚")
}
