//! What both scenes have: the table, the cooks, and the words for what is done.

use common::actor::Actor;
use common::process::Child;
use common::queue::{JoinableQueue, PutError, PutFailure};
use common::stage::Stage;
use common::{Error, text};

use crate::record::Verbs;

/// The name of a dish travels, nothing else.
pub(crate) type Table = JoinableQueue<String>;

/// The largest message, in bytes: room for the name of a dish.
pub(crate) const MESSAGE: usize = 64;

/// The notes' two consumers.
pub(crate) fn eaters(actor: &Actor) -> [String; 2] {
    [text!(actor, "Bajie", "八戒"), text!(actor, "Wukong", "悟空")]
}

/// Starts the notes' two producers, each of which makes so many dishes.
pub(crate) fn start_cooks(stage: &Stage, each: u32, table: &Table) -> Result<Vec<Child>, Error> {
    let mut cooks = Vec::new();
    for (name, food) in [
        (text!(stage, "Xiao Dangjia", "中华小当家"), text!(stage, "golden fried rice ", "黄金炒饭")),
        (text!(stage, "Xiao Fugui", "神厨小福贵"), text!(stage, "Buddha jumps over the wall ", "佛跳墙")),
    ] {
        cooks.push(stage.process(name, |actor| cook(actor, &food, each, table)).start()?);
    }
    Ok(cooks)
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

/// What stands between the name and the dish, and behind it.
pub(crate) fn verbs(actor: &Actor) -> Verbs {
    Verbs {
        cooked: text!(actor, " cooked ", "做了"),
        ate: text!(actor, " ate ", "吃了"),
        was_served: text!(actor, " was served ", "又分到"),
        again: text!(actor, " again: ", ":"),
    }
}

/// Closes the table when the feast ends, however it ends: a cook who waits for room goes home.
pub(crate) struct ClosesTable<'a>(pub(crate) &'a Table);

impl Drop for ClosesTable<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
