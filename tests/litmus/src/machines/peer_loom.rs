//! loom.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64 as Count, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use loom::sync::atomic::AtomicU64;

use crate::machine::{Actor, Found, Machine, Outcome, Program, Size, Speed, last};

super::word!(AtomicU64);

/// Of one program.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Loom;

impl Machine for Loom {
    type Word = AtomicU64;
    const NAME: &'static str = "loom";

    fn fence(ordering: Ordering) {
        loom::sync::atomic::fence(ordering);
    }

    fn spin() {
        loom::thread::yield_now();
    }

    fn outcomes(program: &Program<Self>) -> Found {
        let bound = match program.size {
            Size::Whole | Size::Ahead => None,
            Size::Preemptions(most) => Some(most as usize),
        };
        let outcomes = Arc::new(Mutex::new(Found::default()));
        let see = Arc::clone(&outcomes);
        let began = Instant::now();
        let result = explore(program, bound, PATIENCE, move |outcome| {
            see.lock().expect("no panic inside").outcomes.insert(outcome);
        });
        let mut found = std::mem::take(&mut *outcomes.lock().expect("no panic inside"));
        found.gave_up = result.err().or_else(|| (began.elapsed() >= PATIENCE).then(|| "time".to_owned()));
        found
    }

    fn executions(program: &Program<Self>, time: Duration) -> Speed {
        let count = Arc::new(Count::new(0));
        let began = Instant::now();
        while began.elapsed() < time {
            let count = Arc::clone(&count);
            let result = explore(program, Some(3), time, move |_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
            result.expect("loom runs it");
        }
        Speed { executions: count.load(Ordering::Relaxed), time: began.elapsed() }
    }
}

/// Explores a program, and gives each outcome to `see`. Or why loom gave up.
fn explore(
    program: &Program<Loom>,
    bound: Option<usize>,
    time: Duration,
    see: impl Fn(Outcome) + Send + Sync + 'static,
) -> Result<(), String> {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = bound;
    builder.max_duration = Some(time);
    let (values, actors): (Vec<u64>, Vec<Actor<Loom>>) = (program.words.clone(), program.actors.clone());
    let indices = program.last.clone();
    let run = move || {
        let words: Arc<Vec<AtomicU64>> = Arc::new(values.iter().map(|value| AtomicU64::new(*value)).collect());
        let start = |actor: &Actor<Loom>| {
            let (actor, words) = (Arc::clone(actor), Arc::clone(&words));
            loom::thread::spawn(move || actor(&words))
        };
        let threads: Vec<_> = actors.iter().map(start).collect();
        let mut outcome: Outcome = Vec::new();
        for thread in threads {
            outcome.extend(thread.join().expect("no panic"));
        }
        outcome.extend(last(&indices, &words));
        see(outcome);
    };
    catch_unwind(AssertUnwindSafe(|| builder.check(run))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}
