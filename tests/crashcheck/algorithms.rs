//! Known algorithms: those that are right are found right, and without what makes them right they are found wrong.

use crashcheck::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crashcheck::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
use crashcheck::cell::Cell;
use crashcheck::{Actor, Failure, Model, Report, actor};

/// Two sections of code that may not overlap, around a counter that is no atomic.
struct Section<L> {
    lock: L,
    inside: Cell<u64>,
}

impl<L> Section<L> {
    fn new(lock: L) -> Self {
        Self { lock, inside: Cell::new(0) }
    }

    fn enter(&self) {
        self.inside.set(self.inside.get() + 1);
    }
}

fn exclusive<L>(model: &Model, lock: impl Fn() -> L, run: &dyn Fn(&Section<L>, usize)) -> Report {
    let (first, second) = (|section: &Section<L>| run(section, 0), |section: &Section<L>| run(section, 1));
    let actors = [Actor::new("first", &first), Actor::new("second", &second)];
    model.explore(
        || Section::new(lock()),
        &actors,
        |section, _| match section.inside.get() {
            2 => Ok(()),
            other => Err(format!("{other} of 2 were inside")),
        },
    )
}

#[track_caller]
fn assert_race(report: &Report) {
    let violation = report.violation.as_ref().expect("a violation");
    assert!(matches!(violation.failure, Failure::DataRace { .. }), "{violation}");
}

/// Dekker, "Cooperating Sequential Processes", 1965.
fn dekker(ordering: Ordering) -> impl Fn(&Section<[AtomicU64; 3]>, usize) {
    move |section, me| {
        let [turn, wants @ ..] = &section.lock;
        wants[me].store(1, ordering);
        while wants[1 - me].load(ordering) == 1 {
            if turn.load(ordering) != me as u64 {
                wants[me].store(0, ordering);
                while turn.load(ordering) != me as u64 {
                    actor::spin_loop();
                }
                wants[me].store(1, ordering);
            }
            actor::spin_loop();
        }
        section.enter();
        turn.store(1 - me as u64, ordering);
        wants[me].store(0, if ordering == SeqCst { SeqCst } else { Release });
    }
}

fn words<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

#[test]
fn dekkers_algorithm_excludes_only_if_it_is_sequentially_consistent() {
    let model = Model::new().preemptions(4).stale(2);
    exclusive(&model, words, &dekker(SeqCst)).unwrap();
    assert_race(&exclusive(&model, words, &dekker(Relaxed)));
}

/// Peterson, "Myths about the Mutual Exclusion Problem", 1981.
fn peterson(with_fence: bool) -> impl Fn(&Section<[AtomicU64; 3]>, usize) {
    move |section, me| {
        let [last, wants @ ..] = &section.lock;
        wants[me].store(1, Relaxed);
        last.store(me as u64, Release);
        if with_fence {
            fence(SeqCst);
        }
        while wants[1 - me].load(Acquire) == 1 && last.load(Acquire) == me as u64 {
            actor::spin_loop();
        }
        section.enter();
        wants[me].store(0, Release);
    }
}

#[test]
fn petersons_algorithm_excludes_only_with_a_fence_and_an_exchange() {
    let model = Model::new().preemptions(4).stale(2);
    assert_race(&exclusive(&model, words, &peterson(false)));
    let exchanging = |section: &Section<[AtomicU64; 3]>, me: usize| {
        let [last, wants @ ..] = &section.lock;
        wants[me].store(1, Relaxed);
        last.swap(me as u64, AcqRel);
        fence(SeqCst);
        while wants[1 - me].load(Acquire) == 1 && last.load(Acquire) == me as u64 {
            actor::spin_loop();
        }
        section.enter();
        wants[me].store(0, Release);
    };
    exclusive(&model, words, &exchanging).unwrap();
}

fn ticket_lock(unlocking: Ordering) -> impl Fn(&Section<[AtomicU64; 2]>, usize) {
    move |section, _| {
        let [next, served] = &section.lock;
        let ticket = next.fetch_add(1, Relaxed);
        while served.load(Acquire) != ticket {
            actor::spin_loop();
        }
        section.enter();
        served.store(ticket + 1, unlocking);
    }
}

#[test]
fn a_ticket_lock_excludes_only_if_it_unlocks_by_a_release() {
    let model = Model::new().preemptions(4).stale(2);
    exclusive(&model, words, &ticket_lock(Release)).unwrap();
    assert_race(&exclusive(&model, words, &ticket_lock(Relaxed)));
}

/// A sequence lock as in Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", 2012.
fn sequence_lock(with_fences: bool) -> Report {
    type Memory = [AtomicU64; 4];
    let writes = |memory: &Memory| {
        let [sequence, first, second, _] = memory;
        for value in 1..=2 {
            sequence.store(2 * value - 1, Relaxed);
            if with_fences {
                fence(Release);
            }
            first.store(value, Relaxed);
            second.store(value, Relaxed);
            sequence.store(2 * value, Release);
        }
    };
    let reads = |memory: &Memory| {
        let [sequence, first, second, torn] = memory;
        let before = sequence.load(Acquire);
        let (a, b) = (first.load(Relaxed), second.load(Relaxed));
        if with_fences {
            fence(Acquire);
        }
        let after = sequence.load(Relaxed);
        if before == after && before.is_multiple_of(2) && a != b {
            torn.store(1, Relaxed);
        }
    };
    let model = Model::new().preemptions(2).stale(2);
    model.explore(words, &[Actor::new("writer", &writes), Actor::new("reader", &reads)], |memory: &Memory, _| {
        if memory[3].load(Relaxed) == 0 { Ok(()) } else { Err("a torn pair was taken for a whole one".to_owned()) }
    })
}

#[test]
fn a_sequence_lock_shows_no_torn_pair_if_it_has_its_fences() {
    sequence_lock(true).unwrap();
    assert!(sequence_lock(false).violation.is_some());
}

/// The last item of a deque that its owner takes and a thief steals: Le, Pop, Cohen, Nardelli, "Correct and Efficient
/// Work-Stealing for Weak Memory Models", 2013.
fn last_item(with_fences: bool) -> Report {
    struct Deque {
        top: AtomicUsize,
        bottom: AtomicUsize,
        got: [AtomicU64; 2],
    }
    let fenced = || {
        if with_fences {
            fence(SeqCst);
        }
    };
    let takes = |deque: &Deque| {
        let bottom = deque.bottom.load(Relaxed) - 1;
        deque.bottom.store(bottom, Relaxed);
        fenced();
        let top = deque.top.load(Relaxed);
        let is_mine = match top.cmp(&bottom) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => deque.top.compare_exchange(top, top + 1, SeqCst, Relaxed).is_ok(),
            std::cmp::Ordering::Greater => false,
        };
        if is_mine {
            deque.got[bottom].fetch_add(1, Relaxed);
        }
    };
    let steals = |deque: &Deque| {
        for _ in 0..2 {
            let top = deque.top.load(Acquire);
            fenced();
            let bottom = deque.bottom.load(Acquire);
            if top < bottom && deque.top.compare_exchange(top, top + 1, SeqCst, Relaxed).is_ok() {
                deque.got[top].fetch_add(1, Relaxed);
            }
        }
    };
    let set_up = || Deque { top: AtomicUsize::new(0), bottom: AtomicUsize::new(2), got: words() };
    let model = Model::new().preemptions(3).stale(2);
    model.explore(set_up, &[Actor::new("owner", &takes), Actor::new("thief", &steals)], |deque, _| {
        let got = deque.got.each_ref().map(|count| count.load(Relaxed));
        if got.iter().all(|count| *count <= 1) { Ok(()) } else { Err(format!("items were taken {got:?} times")) }
    })
}

#[test]
fn an_item_of_a_deque_is_taken_once_if_it_has_its_fences() {
    last_item(true).unwrap();
    assert!(last_item(false).violation.is_some());
}

/// A stack of two nodes, by index, whose head is exchanged. Node 0 is its end.
struct Stack {
    /// The node, and a count of the changes above it if they are counted.
    head: AtomicU64,
    next: [AtomicU64; 3],
    counts: bool,
}

impl Stack {
    fn new(counts: bool) -> Self {
        // 1, and below it 2.
        Self { head: AtomicU64::new(1), next: [AtomicU64::new(0), AtomicU64::new(2), AtomicU64::new(0)], counts }
    }

    fn tagged(&self, old: u64, node: u64) -> u64 {
        if self.counts { ((old >> 8) + 1) << 8 | node } else { node }
    }

    fn pop(&self) -> u64 {
        loop {
            let head = self.head.load(Acquire);
            let node = head & 0xff;
            if node == 0 {
                return 0;
            }
            let next = self.next[usize::try_from(node).expect("an index")].load(Relaxed);
            if self.head.compare_exchange(head, self.tagged(head, next), AcqRel, Relaxed).is_ok() {
                return node;
            }
        }
    }

    fn push(&self, node: u64) {
        loop {
            let head = self.head.load(Acquire);
            self.next[usize::try_from(node).expect("an index")].store(head & 0xff, Relaxed);
            if self.head.compare_exchange(head, self.tagged(head, node), AcqRel, Relaxed).is_ok() {
                return;
            }
        }
    }
}

/// Treiber, "Systems Programming: Coping with Parallelism", 1986.
fn treiber(counts: bool) -> Report {
    struct Run {
        stack: Stack,
        held: [AtomicU64; 3],
    }
    let holds = |run: &Run| {
        let node = run.stack.pop();
        run.held[usize::try_from(node).expect("an index")].fetch_add(1, Relaxed);
    };
    let juggles = |run: &Run| {
        let first = run.stack.pop();
        let second = run.stack.pop();
        run.held[usize::try_from(second).expect("an index")].fetch_add(1, Relaxed);
        if first != 0 {
            run.stack.push(first);
        }
    };
    let set_up = || Run { stack: Stack::new(counts), held: words() };
    let model = Model::new().preemptions(2);
    model.explore(set_up, &[Actor::new("holder", &holds), Actor::new("juggler", &juggles)], |run, _| {
        let mut counts = run.held.each_ref().map(|count| count.load(Relaxed));
        for _ in 0..3 {
            let node = usize::try_from(run.stack.pop()).expect("an index");
            counts[node] += 1;
        }
        if counts[1..].iter().all(|count| *count <= 1) {
            Ok(())
        } else {
            Err(format!("nodes are there {counts:?} times"))
        }
    })
}

#[test]
fn a_stack_gives_a_node_twice_unless_its_changes_are_counted() {
    let violation = treiber(false).violation.expect("a violation");
    assert_eq!((violation.preemptions, violation.deaths, violation.stale), (1, 0, 0), "{violation}");
    treiber(true).unwrap();
}
