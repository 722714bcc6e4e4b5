//! crashcheck.

use std::cell::RefCell;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crashcheck::atomic::AtomicU64;
use crashcheck::{Actor, Model};

use crate::machine::{Found, Machine, Program, Size, Speed, Word, last, memory};

super::word!(AtomicU64);

pub struct Ours;

/// What an execution works on: the words, and what each actor read.
struct Run {
    words: Vec<AtomicU64>,
    read: RefCell<Vec<Vec<u64>>>,
}

impl Machine for Ours {
    type Word = AtomicU64;
    const NAME: &'static str = "crashcheck";

    fn fence(ordering: Ordering) {
        crashcheck::atomic::fence(ordering);
    }

    fn spin() {
        crashcheck::actor::spin_loop();
    }

    fn outcomes(program: &Program<Self>) -> Found {
        let model = match program.size {
            Size::Whole => Model::unbounded(),
            Size::Ahead => Model::unbounded().ahead(2),
            Size::Preemptions(most) => Model::new().preemptions(most).stale(2),
        };
        explore(&model, program)
    }

    fn executions(program: &Program<Self>, time: Duration) -> Speed {
        let model = Model::new().preemptions(3).stale(1);
        let began = Instant::now();
        let mut executions = 0;
        while began.elapsed() < time {
            executions += count(&model, program);
        }
        Speed { executions, time: began.elapsed() }
    }
}

fn set_up(program: &Program<Ours>) -> Run {
    let words: Vec<AtomicU64> = memory(program);
    if program.size == Size::Ahead {
        // A store is seen ahead of an atomic that was used before.
        words.iter().zip(&program.words).for_each(|(word, value)| Word::store(word, *value, Ordering::Relaxed));
    }
    Run { words, read: RefCell::new(vec![Vec::new(); program.actors.len()]) }
}

/// Explores a program, and gives each outcome to `see`.
fn run(model: &Model, program: &Program<Ours>, see: &dyn Fn(Vec<u64>)) -> crashcheck::Report {
    let runs: Vec<_> = program
        .actors
        .iter()
        .enumerate()
        .map(|(index, actor)| {
            move |run: &Run| {
                let read = actor(&run.words);
                run.read.borrow_mut()[index] = read;
            }
        })
        .collect();
    let actors: Vec<Actor<'_, Run>> = runs.iter().map(|run| Actor::new("actor", run)).collect();
    model.explore(
        || set_up(program),
        &actors,
        |run, _| {
            let mut outcome = run.read.borrow().concat();
            outcome.extend(last(&program.last, &run.words));
            see(outcome);
            Ok(())
        },
    )
}

fn explore(model: &Model, program: &Program<Ours>) -> Found {
    let found = RefCell::new(Found::default());
    let report = run(model, program, &|outcome| {
        found.borrow_mut().outcomes.insert(outcome);
    });
    let mut found = found.into_inner();
    found.gave_up = report.violation.map(|violation| violation.failure.to_string());
    found
}

fn count(model: &Model, program: &Program<Ours>) -> u64 {
    run(model, program, &|_| ()).executions
}
