//! Notes 8: producers and consumers, two cooks and two eaters around one table.

mod record;

use std::time::Duration;

use common::actor::Actor;
use common::cli::{Common, Scene, Section};
use common::gate::{Barrier, PATIENCE};
use common::journal::{Event, Kind};
use common::process::Child;
use common::queue::{JoinableQueue, PutError, PutFailure};
use common::report::{Expect, Is};
use common::stage::Stage;
use common::{Error, claim, say, text};

use record::{Record, Verbs};

/// Two cooks, two eaters and a joinable queue.
///
/// Producers and consumers do not wait for each other: they meet at a queue. Ours has room for a
/// few dishes only, so cooks who are too fast wait for the eaters, and eaters who are too fast wait
/// for the cooks. A joinable queue also knows whether the work is done: a dish counts as unfinished
/// until its eater says so, and join waits until none is. The eaters never learn that the feast is
/// over; they are daemons, and end with main.
///
/// Scenes:
///   feast  each cook makes all dishes, the eaters eat them, join returns when all are eaten
#[derive(Debug, clap::Parser)]
#[command(name = "prod-cons", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// How many dishes each cook makes
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    dishes: u32,
    /// How many dishes may be unfinished at once: those on the table and those being eaten
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    capacity: u32,
    #[command(flatten)]
    common: Common,
}

const EXAMPLES: &str = "Examples:
  prod-cons                           sixteen dishes, ten times as fast as the notes
  prod-cons --capacity 1 --speed 100  a table for one dish: the cooks wait for the eaters
  prod-cons --lang zh --speed 1       in the words of the notes, at their pace";

impl Section for Options {
    const NAME: &'static str = "prod-cons";
    const SCENES: &'static [Scene<Self>] = &[("feast", feast)];

    fn common(&self) -> &Common {
        &self.common
    }
}

/// The name of a dish travels, nothing else.
type Table = JoinableQueue<String>;

/// The largest message, in bytes: room for the name of a dish.
const MESSAGE: usize = 64;

/// How long main waits before it looks whether anybody still eats.
const LOOK: Duration = Duration::from_millis(200);

/// The notes' two `producer`s, two `consumer`s and `JoinableQueue`.
fn feast(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (each, capacity) = (options.dishes, options.capacity);
    let all = 2 * each;
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

    let seen = serve(each, capacity, stage)?;
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

fn serve(each: u32, capacity: u32, stage: &mut Stage) -> Result<Seen, Error> {
    let table = Table::with_max_message(capacity as usize, MESSAGE)?;
    let seated = Barrier::new(3)?;
    let eater = |name| stage.process(name, |actor| seated.wait(PATIENCE).and_then(|()| eat(actor, &table))).daemon();
    let mut eaters = [eater(text!(stage, "Bajie", "八戒")).start()?, eater(text!(stage, "Wukong", "悟空")).start()?];
    // A process that has not yet run a line of its own could not be ended by SIGTERM at the end.
    // One that is killed on its way will never sit down, and nobody waits for it.
    seated.wait_while(PATIENCE, || {
        let dead = eaters.iter_mut().find(|eater| !eater.is_alive());
        dead.map_or(Ok(()), |eater| stage.join(eater))
    })?;
    let mut cooks = Vec::new();
    let _closes = ClosesTable(&table);
    for (name, food) in [
        (text!(stage, "Xiao Dangjia", "中华小当家"), text!(stage, "golden fried rice ", "黄金炒饭")),
        (text!(stage, "Xiao Fugui", "神厨小福贵"), text!(stage, "Buddha jumps over the wall ", "佛跳墙")),
    ] {
        cooks.push(stage.process(name, |actor| cook(actor, &food, each, &table)).start()?);
    }
    for cook in &mut cooks {
        while_somebody_eats(stage, &mut eaters, || Ok(cook.join_timeout(LOOK)?.is_some()))?;
        stage.join(cook)?;
    }
    while_somebody_eats(stage, &mut eaters, || Ok(table.join_timeout(LOOK)?.is_some()))?;
    let unfinished = table.unfinished();
    let waiting = eaters.iter().filter(|eater| eater.is_alive()).count();
    say!(stage, "every dish is eaten", "菜都吃完了")?;
    let names = eaters.each_ref().map(|eater| eater.name().to_owned());
    drop(eaters);

    let events = stage.events()?;
    let says = events.iter().filter(|event| event.kind == Kind::Say);
    let said = says.filter_map(|event| Some((event.actor.as_str(), event.text.as_deref()?)));
    let record = Record::read(said, &verbs(stage));
    let is_end = |event: &&Event| event.kind == Kind::Ended && names.iter().any(|name| event.data["child"] == **name);
    let ended_by_sigterm = events.iter().filter(is_end).filter(|event| event.data["exit"] == "signal SIGTERM").count();
    Ok(Seen { record, eaters: names, unfinished, waiting, ended_by_sigterm })
}

/// The notes' `producer(name, food, q)`.
fn cook(actor: &Actor, food: &str, dishes: u32, table: &Table) -> Result<(), Error> {
    let (name, verb) = (actor.name(), verbs(actor).cooked);
    for i in 0..dishes {
        actor.pause_random(1..=3)?;
        let dish = format!("{food}{i}");
        actor.say(format!("{name}{verb}{dish}"))?;
        match table.put(dish) {
            // Whoever closed the table before the feast was over knows why.
            Err(PutError { reason: PutFailure::Closed, .. }) => return Ok(()),
            put => put?,
        }
    }
    Ok(())
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

/// What stands between the name and the dish.
fn verbs(actor: &Actor) -> Verbs {
    Verbs { cooked: text!(actor, " cooked ", "做了"), ate: text!(actor, " ate ", "吃了") }
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

/// Closes the table when the feast ends, however it ends: a cook who waits for room goes home.
struct ClosesTable<'a>(&'a Table);

impl Drop for ClosesTable<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
