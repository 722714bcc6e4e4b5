//! States that are remembered lose no outcome: programs that were made at random, explored with them and without.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use crashcheck::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crashcheck::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence, fence};
use crashcheck::robust::{Locked, RobustMutex};
use crashcheck::state::{self, Table};
use crashcheck::{Actor, Model, Outcome, actor, futex};

/// What an actor does, one after the other. What it stores depends on what it has read.
#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize, Ordering),
    Store(usize, Ordering),
    Add(usize, Ordering),
    Exchange(usize, Ordering),
    Fence(Ordering),
    CompilerFence,
    Lock,
    Unlock,
    /// Reads and writes what the mutex guards, which is not modelled, if it gets the mutex.
    TryLocked,
    IsAlive(usize),
    Call,
    Sleep,
    Wake,
}

struct Shared {
    words: [AtomicU64; 2],
    bell: AtomicU32,
    mutex: RobustMutex,
    guarded: Cell<u64>,
    table: Table<u64>,
    /// Which actors came to their end.
    ended: [AtomicU64; 3],
    /// What the actors say, one after the other.
    said: RefCell<Vec<u64>>,
}

impl Shared {
    fn new() -> Self {
        Self {
            words: Default::default(),
            bell: AtomicU32::new(0),
            mutex: RobustMutex::new(),
            guarded: Cell::new(0),
            table: Table::new(0),
            ended: Default::default(),
            said: RefCell::default(),
        }
    }

    fn say(&self, what: u64) {
        state::note(&what);
        self.said.borrow_mut().push(what);
    }

    fn use_guarded(&self, me: u64) -> u64 {
        let next = (self.guarded.get() * 3 + me + 1) % 1_000;
        self.guarded.set(next);
        next
    }

    fn is_taken(&self, locked: Locked) {
        if locked == Locked::OwnerDied {
            self.mutex.make_consistent();
        }
    }

    fn run(&self, me: u64, steps: &[Step], speaks: bool) {
        let mut knows = me;
        let mut holds = false;
        for step in steps {
            let learned = match *step {
                Step::Load(word, ordering) => Some(self.words[word].load(ordering)),
                Step::Store(word, ordering) => {
                    self.words[word].store(knows + 1, ordering);
                    None
                }
                Step::Add(word, ordering) => Some(self.words[word].fetch_add(knows + 1, ordering)),
                Step::Exchange(word, ordering) => {
                    self.words[word].compare_exchange(0, knows + 10, ordering, Relaxed).err()
                }
                Step::Fence(ordering) => {
                    fence(ordering);
                    None
                }
                Step::CompilerFence => {
                    compiler_fence(SeqCst);
                    None
                }
                Step::Lock => {
                    self.is_taken(self.mutex.lock().expect("it is made consistent"));
                    holds = true;
                    Some(self.use_guarded(me))
                }
                Step::Unlock => {
                    self.mutex.unlock();
                    holds = false;
                    None
                }
                Step::TryLocked if holds => None,
                Step::TryLocked => self.mutex.try_lock().ok().map(|locked| {
                    self.is_taken(locked);
                    let value = self.use_guarded(me);
                    self.mutex.unlock();
                    value
                }),
                Step::IsAlive(other) => Some(actor::is_alive(other).into()),
                Step::Call => Some(self.table.with(|value| {
                    *value = *value * 2 + me;
                    *value
                })),
                Step::Sleep => Some(futex::wait(&self.bell, 0, Some(Duration::from_millis(1))) as u64),
                Step::Wake => {
                    self.bell.store(1, Release);
                    Some(futex::wake(&self.bell, 1) as u64)
                }
            };
            if let Some(learned) = learned {
                knows = (knows * 5 + learned + 1) % 10_000;
                if speaks {
                    self.say(knows);
                }
            }
        }
        self.ended[usize::try_from(me).expect("an actor") - 1].store(1, Relaxed);
    }
}

/// `SplitMix64`, so that the programs are the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below a bound")
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// What an actor runs.
type Run<'a> = Box<dyn Fn(&Shared) + 'a>;

struct Program {
    actors: Vec<Vec<Step>>,
    speaks: bool,
    bounds: [u32; 4],
}

impl Program {
    fn new(random: &mut Random) -> Self {
        let count = 2 + random.below(4) / 3;
        let length = if count == 2 { 4 } else { 3 };
        let has_strong = random.below(3) == 0;
        let actors = (0..count).map(|_| steps(random, length, count, has_strong)).collect();
        let most = if count == 2 { 3 } else { 2 };
        let mut bounds = std::array::from_fn(|_| u32::try_from(random.below(most)).expect("a small bound"));
        bounds[3] = bounds[3].min(1);
        Self { actors, speaks: random.below(2) == 0, bounds }
    }

    fn outcomes(&self, model: &Model) -> (BTreeSet<String>, u64) {
        let found = RefCell::new(BTreeSet::new());
        let runs: Vec<Run<'_>> = (1..)
            .zip(&self.actors)
            .map(|(me, steps)| Box::new(move |shared: &Shared| shared.run(me, steps, self.speaks)) as Box<_>)
            .collect();
        let actors: Vec<Actor<'_, Shared>> = runs.iter().map(|run| Actor::new("actor", &**run)).collect();
        let report = model.explore(Shared::new, &actors, |shared: &Shared, _: &Outcome| {
            let words: Vec<u64> = shared.words.iter().chain(&shared.ended).map(|word| word.load(Relaxed)).collect();
            let locked = shared.mutex.try_lock();
            let table = shared.table.with(|value| *value);
            let said = shared.said.borrow();
            found.borrow_mut().insert(format!("{words:?} {locked:?} {table} {said:?}"));
            Ok(())
        });
        let report = report.unwrap();
        (found.into_inner(), report.executions)
    }
}

/// An actor's program. It holds the mutex for a part of it, or not.
fn steps(random: &mut Random, length: usize, actors: usize, has_strong: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..length).map(|_| step(random, actors, has_strong)).collect();
    if random.below(2) == 0 {
        let from = random.below(length);
        steps.insert(from, Step::Lock);
        steps.insert(from + 2 + random.below(length - from), Step::Unlock);
    }
    steps
}

fn step(random: &mut Random, actors: usize, has_strong: bool) -> Step {
    let word = random.below(2);
    let strong = |of: &[Ordering], random: &mut Random| if has_strong { SeqCst } else { random.of(of) };
    match random.below(20) {
        0..5 => Step::Load(word, strong(&[Relaxed, Acquire], random)),
        5..10 => Step::Store(word, strong(&[Relaxed, Release], random)),
        10..12 => Step::Add(word, random.of(&[Relaxed, AcqRel])),
        12 => Step::Exchange(word, random.of(&[Relaxed, AcqRel])),
        13 => Step::Fence(random.of(&[Acquire, Release, SeqCst])),
        14 => Step::CompilerFence,
        15 => Step::TryLocked,
        16 => Step::IsAlive(1 + random.below(actors)),
        17 => Step::Call,
        18 => Step::Sleep,
        _ => Step::Wake,
    }
}

#[test]
fn no_outcome_is_lost_to_remembered_states() {
    let mut random = Random(15);
    for number in 0..PROGRAMS {
        let program = Program::new(&mut random);
        let [preemptions, deaths, stale, early] = program.bounds;
        let model = Model::new().preemptions(preemptions).deaths(deaths).stale(stale).early(early).time_may_pass();
        let (all, _) = program.outcomes(&model.clone().without_reduction());
        for reduced in [model.clone(), model.clone().remember_states()] {
            let (found, _) = program.outcomes(&reduced);
            let Program { actors, bounds, speaks } = &program;
            let lost: Vec<&String> = all.difference(&found).collect();
            let new: Vec<&String> = found.difference(&all).collect();
            assert!(
                lost.is_empty() && new.is_empty(),
                "program {number}, {bounds:?}, {speaks}: {actors:?}\nlost {lost:#?}\nnew {new:#?}\n{reduced:?}"
            );
        }
    }
}

#[test]
fn what_comes_after_a_state_is_explored_once() {
    let steps = |first: usize| {
        let one = [Step::Load(first, Acquire), Step::Add(1 - first, AcqRel), Step::Store(first, Release), Step::Lock];
        let other = [Step::Load(1 - first, Relaxed), Step::Unlock, Step::Store(1 - first, Release)];
        [one.as_slice(), &other, &one[..3]].concat()
    };
    let program = Program { actors: vec![steps(0), steps(1)], speaks: false, bounds: [4, 1, 0, 0] };
    let model = Model::new().preemptions(4).deaths(1);
    let (all, whole) = program.outcomes(&model);
    let (found, remembering) = program.outcomes(&model.remember_states());
    assert_eq!(all, found);
    assert!(remembering * 2 < whole, "{remembering} executions of {whole}");
}

#[test]
fn what_an_execution_that_is_broken_off_leaves_locked_is_free_when_it_is_dropped() {
    #[derive(Default)]
    struct LocksAsItEnds {
        mutex: RobustMutex,
        word: AtomicU64,
    }
    impl Drop for LocksAsItEnds {
        fn drop(&mut self) {
            assert_eq!(self.mutex.try_lock(), Ok(Locked::Clean));
        }
    }
    let adds_inside = |shared: &LocksAsItEnds| {
        assert_eq!(shared.mutex.lock(), Ok(Locked::Clean));
        shared.word.fetch_add(1, Relaxed);
        shared.mutex.unlock();
        shared.word.load(Relaxed);
    };
    let actors = [Actor::new("one", &adds_inside as _), Actor::new("other", &adds_inside as _)];
    let report = Model::new().preemptions(2).remember_states().explore(LocksAsItEnds::default, &actors, super::passes);
    assert!(report.unwrap().seen > 0);
}

/// How many programs are tried.
const PROGRAMS: usize = 30;
