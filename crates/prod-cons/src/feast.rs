//! The notes' own listing: every eater lives, and join returns when the last dish is eaten.

use std::time::Duration;

use common::Error;
use common::actor::Actor;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::Child;
use common::queue::{JoinTimeoutError, PutError};
use common::stage::Stage;
use common::sync::Barrier;
use common::words::Text;

use crate::history::History;
use crate::table::{ClosesTable, Dish, Food, MESSAGE, Table, take};
use crate::{Options, words};

/// What main saw of a feast.
pub(crate) struct Feast {
    pub(crate) history: History,
    /// Dishes, when join returned.
    pub(crate) unfinished: usize,
    /// Eaters that were alive when join had returned.
    pub(crate) waiting: usize,
}

/// The notes' two producers, two consumers and `JoinableQueue`.
pub(crate) fn feast(options: &Options, stage: &mut Stage) -> Result<Feast, Error> {
    let q = Table::builder(options.capacity as usize).max_message(MESSAGE).build()?;
    let seated = scaffold(|| Barrier::new(3))?;
    let start = |name: &Text| {
        let consumer = |actor: &Actor| Ok(seated.wait(PATIENCE)?).and_then(|()| consumer(actor, name, &q));
        stage.process(name, consumer).daemon().unlinked().start()
    };
    let [bajie, wukong] = eaters();
    let mut consumers = [start(&bajie)?, start(&wukong)?];
    // A process that has not run a line of its own yet could not be ended by SIGTERM at the end.
    // An eater that is killed on its way never sits down.
    seated.wait_while(PATIENCE, || {
        let dead = consumers.iter_mut().find(|eater| !eater.is_alive());
        dead.map_or(Ok(()), |eater| stage.join(eater))
    })?;
    let _closes = ClosesTable(&q);
    for producer in &mut start_producers(stage, options.dishes, &q)? {
        while_an_eater_lives(stage, &mut consumers, || Ok(producer.join_timeout(LOOK)?.is_some()))?;
        stage.join(producer)?;
    }
    while_an_eater_lives(stage, &mut consumers, || match q.join_timeout(LOOK) {
        Err(JoinTimeoutError::TimedOut { .. }) => Ok(false),
        joined => Ok(joined.map(|_| true)?),
    })?;
    let unfinished = q.unfinished();
    let waiting = consumers.iter().filter(|eater| eater.is_alive()).count();
    stage.say(words::all_is_eaten())?;
    drop(consumers);

    let history = History::of(&stage.events()?);
    stage.figure(words::dishes_cooked(), history.cooked(), words::dishes())?;
    stage.figure(words::eaten_by_bajie(), history.eaten_by(&bajie), words::dishes())?;
    stage.figure(words::eaten_by_wukong(), history.eaten_by(&wukong), words::dishes())?;
    stage.figure(words::most_not_eaten(), history.most_not_eaten(), words::dishes())?;
    Ok(Feast { history, unfinished, waiting })
}

/// The notes' `producer(name, food, q)`.
fn producer(actor: &Actor, name: &Text, food: Food, dishes: u32, q: &Table) -> Result<(), Error> {
    for number in 0..dishes {
        actor.pause_random(1..=3)?;
        actor.say(words::cooked(name, food, number))?;
        match q.put(Dish { food, number }) {
            // Main closes the table before the feast is over only if it has failed, and reports that.
            Err(PutError::Closed(_)) => return Ok(()),
            put => put?,
        }
    }
    Ok(())
}

/// The notes' `consumer(name, q)`, which never ends by itself.
fn consumer(actor: &Actor, name: &Text, q: &Table) -> Result<(), Error> {
    while let Some(dish) = take(q)? {
        actor.pause_random(1..=3)?;
        actor.say(words::ate(name, dish.food, dish.number))?;
        dish.done();
    }
    Ok(())
}

/// The notes' two consumers.
pub(crate) fn eaters() -> [Text; 2] {
    [words::bajie(), words::wukong()]
}

/// Starts the notes' two producers.
pub(crate) fn start_producers(stage: &Stage, dishes: u32, q: &Table) -> Result<[Child; 2], Error> {
    let start = |name: &Text, food| stage.process(name, |actor| producer(actor, name, food, dishes, q)).start();
    Ok([
        start(&words::xiao_dangjia(), Food::GoldenFriedRice)?,
        start(&words::xiao_fugui(), Food::BuddhaJumpsOverTheWall)?,
    ])
}

/// How long main waits before it checks whether an eater still lives.
const LOOK: Duration = Duration::from_millis(200);

/// Waits until something has `ended`, unless all eaters are dead: then it never would.
fn while_an_eater_lives(
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
