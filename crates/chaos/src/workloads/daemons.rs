//! Parents of daemons are killed, and their daemons must end with them.
//!
//! A parent starts a few daemons one after the other, and each daemon may have a daemon of its own. So some
//! kills come between a fork and the daemon's first instruction. This process adopts the orphans of a
//! dead parent (`adopt_orphans`), and each must end by itself.

use std::time::{Duration, Instant};

use common::process::{Process, adopted};
use common::procfs::Status;
use common::{Error, interrupt, procfs};
use rand::RngExt;

use crate::plan::Round;
use crate::roles::Role;
use crate::slots::Slots;
use crate::stop_flag::StopFlag;
use crate::tally::Tally;
use crate::workers::{DEADLINE, WorkerContext, WorkerPool, quiet_if_interrupted};

/// How long a daemon that no process ends would live.
const FOREVER: Duration = Duration::from_hours(1);
/// How many parents a round has.
const PARENTS: usize = 3;
/// How many daemons a parent has.
const DAEMONS: usize = 3;
/// The longest pause of a parent before it starts the next daemon, in microseconds.
const PAUSE: u64 = 1_000;
/// How often a parent looks whether it shall end.
const GLANCE: Duration = Duration::from_millis(2);

pub(super) fn run(mut round: Round, slots: &Slots, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let generations = random.random_range(1..=3);
    let stop = StopFlag::new()?;
    let before = procfs::children()?;
    let work = |context: &mut WorkerContext| start_daemons(context, generations, &stop);
    let mut workers = WorkerPool::start(slots, random.random(), &[(Role::Parent, PARENTS)], &work)?;
    for kill in &round.kills {
        workers.inject(kill)?;
        expect_ends_of_orphans(&workers, &before, tally)?;
    }
    stop.raise();
    workers.join(Role::Parent)?;
    expect_ends_of_orphans(&workers, &before, tally)?;
    tally.add_workers(&workers);
    Ok(())
}

fn start_daemons(context: &mut WorkerContext, generations: u32, stop: &StopFlag) -> Result<(), Error> {
    let mut daemons = Vec::new();
    while !stop.is_raised() {
        context.slot.take_order();
        if daemons.len() < DAEMONS {
            daemons.push(Process::new("daemon", || quiet_if_interrupted(live(generations))).daemon().start()?);
            interrupt::sleep(Duration::from_micros(context.random.random_range(0..=PAUSE)))?;
        } else {
            interrupt::sleep(GLANCE)?;
        }
    }
    Ok(())
}

/// The life of a daemon, which starts a daemon of its own if there are more generations.
fn live(generations: u32) -> Result<(), Error> {
    let _own = match generations {
        0 | 1 => None,
        _ => Some(Process::new("daemon", || quiet_if_interrupted(live(generations - 1))).daemon().start()?),
    };
    Ok(interrupt::sleep(FOREVER)?)
}

/// Waits for the end of all processes that a killed parent left behind.
fn expect_ends_of_orphans(workers: &WorkerPool, before: &[Status], tally: &mut Tally) -> Result<(), Error> {
    loop {
        let workers = workers.pids();
        let mut orphans = procfs::children()?;
        orphans.retain(|child| !workers.contains(&child.pid) && !before.iter().any(|known| known.pid == child.pid));
        if orphans.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        for orphan in orphans {
            let mut daemon = adopted(orphan.pid, orphan.name)?;
            // One daemon that lives on is a failure already: the next ones get less time.
            let patience = if tally.daemons_left == 0 { DEADLINE } else { Duration::from_millis(100) };
            if daemon.join_timeout(patience)?.is_none() {
                tally.daemons_left += 1;
                daemon.kill()?;
                daemon.join()?;
            } else {
                tally.daemons_gone += 1;
            }
        }
        tally.longest_daemon = tally.longest_daemon.max(began.elapsed());
    }
}
