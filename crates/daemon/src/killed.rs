//! A parent that is killed has no chance to end its daemons.

use std::time::{Duration, Instant};

use common::Error;
use common::actor::Actor;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::Exit;
use common::procfs;
use common::queue::Queue;
use common::stage::Stage;
use common::sync::Event;
use common::{endings, units};

use crate::{Court, words};

/// What became of the daemon and the ordinary child of a parent that was killed.
pub(crate) struct KilledParent {
    pub(crate) end_of_daji: Exit,
    pub(crate) parent_of_heir: Option<i32>,
    pub(crate) end_of_heir: Exit,
}

/// What the notes do not show: the daemon and the ordinary child of a parent that `kill -9` ends.
pub(crate) fn killed_parent(stage: &mut Stage) -> Result<KilledParent, Error> {
    stage.say(words::forced_after_the_king())?;
    let (court, pids) = (Court::new()?, scaffold(|| Queue::new(2))?);
    let king = |king: &Actor| {
        let daji = king.process(words::daji(), |daji| court.task(daji, &words::daji())).daemon().start()?;
        pids.put(court.alive.get_timeout(PATIENCE)?)?;
        let heir = king.process(words::heir(), |heir| court.task(heir, &words::heir())).independent().start()?;
        pids.put(court.alive.get_timeout(PATIENCE)?)?;
        // Detached: he reaps neither, whatever becomes of them. Main does.
        daji.detach();
        heir.detach();
        scaffold(Event::new)?.wait(Duration::MAX)
    };
    let mut king = stage.process(words::king(), king).start()?;
    let (daji, heir) = (pids.get_timeout(PATIENCE)?, pids.get_timeout(PATIENCE)?);
    stage.pause(Duration::from_secs(1))?;

    let killed = Instant::now();
    king.kill()?;
    king.join()?;
    stage.say(words::king_has_died())?;
    // Main adopted her when her parent died. Only the kernel ends her: `may_die` is not set yet.
    let end_of_daji = stage.adopted(daji, words::daji())?.join()?;
    let elapsed = killed.elapsed();
    stage.say(words::ended_with(words::daji(), endings::of(end_of_daji)))?;

    let parent_of_heir = procfs::status(heir)?.map(|status| status.parent);
    if let Some(parent) = parent_of_heir {
        stage.say(words::parent_of(words::heir(), parent, std::process::id()))?;
    }
    court.may_die.set();
    let end_of_heir = stage.adopted(heir, words::heir())?.join()?;
    stage.figure(words::from_kill_to_end(), elapsed.as_secs_f64() * 1000.0, units::ms())?;
    Ok(KilledParent { end_of_daji, parent_of_heir, end_of_heir })
}
