//! Litmus tests, each with every outcome that C++20 allows.

use std::collections::BTreeSet;

use crashcheck::Model;
use crashcheck::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crashcheck::atomic::{AtomicU64, Ordering, fence};

use crate::outcomes::{Program, Run, outcomes};

type Two = [AtomicU64; 2];
type Three = [AtomicU64; 3];

fn words<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn all<M, const N: usize>(memory: impl Fn() -> M, actors: &[Program<'_, M>]) -> BTreeSet<[u64; N]> {
    let (found, _) = outcomes(&Model::unbounded(), memory, actors, |_| Vec::new());
    found.into_iter().map(|outcome| outcome.try_into().expect("each register is set")).collect()
}

#[track_caller]
fn assert_outcomes<const N: usize>(found: &BTreeSet<[u64; N]>, expected: &[[u64; N]]) {
    assert_eq!(*found, expected.iter().copied().collect());
}

/// Two values that are each 0 or 1, in every combination but for these.
fn every_pair_but(missing: &[[u64; 2]]) -> Vec<[u64; 2]> {
    [[0, 0], [0, 1], [1, 0], [1, 1]].into_iter().filter(|pair| !missing.contains(pair)).collect()
}

fn message_passing(store: Ordering, load: Ordering) -> BTreeSet<[u64; 2]> {
    let writes = |run: &Run<Two>| {
        run.memory[0].store(1, Relaxed);
        run.memory[1].store(1, store);
    };
    let reads = |run: &Run<Two>| {
        run.set(0, run.memory[1].load(load));
        run.set(1, run.memory[0].load(Relaxed));
    };
    all(words, &[&writes, &reads])
}

#[test]
fn a_message_is_passed_by_release_and_acquire_alone() {
    assert_outcomes(&message_passing(Release, Acquire), &every_pair_but(&[[1, 0]]));
    assert_outcomes(&message_passing(SeqCst, SeqCst), &every_pair_but(&[[1, 0]]));
    assert_outcomes(&message_passing(Relaxed, Acquire), &every_pair_but(&[]));
    assert_outcomes(&message_passing(Release, Relaxed), &every_pair_but(&[]));
    assert_outcomes(&message_passing(Relaxed, Relaxed), &every_pair_but(&[]));
}

fn message_passing_with_fences(release: bool, acquire: bool) -> BTreeSet<[u64; 2]> {
    let writes = |run: &Run<Two>| {
        run.memory[0].store(1, Relaxed);
        if release {
            fence(Release);
        }
        run.memory[1].store(1, Relaxed);
    };
    let reads = |run: &Run<Two>| {
        run.set(0, run.memory[1].load(Relaxed));
        if acquire {
            fence(Acquire);
        }
        run.set(1, run.memory[0].load(Relaxed));
    };
    all(words, &[&writes, &reads])
}

#[test]
fn two_fences_pass_a_message_and_one_does_not() {
    assert_outcomes(&message_passing_with_fences(true, true), &every_pair_but(&[[1, 0]]));
    assert_outcomes(&message_passing_with_fences(true, false), &every_pair_but(&[]));
    assert_outcomes(&message_passing_with_fences(false, true), &every_pair_but(&[]));
}

fn store_buffering(store: Ordering, load: Ordering, with_fence: bool) -> BTreeSet<[u64; 2]> {
    let side = move |mine: usize| {
        move |run: &Run<Two>| {
            run.memory[mine].store(1, store);
            if with_fence {
                fence(SeqCst);
            }
            run.set(mine, run.memory[1 - mine].load(load));
        }
    };
    all(words, &[&side(0), &side(1)])
}

#[test]
fn stores_are_buffered_unless_all_is_sequentially_consistent() {
    assert_outcomes(&store_buffering(SeqCst, SeqCst, false), &every_pair_but(&[[0, 0]]));
    assert_outcomes(&store_buffering(Relaxed, Relaxed, true), &every_pair_but(&[[0, 0]]));
    assert_outcomes(&store_buffering(Release, Acquire, false), &every_pair_but(&[]));
    assert_outcomes(&store_buffering(SeqCst, Acquire, false), &every_pair_but(&[]));
    assert_outcomes(&store_buffering(Release, SeqCst, false), &every_pair_but(&[]));
    assert_outcomes(&store_buffering(Relaxed, Relaxed, false), &every_pair_but(&[]));
}

/// Independent reads of independent writes: two readers, and whether they see the writes in opposite orders.
fn iriw(store: Ordering, load: Ordering, with_fence: bool) -> bool {
    let writes = move |which: usize| move |run: &Run<Two>| run.memory[which].store(1, store);
    let reads = move |first: usize| {
        move |run: &Run<Two>| {
            run.set(2 * first, run.memory[first].load(load));
            if with_fence {
                fence(SeqCst);
            }
            run.set(2 * first + 1, run.memory[1 - first].load(load));
        }
    };
    let found: BTreeSet<[u64; 4]> = all(words, &[&writes(0), &writes(1), &reads(0), &reads(1)]);
    // Fifteen outcomes are those of interleavings.
    assert_eq!(found.len(), if found.contains(&[1, 0, 1, 0]) { 16 } else { 15 });
    found.contains(&[1, 0, 1, 0])
}

#[test]
fn two_readers_see_two_writes_in_one_order_only_if_all_is_sequentially_consistent() {
    assert!(!iriw(SeqCst, SeqCst, false));
    assert!(!iriw(Relaxed, Relaxed, true));
    assert!(iriw(Release, Acquire, false));
    assert!(iriw(SeqCst, Acquire, false));
    assert!(iriw(Relaxed, Relaxed, false));
}

fn two_plus_two_writes(first: Ordering, second: Ordering) -> BTreeSet<Vec<u64>> {
    let side = move |mine: usize| {
        move |run: &Run<Two>| {
            run.memory[mine].store(1, first);
            run.memory[1 - mine].store(2, second);
        }
    };
    let newest = |memory: &Two| memory.iter().map(|word| word.load(Relaxed)).collect();
    outcomes(&Model::unbounded(), words, &[&side(0), &side(1)], newest).0
}

#[test]
fn two_stores_each_may_both_come_first() {
    let weak = BTreeSet::from([vec![1, 1], vec![1, 2], vec![2, 1], vec![2, 2]]);
    let strong = BTreeSet::from([vec![1, 2], vec![2, 1], vec![2, 2]]);
    assert_eq!(two_plus_two_writes(Relaxed, Relaxed), weak);
    // Nothing reads, so nothing synchronizes.
    assert_eq!(two_plus_two_writes(Release, Release), weak);
    assert_eq!(two_plus_two_writes(SeqCst, SeqCst), strong);
}

#[test]
fn one_location_is_seen_in_one_order() {
    let writes = |value: u64| move |run: &Run<[AtomicU64; 1]>| run.memory[0].store(value, Relaxed);
    let reads = |first: usize| {
        move |run: &Run<[AtomicU64; 1]>| {
            run.set(first, run.memory[0].load(Relaxed));
            run.set(first + 1, run.memory[0].load(Relaxed));
        }
    };
    let found: BTreeSet<[u64; 4]> = all(words, &[&writes(1), &writes(2), &reads(0), &reads(2)]);
    // Each reader sees 0 first, if at all, and both see 1 and 2 in one order.
    let is_right = |pair: [u64; 2]| !matches!(pair, [1 | 2, 0]);
    let mut expected = BTreeSet::new();
    for code in 0..81_u64 {
        let [a, b, c, d] = [code % 3, code / 3 % 3, code / 9 % 3, code / 27];
        let opposite = matches!([a, b, c, d], [1, 2, 2, 1] | [2, 1, 1, 2]);
        if is_right([a, b]) && is_right([c, d]) && !opposite {
            expected.insert([a, b, c, d]);
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn an_actor_sees_its_own_stores() {
    let own = |run: &Run<[AtomicU64; 1]>| {
        run.memory[0].store(1, Relaxed);
        run.set(0, run.memory[0].load(Relaxed));
    };
    let other = |run: &Run<[AtomicU64; 1]>| run.memory[0].store(2, Relaxed);
    assert_outcomes(&all(words, &[&own, &other]), &[[1], [2]]);
}

#[test]
fn no_update_is_lost_between_read_and_write_of_one_operation() {
    for ordering in [Relaxed, Release, Acquire, AcqRel, SeqCst] {
        let adds =
            |register: usize| move |run: &Run<[AtomicU64; 1]>| run.set(register, run.memory[0].fetch_add(1, ordering));
        assert_outcomes(&all(words, &[&adds(0), &adds(1), &adds(2)]), &permutations());
    }
}

fn permutations() -> Vec<[u64; 3]> {
    vec![[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
}

#[test]
fn one_of_two_exchanges_fails() {
    let swaps = |register: usize| {
        move |run: &Run<[AtomicU64; 1]>| {
            let won = run.memory[0].compare_exchange(0, register as u64 + 1, Relaxed, Relaxed).is_ok();
            run.set(register, won.into());
        }
    };
    assert_outcomes(&all(words, &[&swaps(0), &swaps(1)]), &[[0, 1], [1, 0]]);
}

fn release_sequence(middle: impl Fn(&Run<Two>) + Copy) -> BTreeSet<[u64; 2]> {
    let writes = |run: &Run<Two>| {
        run.memory[0].store(1, Relaxed);
        run.memory[1].store(1, Release);
    };
    let reads = |run: &Run<Two>| {
        run.set(0, u64::from(run.memory[1].load(Acquire) == 2));
        run.set(1, run.memory[0].load(Relaxed));
    };
    all(words, &[&writes, &middle, &reads])
}

#[test]
fn a_release_sequence_goes_through_a_modification_and_not_through_a_store() {
    let modifies = |run: &Run<Two>| {
        let _ = run.memory[1].compare_exchange(1, 2, Relaxed, Relaxed);
    };
    let stores = |run: &Run<Two>| {
        if run.memory[1].load(Relaxed) == 1 {
            run.memory[1].store(2, Relaxed);
        }
    };
    assert_outcomes(&release_sequence(modifies), &every_pair_but(&[[1, 0]]));
    assert_outcomes(&release_sequence(stores), &every_pair_but(&[]));
}

#[test]
fn a_message_is_passed_on() {
    let first = |run: &Run<Three>| {
        run.memory[0].store(1, Relaxed);
        run.memory[1].store(1, Release);
    };
    let second = |run: &Run<Three>| {
        let seen = run.memory[1].load(Acquire);
        run.memory[2].store(seen, Release);
    };
    let third = |run: &Run<Three>| {
        run.set(0, run.memory[2].load(Acquire));
        run.set(1, run.memory[0].load(Relaxed));
    };
    assert_outcomes(&all(words, &[&first, &second, &third]), &every_pair_but(&[[1, 0]]));
}

/// A sequentially consistent store is no fence (Lahav et al., figure 4 of "Repairing Sequential Consistency").
#[test]
fn a_strong_operation_orders_nothing_but_its_fellows() {
    let first = |run: &Run<Two>| {
        run.memory[0].store(1, SeqCst);
        run.set(0, run.memory[1].load(Relaxed));
    };
    let second = |run: &Run<Two>| {
        run.memory[1].store(1, SeqCst);
        run.set(1, run.memory[0].load(Relaxed));
    };
    assert_outcomes(&all(words, &[&first, &second]), &every_pair_but(&[]));
}

/// Words that were used before the actors began, so that a store of them can be seen ahead.
fn used_words<const N: usize>() -> [AtomicU64; N] {
    let words: [AtomicU64; N] = words();
    for word in &words {
        word.store(0, Relaxed);
    }
    words
}

fn load_buffering(load: Ordering, store: Ordering, value: impl Fn(u64) -> u64 + Copy) -> BTreeSet<[u64; 2]> {
    let side = |mine: usize| {
        move |run: &Run<Two>| {
            let seen = run.memory[mine].load(load);
            run.set(mine, seen);
            run.memory[1 - mine].store(value(seen), store);
        }
    };
    let model = Model::unbounded().ahead(2);
    let (found, _) = outcomes(&model, used_words, &[&side(0), &side(1)], |_| Vec::new());
    found.into_iter().map(|outcome| outcome.try_into().expect("each register is set")).collect()
}

#[test]
fn a_relaxed_store_is_seen_before_the_load_before_it_unless_it_depends_on_that() {
    assert_outcomes(&load_buffering(Relaxed, Relaxed, |_| 1), &every_pair_but(&[]));
    // Relaxed stores give nothing to an acquiring load.
    assert_outcomes(&load_buffering(Acquire, Relaxed, |_| 1), &every_pair_but(&[]));
    assert_outcomes(&load_buffering(Relaxed, Release, |_| 1), &every_pair_but(&[[1, 1]]));
    assert_outcomes(&load_buffering(Acquire, Release, |_| 1), &every_pair_but(&[[1, 1]]));
    // No value comes out of thin air.
    assert_outcomes(&load_buffering(Relaxed, Relaxed, |seen| seen), &[[0, 0]]);
}

#[test]
fn the_reduction_loses_no_outcome() {
    let stores = |first: usize| {
        move |run: &Run<Three>| {
            run.memory[first].store(1, Relaxed);
            run.memory[2].fetch_add(1, AcqRel);
            run.memory[1 - first].store(2, Release);
        }
    };
    let loads = |run: &Run<Three>| {
        for register in 0..3 {
            run.set(register, run.memory[register].load(Acquire));
        }
    };
    let explore = |model: &Model| {
        let newest = |memory: &Three| memory.iter().map(|word| word.load(Relaxed)).collect();
        outcomes(model, words, &[&stores(0), &stores(1), &loads], newest)
    };
    let (reduced, with) = explore(&Model::unbounded());
    let (whole, without) = explore(&Model::unbounded().without_reduction());
    assert_eq!(reduced, whole);
    let tried = |report: &crashcheck::Report| report.executions;
    assert!(tried(&with) * 4 < tried(&without), "{} of {}", tried(&with), tried(&without));
}
