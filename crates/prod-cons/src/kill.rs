//! What the notes do not show: an eater is killed in the middle of a meal, and nothing is lost.

use common::Error;
use common::actor::Actor;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::{Child, RestartLimit, Supervisor};
use common::queue::JoinTimeoutError;
use common::stage::Stage;
use common::sync::Event;
use common::words::Text;

use crate::feast::{eaters, start_producers};
use crate::history::History;
use crate::killer::Killer;
use crate::seat::Seat;
use crate::table::{ClosesTable, MESSAGE, Table, take};
use crate::{Options, words};

/// What main saw of the feast.
pub(crate) struct Kill {
    pub(crate) history: History,
    /// Eaters that main killed.
    pub(crate) kills: usize,
    /// Eaters that were born after the first two.
    pub(crate) restarts: usize,
    /// Dishes, when join returned.
    pub(crate) unfinished: usize,
    /// Eaters that were alive when join had returned.
    pub(crate) waiting: usize,
}

/// The same feast, but main kills eaters, and a supervisor starts others.
pub(crate) fn kill(options: &Options, stage: &mut Stage) -> Result<Kill, Error> {
    stage.say(words::forced_kill())?;
    // A dish that has killed never becomes a dead letter here: it is served until an eater survives it.
    let q = Table::builder(options.capacity as usize).max_message(MESSAGE).max_deaths(u32::MAX).build()?;
    let first_kill = scaffold(Event::new)?;
    let [bajie, wukong] = eaters();
    let seats = [Seat::new(bajie, &first_kill)?, Seat::new(wukong, &first_kill)?];
    // Main kills once per dish at most, so these restarts are enough. An eater that cannot live is given up.
    let mut consumers = Supervisor::new(RestartLimit { restarts: options.all(), per: PATIENCE });
    let main: &Stage = stage;
    for seat in &seats {
        let consumer = |actor: &Actor| consumer(actor, &q, seat);
        consumers.start(move || {
            seat.clear();
            main.process(seat.name(), consumer)
        })?;
    }
    let _closes = ClosesTable(&q);
    let mut producers = start_producers(main, options.dishes, &q)?;
    let mut killer = Killer::new(main, consumers, &seats, &first_kill, options.kill_every());
    for producer in &mut producers {
        killer.works_until(|look| Ok(producer.join_timeout(look)?.is_some()))?;
        main.join(producer)?;
    }
    killer.works_until(|look| match q.join_timeout(look) {
        // All that ever took a dish may be dead, and their successors are on their way.
        Err(JoinTimeoutError::TimedOut { .. } | JoinTimeoutError::Abandoned { .. }) => Ok(false),
        joined => Ok(joined.map(|_| true)?),
    })?;
    let unfinished = q.unfinished();
    let waiting = killer.eaters().filter(|eater| Child::is_alive(eater)).count();
    let kills = killer.kills();
    main.say(words::all_is_eaten())?;
    drop(killer);

    let record = stage.record()?;
    let restarts = eaters().iter().flat_map(|name| record.born(name)).count() - seats.len();
    let history = History::of(record.events());
    stage.figure(words::kills(), kills, words::eaters())?;
    stage.figure(words::restarts(), restarts, words::eaters())?;
    stage.figure(words::served_twice(), history.served_again(), words::dishes())?;
    Ok(Kill { history, kills, restarts, unfinished, waiting })
}

/// The notes' `consumer(name, q)`. It can be killed over a dish that is served for the first time.
fn consumer(actor: &Actor, q: &Table, seat: &Seat) -> Result<(), Error> {
    let name = seat.name();
    while let Some(dish) = take(q)? {
        match dish.last_death() {
            None => seat.risk(),
            Some(pid) => {
                let eater = eater(actor, pid)?;
                actor.say(words::served_again(name, dish.food, dish.number, eater, pid))?;
            }
        }
        actor.pause_random(1..=3)?;
        seat.survive()?;
        actor.say(words::ate(name, dish.food, dish.number))?;
        dish.done();
    }
    Ok(())
}

/// The name of the eater that was this process.
fn eater(actor: &Actor, pid: i32) -> Result<Text, Error> {
    let name = actor.name_of(pid)?.unwrap_or_default();
    let known = eaters().into_iter().find(|eater| eater.in_lang(actor.lang()) == name);
    Ok(known.unwrap_or_else(|| name.into()))
}
