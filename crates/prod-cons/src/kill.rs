//! What the notes do not show: an eater is killed in the middle of a meal, and nothing is lost.

use common::actor::Actor;
use common::journal::{self, Kind};
use common::pace::PATIENCE;
use common::process::{Child, RestartLimit, Supervisor};
use common::queue::JoinError;
use common::report::{Expect, Is};
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, say, text};

use crate::Options;
use crate::killer::{Killer, Seat};
use crate::kitchen::{self, ClosesTable, MESSAGE, Table, verbs};
use crate::record::{Record, Verbs};

/// The same feast, with somebody who kills the eaters and a supervisor who starts others.
pub(crate) fn kill(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let all = options.all();
    let cooked_once = claim!(stage, Is(all), "every dish is cooked exactly once", "每道菜恰好做一次")?;
    let none_lost =
        claim!(stage, Is(all), "none is lost: every dish is eaten at least once", "一道不丢:每道菜至少吃一次")?;
    let again = claim!(stage, Expect::AtLeast(1.0), "at least one dish is served twice", "至少有一道菜上了两次")?;
    let in_vain = claim!(
        stage,
        Is(0),
        "no eater is killed in the middle of a meal without its dish being served again",
        "没有一位食客吃到一半被杀,而他的菜不重新上桌"
    )?;
    let successors = claim!(stage, Is(0), "no killed eater is left without a successor", "没有一位被杀的食客无人接替")?;
    let unfinished = claim!(stage, Is(0), "join returns, and nothing is unfinished", "join 返回,没有未完成的菜")?;
    let alive = claim!(stage, Is(2), "two eaters are there then, waiting for more", "这时有两位食客在等着下一道")?;
    let left = stage.claim_nothing_left()?;

    let seen = serve(options, stage)?;
    let served_twice = seen.record.served_again();
    stage.figure("kills", seen.kills, "eaters")?;
    stage.figure("restarts", seen.restarts, "eaters")?;
    stage.figure("served twice", served_twice, "dishes")?;
    stage.check(cooked_once, seen.record.cooked_once())?;
    stage.check(none_lost, seen.record.eaten())?;
    stage.check(again, served_twice)?;
    stage.check(in_vain, seen.kills.saturating_sub(served_twice))?;
    stage.check(successors, seen.kills.saturating_sub(seen.restarts))?;
    stage.check(unfinished, seen.unfinished)?;
    stage.check(alive, seen.waiting)?;
    stage.check_nothing_left(left)?;
    Ok(())
}

/// What main saw of the feast.
struct Seen {
    record: Record,
    /// Eaters that main killed.
    kills: usize,
    /// Eaters that were born after the first two.
    restarts: usize,
    /// Dishes, when join returned.
    unfinished: usize,
    /// Eaters that were alive when join had returned.
    waiting: usize,
}

fn serve(options: &Options, stage: &mut Stage) -> Result<Seen, Error> {
    say!(
        stage,
        "forced: nobody finishes a meal before the first kill, and a dish that is served again kills nobody",
        "强制的顺序:第一次有人被杀之前,谁也吃不完;重新上桌的菜不再让人送命"
    )?;
    // A dish that has killed never becomes a dead letter here: it is served until somebody survives it.
    let table = Table::builder(options.capacity as usize).max_message(MESSAGE).max_deaths(u32::MAX).build()?;
    let names = kitchen::eaters(stage);
    let first_kill = Event::new()?;
    let seats = [Seat::new(&first_kill)?, Seat::new(&first_kill)?];
    // Main kills once per dish at most, so these restarts are enough. An eater that cannot live is given up.
    let mut eaters = Supervisor::new(RestartLimit { restarts: options.all(), per: PATIENCE });
    let main: &Stage = stage;
    for (name, seat) in names.iter().zip(&seats) {
        let eat = |actor: &Actor| eat(actor, &table, seat);
        eaters.start(move || {
            seat.clear();
            main.process(name, eat)
        })?;
    }
    let _closes = ClosesTable(&table);
    let mut cooks = kitchen::start_cooks(main, options.dishes, &table)?;
    let mut killer = Killer::new(main, eaters, &seats, &first_kill, options.kill_every());
    for cook in &mut cooks {
        killer.works_until(|look| Ok(cook.join_timeout(look)?.is_some()))?;
        main.join(cook)?;
    }
    killer.works_until(|look| match table.join_timeout(look) {
        // All that ever took a dish are dead, and their successors are on their way.
        Err(JoinError::Abandoned { .. }) => Ok(false),
        joined => Ok(joined?.is_some()),
    })?;
    let unfinished = table.unfinished();
    let waiting = killer.eaters().filter(|eater| Child::is_alive(eater)).count();
    let kills = killer.kills();
    say!(main, "every dish is eaten", "菜都吃完了")?;
    drop(killer);

    let events = stage.events()?;
    let is_birth =
        |event: &&journal::Event| event.kind == Kind::Born && names.iter().any(|name| event.data["child"] == **name);
    let restarts = events.iter().filter(is_birth).count() - names.len();
    Ok(Seen { record: Record::of(&events, &verbs(stage)), kills, restarts, unfinished, waiting })
}

/// The notes' `consumer(name, q)`. It can be killed of what is served for the first time.
fn eat(actor: &Actor, table: &Table, seat: &Seat) -> Result<(), Error> {
    let (name, verb) = (actor.name(), verbs(actor).ate);
    loop {
        let dish = table.get()?;
        match dish.last_death() {
            Some(dead) => say_why_again(actor, &dish, dead.pid)?,
            None => seat.risk(),
        }
        actor.pause_random(1..=3)?;
        seat.survive()?;
        actor.say(format!("{name}{verb}{}", *dish))?;
        dish.done();
    }
}

/// Somebody died with this dish before.
fn say_why_again(actor: &Actor, dish: &str, pid: i32) -> Result<(), Error> {
    let Verbs { was_served, again, .. } = verbs(actor);
    let (name, dead) = (actor.name(), actor.name_of(pid)?.unwrap_or_default());
    let why = text!(actor, "{dead} (pid {pid}) was killed before it was done", "{dead}(pid {pid})没吃完就被杀了");
    actor.say(format!("{name}{was_served}{dish}{again}{why}"))
}
