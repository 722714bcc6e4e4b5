//! The rows of `just prove`: each scenario within its bounds, several at a time.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crashcheck::{Bounds, Model, Report};
use support::serde_json::json;

use super::{
    endings, hard_cases, holders, letters, locks, meetings, notices, permits, picture, plain, queues, readers, replay,
};

const USAGE: &str = "just prove [--quick] [--scenario NAME].. [--but NAME].. [--bounds p1d1s0].. [--first] [--svg FILE]
       just prove --replay SCHEDULE --scenario NAME [--svg FILE]
       just prove --list

Explores the toolkit's algorithms: every schedule, death and stale value within the bounds.

  --quick          the smallest bounds of each scenario
  --scenario NAME  the scenario of this name; if there is none, those whose names contain it
  --but NAME       not those scenarios whose name contains this
  --bounds BOUNDS  these bounds alone: preemptions, deaths, stale values; as p2d1s1
  --first          one row after the other, up to the first that does not hold, which is all that is printed
  --svg FILE       draws the first execution that breaks a promise
  --replay SCHEDULE  runs the schedule of a violation again, and shows every step
  --list           the names of the scenarios";

/// How long one row may take before it counts as not exhausted.
const PATIENCE: Duration = Duration::from_mins(9);

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) explore: fn(&Model) -> Report,
    /// Bounds that are exhausted, the smallest first: preemptions, deaths, stale values.
    bounds: &'static [[u32; 3]],
}

pub(crate) const SCENARIOS: [Scenario; 65] = [
    Scenario {
        name: "put and get",
        explore: queues::put_and_get,
        bounds: &[[1, 1, 0], [1, 0, 1], [2, 2, 0], [2, 1, 1]],
    },
    Scenario {
        name: "put and get, one place",
        explore: queues::put_and_get_one_place,
        bounds: &[[1, 0, 1], [1, 1, 0], [2, 2, 0], [2, 1, 1]],
    },
    Scenario { name: "two consumers", explore: queues::two_consumers, bounds: &[[1, 1, 0], [2, 2, 2]] },
    Scenario { name: "two producers", explore: queues::two_producers, bounds: &[[1, 0, 1], [1, 1, 1], [2, 2, 0]] },
    Scenario { name: "return and get", explore: queues::return_and_get, bounds: &[[1, 1, 0], [2, 2, 1]] },
    Scenario { name: "close and drain", explore: queues::close_and_drain, bounds: &[[1, 0, 1], [2, 2, 1]] },
    Scenario { name: "join", explore: queues::join_one, bounds: &[[1, 1, 0], [2, 2, 1], [2, 1, 2]] },
    Scenario { name: "a full queue", explore: queues::full, bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]] },
    Scenario {
        name: "put and put, one place",
        explore: queues::two_producers_one_place,
        bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]],
    },
    Scenario { name: "join, two consumers", explore: queues::join_two, bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]] },
    Scenario {
        name: "close against put",
        explore: queues::close_against_put,
        bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]],
    },
    Scenario { name: "large messages", explore: queues::large, bounds: &[[1, 0, 0], [1, 1, 1], [2, 2, 0]] },
    Scenario { name: "an unreadable message", explore: hard_cases::unreadable, bounds: &[[1, 0, 0], [2, 2, 2]] },
    Scenario {
        name: "a message that kills",
        explore: hard_cases::a_message_that_kills,
        bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]],
    },
    Scenario { name: "dead letters", explore: hard_cases::dead_letters, bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]] },
    Scenario {
        name: "put and join time out",
        explore: hard_cases::put_and_join_time_out,
        bounds: &[[1, 0, 0], [1, 1, 0]],
    },
    Scenario { name: "get times out", explore: hard_cases::get_times_out, bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]] },
    Scenario { name: "no consumer is left", explore: hard_cases::no_consumer_is_left, bounds: &[[1, 0, 0], [1, 1, 0]] },
    Scenario {
        name: "a lease too long",
        explore: hard_cases::a_lease_that_lasts_too_long,
        bounds: &[[1, 0, 0], [2, 2, 2]],
    },
    Scenario {
        name: "a place used again",
        explore: hard_cases::a_place_used_again,
        bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]],
    },
    Scenario { name: "two leases of one", explore: endings::two_leases_of_one, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario { name: "two returns", explore: endings::two_returns, bounds: &[[0, 0, 0], [0, 1, 1]] },
    Scenario {
        name: "a consumer that lives",
        explore: endings::the_last_consumer_lives,
        bounds: &[[1, 0, 0], [1, 1, 1]],
    },
    Scenario {
        name: "a place that stays used",
        explore: endings::a_place_that_stays_used,
        bounds: &[[1, 0, 0], [2, 0, 0], [1, 1, 0]],
    },
    Scenario {
        name: "a letter beside a lease",
        explore: letters::a_letter_beside_a_lease,
        bounds: &[[0, 0, 1], [1, 0, 1], [0, 1, 1]],
    },
    Scenario {
        name: "close, two consumers",
        explore: endings::close_and_two_consumers,
        bounds: &[[1, 0, 0], [2, 0, 0], [1, 0, 1], [0, 1, 1]],
    },
    Scenario {
        name: "a repair beside a lease",
        explore: endings::a_repair_beside_a_lease,
        bounds: &[[0, 0, 0], [0, 1, 1]],
    },
    Scenario { name: "a repair of a letter", explore: letters::a_repair_of_a_letter, bounds: &[[0, 0, 0], [0, 1, 1]] },
    Scenario {
        name: "a lease after another",
        explore: endings::a_lease_after_another,
        bounds: &[[1, 0, 0], [0, 0, 2], [1, 1, 1]],
    },
    Scenario {
        name: "a panic, and a join",
        explore: letters::a_panic_while_one_joins,
        bounds: &[[1, 0, 0], [1, 1, 1]],
    },
    Scenario {
        name: "a rejection, and a join",
        explore: letters::a_rejection_while_one_joins,
        bounds: &[[1, 0, 0], [1, 1, 1]],
    },
    Scenario { name: "a letter of before", explore: letters::a_letter_of_before, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario { name: "no letter", explore: letters::no_letter, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario {
        name: "discarded beside a lease",
        explore: letters::a_letter_discarded_beside_a_lease,
        bounds: &[[1, 0, 0], [0, 1, 1]],
    },
    Scenario { name: "the room of a letter", explore: letters::the_room_of_a_letter, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario {
        name: "a letter waited for",
        explore: letters::a_letter_that_is_waited_for,
        bounds: &[[1, 0, 0], [1, 1, 1]],
    },
    Scenario { name: "plain: put and get", explore: plain::put_and_get, bounds: &[[1, 0, 0], [2, 2, 0], [2, 1, 1]] },
    Scenario {
        name: "plain: two producers",
        explore: plain::two_producers,
        bounds: &[[1, 0, 0], [1, 1, 1], [2, 1, 0]],
    },
    Scenario { name: "plain: two consumers", explore: plain::two_consumers, bounds: &[[1, 0, 0], [2, 2, 2]] },
    Scenario { name: "plain: close and drain", explore: plain::close_and_drain, bounds: &[[1, 0, 0], [2, 2, 1]] },
    Scenario {
        name: "plain: close, two",
        explore: plain::close_and_two_consumers,
        bounds: &[[1, 0, 0], [1, 1, 0], [1, 0, 1]],
    },
    Scenario { name: "plain: close, full", explore: plain::close_a_full_one, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario { name: "plain: closed by another", explore: plain::closed_by_another, bounds: &[[0, 0, 2], [1, 1, 1]] },
    Scenario { name: "plain: time-outs", explore: plain::time_outs, bounds: &[[1, 0, 0], [2, 2, 2]] },
    Scenario { name: "a mutex, two holders", explore: locks::two_holders, bounds: &[[1, 1, 1], [2, 2, 2]] },
    Scenario { name: "a mutex, three holders", explore: locks::three_holders, bounds: &[[1, 1, 0], [2, 2, 2]] },
    Scenario { name: "a mutex, twice", explore: locks::a_holder_twice, bounds: &[[1, 1, 0], [2, 2, 2]] },
    Scenario { name: "a mutex, poison", explore: holders::poison, bounds: &[[1, 1, 0], [2, 2, 2]] },
    Scenario { name: "a mutex, time-outs", explore: holders::time_outs, bounds: &[[1, 1, 1], [2, 2, 2]] },
    Scenario { name: "a semaphore, one permit", explore: permits::one_permit, bounds: &[[1, 1, 0], [2, 2, 2]] },
    Scenario { name: "a semaphore, two permits", explore: permits::two_permits, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario { name: "a semaphore, three waiters", explore: permits::three_waiters, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario { name: "a semaphore, messages", explore: permits::messages, bounds: &[[1, 1, 0], [1, 1, 1]] },
    Scenario { name: "a semaphore, consumed", explore: permits::consumed, bounds: &[[1, 0, 1], [2, 2, 2]] },
    Scenario { name: "a condvar, two waiters", explore: notices::two_waiters, bounds: &[[1, 0, 0], [1, 1, 0]] },
    Scenario { name: "a condvar, one dish", explore: notices::one_dish, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario { name: "rwlock: two readers", explore: readers::writer_and_readers, bounds: &[[1, 0, 0], [1, 1, 1]] },
    Scenario {
        name: "rwlock: two writers",
        explore: readers::two_writers_and_a_reader,
        bounds: &[[1, 0, 0], [1, 1, 1]],
    },
    Scenario { name: "an event", explore: locks::event, bounds: &[[2, 2, 2]] },
    Scenario { name: "an event, cleared", explore: meetings::cleared, bounds: &[[1, 1, 0], [1, 1, 1]] },
    Scenario { name: "an event, looked behind", explore: meetings::looked_behind, bounds: &[[0, 0, 1], [2, 2, 2]] },
    Scenario { name: "a barrier", explore: locks::barrier, bounds: &[[2, 2, 2]] },
    Scenario { name: "a barrier, given up", explore: locks::barrier_given_up, bounds: &[[2, 2, 2]] },
    Scenario { name: "a barrier, twice", explore: meetings::twice, bounds: &[[1, 1, 0], [1, 1, 1]] },
    Scenario { name: "a barrier, broken", explore: meetings::broken, bounds: &[[1, 1, 0], [1, 1, 1]] },
];

struct Row {
    name: &'static str,
    explore: fn(&Model) -> Report,
    bounds: [u32; 3],
}

/// What the arguments ask for.
#[derive(Default)]
struct Wanted {
    quick: bool,
    first: bool,
    scenarios: Vec<String>,
    others: Vec<String>,
    bounds: Vec<[u32; 3]>,
    svg: Option<String>,
    replay: Option<String>,
}

pub(crate) fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut wanted = Wanted::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => wanted.quick = true,
            "--first" => wanted.first = true,
            "--scenario" => wanted.scenarios.extend(arguments.next()),
            "--but" => wanted.others.extend(arguments.next()),
            "--bounds" => match arguments.next().as_deref().and_then(read_bounds) {
                Some(bounds) => wanted.bounds.push(bounds),
                None => return refuse("--bounds takes bounds, as p2d1s1"),
            },
            "--svg" | "--replay" => {
                let Some(value) = arguments.next() else { return refuse(&format!("{argument} takes a value")) };
                *(if argument == "--svg" { &mut wanted.svg } else { &mut wanted.replay }) = Some(value);
            }
            "--list" => {
                for scenario in &SCENARIOS {
                    println!("{}", scenario.name);
                }
                return ExitCode::SUCCESS;
            }
            "--help" | "-h" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            other => return refuse(&format!("there is no argument {other}: --help has those that there are")),
        }
    }
    if let Some(schedule) = &wanted.replay {
        return replay::run(schedule, &wanted.scenarios, wanted.svg.as_deref());
    }
    let rows = rows(&wanted);
    if rows.is_empty() {
        return refuse(&format!("no scenario is called {}", wanted.scenarios.join(" or ")));
    }
    if wanted.first { explore_to_the_first(&rows) } else { explore_all(&rows, wanted.svg.as_deref()) }
}

pub(crate) fn refuse(why: &str) -> ExitCode {
    eprintln!("prove: {why}");
    ExitCode::from(2)
}

fn read_bounds(text: &str) -> Option<[u32; 3]> {
    let (preemptions, rest) = text.strip_prefix('p')?.split_once('d')?;
    let (deaths, stale) = rest.split_once('s')?;
    Some([preemptions.parse().ok()?, deaths.parse().ok()?, stale.parse().ok()?])
}

/// With the same bounds for all, the rows of the first bounds come first.
fn rows(wanted: &Wanted) -> Vec<Row> {
    let is_name = |part: &str| SCENARIOS.iter().any(|scenario| scenario.name == part);
    let is_meant = |name: &str, part: &str| if is_name(part) { name == part } else { name.contains(part) };
    let is_wanted = |name: &str| {
        !wanted.others.iter().any(|part| name.contains(part.as_str()))
            && (wanted.scenarios.is_empty() || wanted.scenarios.iter().any(|part| is_meant(name, part)))
    };
    let scenarios = || SCENARIOS.iter().filter(|scenario| is_wanted(scenario.name));
    let row = |scenario: &Scenario, bounds| Row { name: scenario.name, explore: scenario.explore, bounds };
    if !wanted.bounds.is_empty() {
        return wanted.bounds.iter().flat_map(|bounds| scenarios().map(|scenario| row(scenario, *bounds))).collect();
    }
    let count = |scenario: &Scenario| if wanted.quick { 1 } else { scenario.bounds.len() };
    let of_one =
        |scenario: &'static Scenario| scenario.bounds[..count(scenario)].iter().map(|bounds| row(scenario, *bounds));
    scenarios().flat_map(of_one).collect()
}

/// Prints the name, the bounds and the failure of the first row that does not hold, as JSON.
fn explore_to_the_first(rows: &[Row]) -> ExitCode {
    for row in rows {
        let report = (row.explore)(&model(row.bounds));
        if report.violation.is_some() || !report.is_exhausted {
            let [preemptions, deaths, stale] = row.bounds;
            let bounds = format!("p{preemptions}d{deaths}s{stale}");
            let failure = report.violation.map(|violation| violation.failure.to_string());
            println!("{}", json!({ "scenario": row.name, "bounds": bounds, "failure": failure }));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Explores each row, on as many threads as there are cores, and prints it when it is done.
fn explore_all(rows: &[Row], svg: Option<&str>) -> ExitCode {
    println!(
        "scenario                    bounds      states  executions    complete  exhausted  steps  seconds  violations"
    );
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(rows.len());
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let report = (row.explore)(&model(row.bounds));
                    if tell.send((row, report, began.elapsed())).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let mut all_hold = true;
        let mut is_drawn = false;
        for (row, report, time) in told {
            all_hold &= print(row, &report, time);
            if let Some((path, violation)) = svg.filter(|_| !is_drawn).zip(report.violation.as_ref()) {
                is_drawn = true;
                if let Err(error) = picture::draw(path, row.name, violation) {
                    return refuse(&format!("cannot write {path}: {error}"));
                }
            }
        }
        if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    })
}

fn model([preemptions, deaths, stale]: [u32; 3]) -> Model {
    let bounds = Bounds { preemptions: Some(preemptions), deaths, stale: Some(stale), early: 0, ahead: 0 };
    Model::new().bounds(bounds).time(PATIENCE).remember_states()
}

/// Prints a row. Whether it holds: it is exhausted, and no promise was broken.
fn print(row: &Row, report: &Report, time: Duration) -> bool {
    let [preemptions, deaths, stale] = row.bounds;
    println!(
        "{:27} p{preemptions}d{deaths}s{stale} {:>11} {:>11} {:>11} {:>10} {:>6} {:>8.1} {:>11}",
        row.name,
        report.states,
        report.executions,
        report.complete,
        if report.is_exhausted { "yes" } else { "NO" },
        report.steps,
        time.as_secs_f64(),
        u8::from(report.violation.is_some()),
    );
    if let Some(violation) = &report.violation {
        println!("{violation}");
    }
    report.is_exhausted && report.violation.is_none()
}
