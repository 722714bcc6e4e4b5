//! shuttle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use shuttle::sync::atomic::AtomicU64;
use shuttle::{Config, MaxSteps, Runner};

use crate::machine::{Actor, Found, Machine, Outcome, Program, Speed, last};

super::word!(AtomicU64);

/// An execution of more steps spins for ever: it has no fair scheduler.
const STEPS: usize = 60;
/// Of one program, depth first.
const MOST: usize = 100_000;

pub struct Shuttle;

impl Machine for Shuttle {
    type Word = AtomicU64;
    const NAME: &'static str = "shuttle";

    fn fence(ordering: Ordering) {
        shuttle::sync::atomic::fence(ordering);
    }

    fn spin() {
        shuttle::thread::yield_now();
    }

    fn outcomes(program: &Program<Self>) -> Found {
        let found = Arc::new(Mutex::new(Found::default()));
        let see = Arc::clone(&found);
        let result = run(program, DfsScheduler::new(Some(MOST), false), move |outcome| {
            see.lock().expect("no panic inside").outcomes.insert(outcome);
        });
        let mut found = std::mem::take(&mut *found.lock().expect("no panic inside"));
        found.gave_up = match result {
            Ok(executions) => (executions >= MOST).then(|| format!("{MOST} executions")),
            Err(why) => Some(why),
        };
        found
    }

    fn executions(program: &Program<Self>, time: Duration) -> Speed {
        let began = Instant::now();
        let mut executions = 0;
        while began.elapsed() < time {
            executions += run(program, RandomScheduler::new(5_000), |_| ()).expect("shuttle runs it") as u64;
        }
        Speed { executions, time: began.elapsed() }
    }
}

/// Runs a program, and gives each outcome to `see`. How many executions, or why shuttle gave up.
fn run(
    program: &Program<Shuttle>,
    scheduler: impl Scheduler + 'static,
    see: impl Fn(Outcome) + Send + Sync + 'static,
) -> Result<usize, String> {
    let mut config = Config::new();
    config.max_steps = MaxSteps::ContinueAfter(STEPS);
    config.silence_warnings = true;
    let (values, actors): (Vec<u64>, Vec<Actor<Shuttle>>) = (program.words.clone(), program.actors.clone());
    let indices = program.last.clone();
    let body = move || {
        let words: Arc<Vec<AtomicU64>> = Arc::new(values.iter().map(|value| AtomicU64::new(*value)).collect());
        let start = |actor: &Actor<Shuttle>| {
            let (actor, words) = (Arc::clone(actor), Arc::clone(&words));
            shuttle::thread::spawn(move || actor(&words))
        };
        let threads: Vec<_> = actors.iter().map(start).collect();
        let mut outcome: Outcome = Vec::new();
        for thread in threads {
            outcome.extend(thread.join().expect("no panic"));
        }
        outcome.extend(last(&indices, &words));
        see(outcome);
    };
    catch_unwind(AssertUnwindSafe(|| Runner::new(scheduler, config).run(body))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}
