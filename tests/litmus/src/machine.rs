//! What the programs need of a model checker, whichever it is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What one execution showed: what the actors read, then what the memory had in the end.
pub type Outcome = Vec<u64>;

/// An atomic.
pub trait Word: Send + Sync + 'static {
    fn new(value: u64) -> Self;
    fn load(&self, ordering: Ordering) -> u64;
    fn store(&self, value: u64, ordering: Ordering);
    fn swap(&self, value: u64, ordering: Ordering) -> u64;
    fn fetch_add(&self, value: u64, ordering: Ordering) -> u64;
    fn compare_exchange(&self, old: u64, new: u64, success: Ordering, failure: Ordering) -> Result<u64, u64>;
}

/// A model checker.
pub trait Machine: Sized + 'static {
    type Word: Word;
    const NAME: &'static str;
    fn fence(ordering: Ordering);
    /// Lets other actors run, in a loop that waits for one of them.
    fn spin();
    /// Every outcome that it finds.
    fn outcomes(program: &Program<Self>) -> Found;
    /// How many executions it runs in about so much time.
    fn executions(program: &Program<Self>, time: Duration) -> Speed;
}

pub type Actor<M> = Arc<dyn Fn(&[<M as Machine>::Word]) -> Outcome + Send + Sync>;

/// How large the search of a program is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A few accesses: everything.
    Whole,
    /// The same, with stores that are seen before the loads before them.
    Ahead,
    /// An algorithm that loops. An execution has at most this number of preemptions.
    Preemptions(u32),
}

/// A small program, and what C++20 allows it to show.
pub struct Program<M: Machine> {
    pub name: &'static str,
    pub words: Vec<u64>,
    pub actors: Vec<Actor<M>>,
    /// What of the memory in the end belongs to the outcome: the words' indices.
    pub last: Vec<usize>,
    pub size: Size,
    pub allowed: BTreeSet<Outcome>,
}

/// What a model checker found.
#[derive(Default)]
pub struct Found {
    pub outcomes: BTreeSet<Outcome>,
    /// Why it did not come to its end.
    pub gave_up: Option<String>,
}

/// Executions in some time.
#[derive(Clone, Copy)]
pub struct Speed {
    pub executions: u64,
    pub time: Duration,
}

impl Speed {
    pub fn per_second(self) -> f64 {
        self.executions as f64 / self.time.as_secs_f64()
    }
}

/// The words of a program, just made.
pub fn memory<M: Machine>(program: &Program<M>) -> Vec<M::Word> {
    program.words.iter().map(|value| M::Word::new(*value)).collect()
}

pub fn last(indices: &[usize], words: &[impl Word]) -> Outcome {
    indices.iter().map(|index| words[*index].load(Ordering::Relaxed)).collect()
}
