//! An arena: parents of daemons are killed, and their daemons must be gone with them.
//!
//! A parent starts a few daemons, one after the other, and each daemon may have a daemon of its own.
//! So a kill comes between a fork and the daemon's first instruction, too. When a parent is dead
//! the orphans are ours (`adopt_orphans`), and each must end without anybody's doing.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::process::{Process, adopted};
use common::procfs::Status;
use common::shared::Shared;
use common::{Error, interrupt, procfs};
use rand::RngExt;

use crate::plan::{Role, Round};
use crate::slots::Desks;
use crate::tally::Tally;
use crate::workers::{Crew, DEADLINE, Post, quietly};

/// How long a daemon would live if nobody ended it.
const FOREVER: Duration = Duration::from_hours(1);
/// How many daemons a parent has.
const DAEMONS: usize = 3;
/// How long a parent waits before it starts the next one, in microseconds at most.
const PAUSE: u64 = 1_000;
/// How often a parent looks whether it shall go home.
const GLANCE: Duration = Duration::from_millis(2);

/// Plays one round.
pub(crate) fn play(mut round: Round, desks: &Desks, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let generations = random.random_range(1..=3);
    let over = Shared::new(AtomicU32::new(0))?;
    let before = procfs::children()?;
    let perform = |post: &mut Post| raise_daemons(post, generations, &over);
    let mut crew = Crew::start(desks, random.random(), &[(Role::Parent, 3)], &perform)?;
    for kill in &round.kills {
        crew.inflict(kill)?;
        bury_orphans(&crew, &before, tally)?;
    }
    over.store(1, Ordering::SeqCst);
    crew.go_home(Role::Parent)?;
    bury_orphans(&crew, &before, tally)?;
    tally.deaths(crew.deaths());
    Ok(())
}

fn raise_daemons(post: &mut Post, generations: u32, over: &Shared<AtomicU32>) -> Result<(), Error> {
    let mut daemons = Vec::new();
    while over.load(Ordering::SeqCst) == 0 {
        post.desk.heed();
        if daemons.len() < DAEMONS {
            daemons.push(Process::new("daemon", || quietly(live(generations))).daemon().start()?);
            interrupt::sleep(Duration::from_micros(post.random.random_range(0..=PAUSE)))?;
        } else {
            interrupt::sleep(GLANCE)?;
        }
    }
    Ok(())
}

/// A daemon's life: with a daemon of its own, of the next generation.
fn live(generations: u32) -> Result<(), Error> {
    let _own = match generations {
        0 | 1 => None,
        _ => Some(Process::new("daemon", || quietly(live(generations - 1))).daemon().start()?),
    };
    Ok(interrupt::sleep(FOREVER)?)
}

/// Waits for the end of every process that a killed parent left to us.
fn bury_orphans(crew: &Crew, before: &[Status], tally: &mut Tally) -> Result<(), Error> {
    loop {
        let ours = crew.pids();
        let mut orphans = procfs::children()?;
        orphans.retain(|child| !ours.contains(&child.pid) && !before.iter().any(|known| known.pid == child.pid));
        if orphans.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        for orphan in orphans {
            let mut daemon = adopted(orphan.pid, orphan.name)?;
            // One that stays is enough to fail: the next ones need not be waited for as long.
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
