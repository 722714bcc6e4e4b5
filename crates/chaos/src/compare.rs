//! What a `kill -9` does to Python's `multiprocessing`, and what it does to `killproof`: the same six
//! scenarios, side by side.

mod ours;
mod python;

use std::time::Duration;

use common::Error;
use common::actor::Failures;
use common::claims::Claims;
use common::report::Is;
use common::stage::Stage;
use common::table::{self, Column};
use common::terminal::text_room;
use common::units;
use common::words::Text;

use crate::tally::millis;
use crate::words;

/// How often each scenario is tried.
const TRIES: u32 = 5;
/// How long each try waits for what would never come.
const DEADLINE: Duration = Duration::from_secs(2);

/// What is killed, and what the other processes want then.
struct Scenario {
    killed: fn() -> Text,
    wanted: fn() -> Text,
    script: &'static str,
    /// One try: how long the other processes waited, or `None` if in vain.
    ours: fn(&Failures) -> Result<Option<Duration>, Error>,
}

const SCENARIOS: [Scenario; 6] = [
    Scenario {
        killed: words::consumer_with_an_item,
        wanted: words::join_returns,
        script: include_str!("../python/join.py"),
        ours: ours::join,
    },
    Scenario {
        killed: words::waiter_in_get,
        wanted: words::others_can_get,
        script: include_str!("../python/get.py"),
        ours: ours::get,
    },
    Scenario {
        killed: words::holder_of_a_lock,
        wanted: words::others_can_lock,
        script: include_str!("../python/lock.py"),
        ours: ours::lock,
    },
    Scenario {
        killed: words::parent_of_a_daemon,
        wanted: words::daemon_ends,
        script: include_str!("../python/daemon.py"),
        ours: ours::daemon,
    },
    Scenario {
        killed: words::worker_of_a_pool,
        wanted: words::map_returns,
        script: concat!(include_str!("../python/task.py"), "\n\n", include_str!("../python/pool.py")),
        ours: ours::map,
    },
    Scenario {
        killed: words::worker_of_an_executor,
        wanted: words::no_task_is_lost,
        script: concat!(include_str!("../python/task.py"), "\n\n", include_str!("../python/executor.py")),
        ours: ours::submit,
    },
];

/// Tries all scenarios with both, and shows them as a table.
pub(crate) fn compare(stage: &mut Stage) -> Result<(), Error> {
    stage.play(claims(), try_both).map(drop)
}

/// Of the number of tries of each scenario that held here.
fn claims() -> Claims<Vec<usize>> {
    SCENARIOS.iter().enumerate().fold(Claims::new(), |claims, (place, Scenario { killed, wanted, .. })| {
        let harmless = words::harmless_here(killed(), wanted());
        claims.claim(harmless, Is(TRIES), move |held: &Vec<usize>, _| held[place])
    })
}

fn length(time: Duration) -> Text {
    if time < Duration::from_millis(1) {
        words::microseconds(time.subsec_micros())
    } else {
        words::milliseconds(millis(time))
    }
}

fn try_both(stage: &mut Stage) -> Result<Vec<usize>, Error> {
    let lang = stage.lang();
    let failures = Failures::new(lang)?;
    // Each script waits in vain until its deadline, so all of them run at the same time.
    let scripts = SCENARIOS.iter().map(|scenario| python::start(scenario.script));
    let mut scripts = scripts.collect::<Result<Vec<_>, _>>()?;
    let (mut all_held, mut ours) = (Vec::new(), Vec::new());
    for Scenario { wanted, ours: try_once, .. } in &SCENARIOS {
        let waits = (0..TRIES).map(|_| try_once(&failures).map_err(|error| failures.explained(error)));
        let waits = waits.collect::<Result<Vec<_>, _>>()?;
        let held = waits.iter().flatten().count();
        let longest = waits.iter().flatten().max().copied().unwrap_or_default();
        stage.figure(words::ours(wanted()), held, words::tries())?;
        stage.figure(words::ours_longest_until(wanted()), millis(longest), units::ms())?;
        all_held.push(held);
        ours.push(words::held_here(held, TRIES, length(longest)).in_lang(lang));
    }
    let mut version = None;
    let mut rows = Vec::new();
    for ((Scenario { killed, wanted, .. }, script), ours) in SCENARIOS.iter().zip(&mut scripts).zip(ours) {
        let python = match script.answer()? {
            Ok(answer) => {
                stage.figure(words::python(wanted()), answer.held, words::tries())?;
                version = Some(answer.version);
                words::held_in_python(answer.held, TRIES, DEADLINE.as_secs())
            }
            Err(why) => why,
        };
        rows.push([words::what_is_wanted(killed(), wanted()).in_lang(lang), python.in_lang(lang), ours]);
    }
    let python = version.map_or_else(|| "Python".to_owned(), |version| format!("Python {version}"));
    let kill_of = words::kill_of().in_lang(lang);
    let head = [Column::Left(&kill_of), Column::Left(&python), Column::Left("killproof")];
    table::fitted(head, &rows, text_room()).into_iter().try_for_each(|line| stage.say(line))?;
    Ok(all_held)
}
