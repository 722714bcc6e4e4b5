//! The two scenes: the same sale with the lock and without it.

use std::time::Duration;

use common::actor::Actor;
use common::cli::{self, Section};
use common::file_lock::FileLockGuard;
use common::limits;
use common::pace::PATIENCE;
use common::process::Child;
use common::queue::Queue;
use common::report::{Expect, Is};
use common::stage::Stage;
use common::sync::{Barrier, Event};
use common::{Error, claim, say, text};
use serde::{Deserialize, Serialize};

use crate::store::Store;
use crate::{Lock, Options};

/// What a buyer found, and whether it bought.
#[derive(Debug, Serialize, Deserialize)]
struct Sale {
    /// The number that it read before it bought or did not.
    seen: u32,
    sold: bool,
}

/// Claims what the lock guarantees, and holds it against what happened.
pub(crate) fn locked(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (tickets, buyers) = (options.tickets, options.buyers);
    let (sold, left) = (tickets.min(buyers), tickets.saturating_sub(buyers));
    let refused = buyers - sold;
    let sells =
        claim!(stage, Is(sold), "{sold} of {buyers} buyers get a ticket", "{buyers} 个用户中有 {sold} 个买到票")?;
    let tells = claim!(stage, Is(refused), "{refused} are told that there is none", "{refused} 个用户被告知余票不足")?;
    let keeps = claim!(stage, Is(left), "the file says {left} in the end", "最后文件里的余票是 {left}")?;
    let once = claim!(stage, Is(sold), "every ticket sold is another one", "卖出的每张票都不相同")?;

    let (sales, left) = sell(options, stage, Lock::File)?;

    let mut numbers: Vec<u32> = sales.iter().filter(|sale| sale.sold).map(|sale| sale.seen).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let sold = figures(options, stage, &sales, left)?;
    stage.check(sells, sold)?;
    stage.check(tells, sales.len() - sold)?;
    stage.check(keeps, left)?;
    stage.check(once, numbers.len())?;
    Ok(())
}

/// Claims what the missing lock allows, and forces it to happen.
pub(crate) fn unlocked(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (tickets, buyers) = (options.tickets, options.buyers);
    let (sold, left) = (if tickets > 0 { buyers } else { 0 }, tickets.saturating_sub(1));
    let same = claim!(stage, Is(1), "all buyers read the same number", "所有用户读到同一个余票数")?;
    let sells =
        claim!(stage, Is(sold), "so {sold} of {buyers} get a ticket", "于是 {buyers} 个用户中有 {sold} 个买到票")?;
    let keeps = claim!(
        stage,
        Is(left),
        "but the file counts one sale at most: it says {left}",
        "而文件最多只记下一次售票:余票是 {left}"
    )?;
    let over = if buyers > tickets && tickets > 0 { Expect::Above(0.0) } else { Is(0) };
    let oversells = claim!(
        stage,
        over,
        "tickets are sold that do not exist, if there are more buyers than tickets",
        "用户比票多时,会卖出不存在的票"
    )?;
    say!(
        stage,
        "the bad schedule is forced: nobody writes before everybody has read",
        "强制安排最坏的次序:所有人都读完之后,才有人写"
    )?;

    let (sales, left) = sell(options, stage, Lock::None)?;

    let mut numbers: Vec<u32> = sales.iter().map(|sale| sale.seen).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let sold = figures(options, stage, &sales, left)?;
    stage.check(same, numbers.len())?;
    stage.check(sells, sold)?;
    stage.check(keeps, left)?;
    stage.check(oversells, sold.saturating_sub(tickets as usize))?;
    Ok(())
}

/// The whole sale: what each buyer found, and what is left in the file.
fn sell(options: &Options, stage: &Stage, lock: Lock) -> Result<(Vec<Sale>, u32), Error> {
    let store = options.store();
    store.validate()?;
    limits::allow_processes(options.buyers, "buyers")?;
    let _alone = reserve(&store, stage)?;
    let sales = Queue::builder(options.buyers as usize).max_message(64).build()?;
    let doors = Event::new()?;
    let all_have_read = Barrier::new(options.buyers)?;

    let buy = |actor: &Actor, number: u32| {
        doors.wait(PATIENCE)?;
        query(actor, &store, number)?;
        let sale = match lock {
            Lock::File => {
                let _held = store.lock().lock()?;
                purchase(actor, &store, number, || Ok(()))?
            }
            Lock::None => purchase(actor, &store, number, || Ok(all_have_read.wait(PATIENCE)?))?,
        };
        sales.put(sale).map_err(Error::from)
    };
    let start = |number| {
        let name = text!(stage, "user {number}", "用户{number}");
        stage.process(name, move |actor| buy(actor, number)).start()
    };
    // The doors open when all buyers are there and the tickets are: if the system refuses a
    // process, nothing has changed yet.
    let mut buyers: Vec<Child> = (1..=options.buyers).map(start).collect::<Result<_, _>>()?;
    store.restock(options.tickets)?;
    doors.set();
    stage.join_all(&mut buyers)?;

    let found = std::iter::from_fn(|| sales.try_get().ok()).collect();
    Ok((found, store.read()?.tickets()))
}

/// The notes' `search_ticket`.
fn query(actor: &Actor, store: &Store, number: u32) -> Result<(), Error> {
    let left = store.read()?.tickets();
    say!(actor, "user {number} queries: {left} tickets left", "用户{number}查询余票:{left}")
}

/// The notes' `buy_ticket`.
fn purchase(
    actor: &Actor,
    store: &Store,
    number: u32,
    after_reading: impl FnOnce() -> Result<(), Error>,
) -> Result<Sale, Error> {
    let record = store.read()?;
    let seen = record.tickets();
    after_reading()?;
    actor.pause_random(1..=5)?;
    let sold = seen > 0;
    if sold {
        store.write(&record.with_tickets(seen - 1))?;
        say!(actor, "user {number} bought a ticket", "用户{number}买票成功")?;
    } else {
        say!(actor, "no tickets left, user {number} bought none", "余票不足,用户{number}买票失败")?;
    }
    Ok(Sale { seen, sold })
}

/// Waits until no other demonstration and no command uses the file.
fn reserve(store: &Store, stage: &Stage) -> Result<FileLockGuard, Error> {
    let lock = store.demonstration();
    if let Some(guard) = lock.try_lock()? {
        return Ok(guard);
    }
    let path = store.path().display();
    cli::notice(Options::NAME, text!(stage, "waiting: {path} is in use", "等待:{path} 正在使用中"));
    loop {
        if let Some(guard) = lock.lock_timeout(Duration::from_mins(1))? {
            return Ok(guard);
        }
    }
}

fn figures(options: &Options, stage: &mut Stage, sales: &[Sale], left: u32) -> Result<usize, Error> {
    let sold = sales.iter().filter(|sale| sale.sold).count();
    stage.figure("sold", sold, "tickets")?;
    stage.figure("refused", sales.len() - sold, "buyers")?;
    stage.figure("left", left, "tickets")?;
    stage.figure("oversold", sold.saturating_sub(options.tickets as usize), "tickets")?;
    Ok(sold)
}
