//! What a `kill -9` does to Python's `multiprocessing`, and what it does to `common`: the same four
//! scenarios, side by side.

mod ours;
mod python;

use std::time::Duration;

use common::Error;
use common::report::Is;
use common::stage::Stage;

use crate::tally;

/// How often each is tried.
pub(crate) const TRIES: u32 = 5;
/// How long each waits for what would never come.
pub(crate) const DEADLINE: Duration = Duration::from_secs(2);

/// A scenario: what is killed, and what the others want then.
struct Scenario {
    killed: &'static str,
    wanted: &'static str,
    script: &'static str,
    /// Tries it once. How long the others waited, or `None` if in vain.
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

/// Plays all four with both, and shows them as a table.
pub(crate) fn compare(stage: &mut Stage) -> Result<(), Error> {
    let claim = |scenario: &Scenario| {
        let text = format!("kill -9 {}: {} here, every time", scenario.killed, scenario.wanted);
        stage.claim(text, Is(TRIES))
    };
    let claims: Vec<_> = SCENARIOS.iter().map(claim).collect::<Result<_, _>>()?;
    // Python's wait in vain at the same time, each in a process of its own.
    let mut scripts: Vec<_> =
        SCENARIOS.iter().map(|scenario| python::start(scenario.script)).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for (scenario, claim) in SCENARIOS.iter().zip(claims) {
        let waits = (0..TRIES).map(|_| (scenario.ours)()).collect::<Result<Vec<_>, _>>()?;
        let held = waits.iter().flatten().count();
        let longest = waits.iter().flatten().max().copied().unwrap_or_default();
        stage.figure(format!("ours: {}", scenario.wanted), held, "tries")?;
        stage.figure(format!("ours: longest until {}", scenario.wanted), tally::millis(longest), "ms")?;
        stage.check(claim, held)?;
        rows.push(format!("{held} of {TRIES} tries, after {longest:.0?} at most"));
    }
    let mut version = None;
    let mut table = Vec::new();
    for ((scenario, script), ours) in SCENARIOS.iter().zip(&mut scripts).zip(rows) {
        let python = match script.answer()? {
            Ok(answer) => {
                stage.figure(format!("Python: {}", scenario.wanted), answer.held, "tries")?;
                version = Some(answer.version);
                format!("{} of {TRIES} tries, within {} s", answer.held, DEADLINE.as_secs())
            }
            Err(why) => why,
        };
        table.push([format!("{}: {}", scenario.killed, scenario.wanted), python, ours]);
    }
    let python = version.map_or_else(|| "Python".to_owned(), |version| format!("Python {version}"));
    show(stage, &["kill -9 of".to_owned(), python, "common".to_owned()], &table)
}

/// As a table in Markdown, which is one on a terminal too.
fn show(stage: &Stage, head: &[String; 3], rows: &[[String; 3]]) -> Result<(), Error> {
    let widest = |column: usize| rows.iter().chain([head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [widest(0), widest(1), widest(2)];
    let line = |row: &[String; 3]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| common::timeline::text::padded(cell, width)).collect();
        format!("| {} |", cells.join(" | "))
    };
    stage.say(line(head))?;
    stage.say(format!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|")))?;
    rows.iter().try_for_each(|row| stage.say(line(row)))
}
