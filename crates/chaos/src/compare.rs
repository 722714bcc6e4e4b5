//! What a `kill -9` does to Python's `multiprocessing`, and what it does to `common`: the same four
//! scenarios, side by side.

mod ours;
mod python;

use std::time::Duration;

use common::Error;
use common::report::Is;
use common::stage::Stage;
use common::table::{self, Column};

use crate::tally::millis;

/// How often each scenario is tried.
const TRIES: u32 = 5;
/// How long each try waits for what would never come.
const DEADLINE: Duration = Duration::from_secs(2);

/// What is killed, and what the other processes want then.
struct Scenario {
    killed: &'static str,
    wanted: &'static str,
    script: &'static str,
    /// One try: how long the other processes waited, or `None` if in vain.
    ours: fn() -> Result<Option<Duration>, Error>,
}

const SCENARIOS: [Scenario; 4] = [
    Scenario {
        killed: "a consumer that holds an item",
        wanted: "join returns",
        script: include_str!("../python/join.py"),
        ours: ours::join,
    },
    Scenario {
        killed: "a process that waits in get",
        wanted: "others can get",
        script: include_str!("../python/get.py"),
        ours: ours::get,
    },
    Scenario {
        killed: "a holder of a lock",
        wanted: "others can lock",
        script: include_str!("../python/lock.py"),
        ours: ours::lock,
    },
    Scenario {
        killed: "the parent of a daemon",
        wanted: "the daemon ends",
        script: include_str!("../python/daemon.py"),
        ours: ours::daemon,
    },
];

/// Tries all scenarios with both, and shows them as a table.
pub(crate) fn compare(stage: &mut Stage) -> Result<(), Error> {
    let claim = |scenario: &Scenario| {
        let text = format!("kill -9 {}: {} here, every time", scenario.killed, scenario.wanted);
        stage.claim(text, Is(TRIES))
    };
    let claims: Vec<_> = SCENARIOS.iter().map(claim).collect::<Result<_, _>>()?;
    // Each script waits in vain until its deadline, so all of them run at the same time.
    let mut scripts: Vec<_> =
        SCENARIOS.iter().map(|scenario| python::start(scenario.script)).collect::<Result<_, _>>()?;
    let mut ours = Vec::new();
    for (scenario, claim) in SCENARIOS.iter().zip(claims) {
        let waits = (0..TRIES).map(|_| (scenario.ours)()).collect::<Result<Vec<_>, _>>()?;
        let held = waits.iter().flatten().count();
        let longest = waits.iter().flatten().max().copied().unwrap_or_default();
        stage.figure(format!("ours: {}", scenario.wanted), held, "tries")?;
        stage.figure(format!("ours: longest until {}", scenario.wanted), millis(longest), "ms")?;
        stage.check(claim, held)?;
        ours.push(format!("{held} of {TRIES} tries, after {longest:.0?} at most"));
    }
    let mut version = None;
    let mut rows = Vec::new();
    for ((scenario, script), ours) in SCENARIOS.iter().zip(&mut scripts).zip(ours) {
        let python = match script.answer()? {
            Ok(answer) => {
                stage.figure(format!("Python: {}", scenario.wanted), answer.held, "tries")?;
                version = Some(answer.version);
                format!("{} of {TRIES} tries, within {} s", answer.held, DEADLINE.as_secs())
            }
            Err(why) => why,
        };
        rows.push([format!("{}: {}", scenario.killed, scenario.wanted), python, ours]);
    }
    let python = version.map_or_else(|| "Python".to_owned(), |version| format!("Python {version}"));
    let head = [Column::Left("kill -9 of"), Column::Left(&python), Column::Left("common")];
    table::markdown(head, &rows).into_iter().try_for_each(|line| stage.say(line))
}
