//! The notes' own listing: everybody lives, and join returns when the last dish is eaten.

use std::time::Duration;

use common::actor::Actor;
use common::journal::{Event, Kind};
use common::pace::PATIENCE;
use common::process::Child;
use common::report::{Expect, Is};
use common::stage::Stage;
use common::sync::Barrier;
use common::{Error, claim, say};

use crate::Options;
use crate::kitchen::{self, ClosesTable, MESSAGE, Table, verbs};
use crate::record::Record;

/// How long main waits before it looks whether anybody still eats.
const LOOK: Duration = Duration::from_millis(200);

/// The notes' two `producer`s, two `consumer`s and `JoinableQueue`.
pub(crate) fn feast(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (all, capacity) = (options.all(), options.capacity);
    let cooked_once = claim!(stage, Is(all), "every dish is cooked exactly once", "每道菜恰好做一次")?;
    let eaten_once = claim!(stage, Is(all), "every dish is eaten exactly once", "每道菜恰好吃一次")?;
    let before = claim!(stage, Is(0), "no dish is eaten before it is cooked", "没有一道菜在做好之前被吃掉")?;
    let order = claim!(
        stage,
        Is(0),
        "first in, first out: no dish is seen to be taken before an earlier one of the same cook",
        "先进先出:没有一道菜先于同一厨师更早做的菜被取走"
    )?;
    // Those that the table counts, and one in the hand of each cook, for which there is no room yet.
    let most = claim!(
        stage,
        Expect::Between(1.0, f64::from(capacity + 2)),
        "a full table holds the cooks back: so many dishes are cooked and not eaten, at most",
        "桌子满了厨师要等:做好而未吃完的菜最多这么多"
    )?;
    let unfinished = claim!(stage, Is(0), "when join returns, nothing is unfinished", "join 返回时,没有未完成的菜")?;
    let alive =
        claim!(stage, Is(2), "both eaters are still there then, waiting for more", "这时两位食客都还在,等着下一道")?;
    let ended = claim!(
        stage,
        Is(2),
        "the eaters are daemons: SIGTERM ends them with main",
        "食客是守护进程,随主进程被 SIGTERM 结束"
    )?;

    let seen = serve(options, stage)?;
    let record = &seen.record;
    stage.figure("dishes cooked", record.cooked(), "dishes")?;
    stage.figure("eaten by Bajie", record.eaten_by(&seen.eaters[0]), "dishes")?;
    stage.figure("eaten by Wukong", record.eaten_by(&seen.eaters[1]), "dishes")?;
    stage.figure("cooked and not eaten, at most", record.most_not_eaten(), "dishes")?;
    stage.check(cooked_once, record.cooked_once())?;
    stage.check(eaten_once, record.eaten_once())?;
    stage.check(before, record.eaten_before_cooked())?;
    stage.check(order, record.taken_out_of_order())?;
    stage.check(most, record.most_not_eaten())?;
    stage.check(unfinished, seen.unfinished)?;
    stage.check(alive, seen.waiting)?;
    stage.check(ended, seen.ended_by_sigterm)?;
    Ok(())
}

/// What main saw of a feast.
struct Seen {
    record: Record,
    eaters: [String; 2],
    /// Dishes, when join returned.
    unfinished: usize,
    /// Eaters that were alive when join had returned.
    waiting: usize,
    /// Eaters, after main had let go of them.
    ended_by_sigterm: usize,
}

fn serve(options: &Options, stage: &mut Stage) -> Result<Seen, Error> {
    let table = Table::builder(options.capacity as usize).max_message(MESSAGE).build()?;
    let seated = Barrier::new(3)?;
    let eater =
        |name| stage.process(name, |actor| Ok(seated.wait(PATIENCE)?).and_then(|()| eat(actor, &table))).daemon();
    let names = kitchen::eaters(stage);
    let [bajie, wukong] = names.clone().map(eater);
    let mut eaters = [bajie.start()?, wukong.start()?];
    // A process that has not yet run a line of its own could not be ended by SIGTERM at the end.
    // One that is killed on its way will never sit down, and nobody waits for it.
    seated.wait_while(PATIENCE, || {
        let dead = eaters.iter_mut().find(|eater| !eater.is_alive());
        dead.map_or(Ok(()), |eater| stage.join(eater))
    })?;
    let _closes = ClosesTable(&table);
    for cook in &mut kitchen::start_cooks(stage, options.dishes, &table)? {
        while_somebody_eats(stage, &mut eaters, || Ok(cook.join_timeout(LOOK)?.is_some()))?;
        stage.join(cook)?;
    }
    while_somebody_eats(stage, &mut eaters, || Ok(table.join_timeout(LOOK)?.is_some()))?;
    let unfinished = table.unfinished();
    let waiting = eaters.iter().filter(|eater| eater.is_alive()).count();
    say!(stage, "every dish is eaten", "菜都吃完了")?;
    drop(eaters);

    let events = stage.events()?;
    let record = Record::of(&events, &verbs(stage));
    let is_end = |event: &&Event| event.kind == Kind::Ended && names.iter().any(|name| event.data["child"] == **name);
    let ended_by_sigterm = events.iter().filter(is_end).filter(|event| event.data["exit"] == "signal SIGTERM").count();
    Ok(Seen { record, eaters: names, unfinished, waiting, ended_by_sigterm })
}

/// The notes' `consumer(name, q)`, which never ends by itself.
fn eat(actor: &Actor, table: &Table) -> Result<(), Error> {
    let (name, verb) = (actor.name(), verbs(actor).ate);
    loop {
        let dish = table.get()?;
        actor.pause_random(1..=3)?;
        actor.say(format!("{name}{verb}{}", *dish))?;
        dish.done();
    }
}

/// Waits until something has `ended`, unless all eaters are gone: then it never would.
fn while_somebody_eats(
    stage: &Stage,
    eaters: &mut [Child],
    mut ended: impl FnMut() -> Result<bool, Error>,
) -> Result<(), Error> {
    while !ended()? {
        if !eaters.iter().any(Child::is_alive) {
            stage.join_all(eaters)?;
        }
    }
    Ok(())
}
