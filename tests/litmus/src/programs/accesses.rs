//! Litmus tests: a few accesses each. The outcomes follow from the axioms of C++20 ([atomics.order], [intro.races]).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::actor;
use crate::machine::{Machine, Outcome, Program, Size, Word};

pub fn all<M: Machine>() -> Vec<Program<M>> {
    vec![
        message_passing("message passing, Release and Acquire", Release, Acquire, false),
        message_passing("message passing, Relaxed", Relaxed, Relaxed, false),
        message_passing("message passing, two fences", Relaxed, Relaxed, true),
        store_buffering("store buffering, `SeqCst`", SeqCst, SeqCst, false),
        store_buffering("store buffering, Release and Acquire", Release, Acquire, false),
        store_buffering("store buffering, `SeqCst` stores, Relaxed loads", SeqCst, Relaxed, false),
        store_buffering("store buffering, `SeqCst` fences", Relaxed, Relaxed, true),
        load_buffering("load buffering, Relaxed", Relaxed, Relaxed),
        load_buffering("load buffering, Release and Acquire", Acquire, Release),
        independent_reads("IRIW, `SeqCst`", SeqCst, SeqCst),
        independent_reads("IRIW, Release and Acquire", Release, Acquire),
        two_plus_two_writes("2+2W, `SeqCst`", SeqCst),
        two_plus_two_writes("2+2W, Relaxed", Relaxed),
        coherence(),
        modification(),
        release_sequence("release sequence, through an exchange", true),
        release_sequence("release sequence, ended by a store", false),
    ]
}

fn pairs(but: &[[u64; 2]]) -> BTreeSet<Outcome> {
    let all = [[0, 0], [0, 1], [1, 0], [1, 1]];
    all.iter().filter(|pair| !but.contains(pair)).map(|pair| pair.to_vec()).collect()
}

fn message_passing<M: Machine>(name: &'static str, store: Ordering, load: Ordering, fences: bool) -> Program<M> {
    let writes = actor::<M>(move |words| {
        words[0].store(1, Relaxed);
        if fences {
            M::fence(Release);
        }
        words[1].store(1, store);
        Vec::new()
    });
    let reads = actor::<M>(move |words| {
        let is_there = words[1].load(load);
        if fences {
            M::fence(Acquire);
        }
        vec![is_there, words[0].load(Relaxed)]
    });
    let synchronizes = fences || store == Release;
    let allowed = pairs(if synchronizes { &[[1, 0]] } else { &[] });
    Program { name, words: vec![0; 2], actors: vec![writes, reads], last: vec![], size: Size::Whole, allowed }
}

fn store_buffering<M: Machine>(name: &'static str, store: Ordering, load: Ordering, fences: bool) -> Program<M> {
    let side = |mine: usize| {
        actor::<M>(move |words| {
            words[mine].store(1, store);
            if fences {
                M::fence(SeqCst);
            }
            vec![words[1 - mine].load(load)]
        })
    };
    let is_ordered = fences || (store, load) == (SeqCst, SeqCst);
    let allowed = pairs(if is_ordered { &[[0, 0]] } else { &[] });
    Program { name, words: vec![0; 2], actors: vec![side(0), side(1)], last: vec![], size: Size::Whole, allowed }
}

fn load_buffering<M: Machine>(name: &'static str, load: Ordering, store: Ordering) -> Program<M> {
    let side = |mine: usize| {
        actor::<M>(move |words| {
            let seen = words[mine].load(load);
            words[1 - mine].store(1, store);
            vec![seen]
        })
    };
    let allowed = pairs(if store == Release { &[[1, 1]] } else { &[] });
    Program { name, words: vec![0; 2], actors: vec![side(0), side(1)], last: vec![], size: Size::Ahead, allowed }
}

/// Two writers, and two readers that may see the writes in opposite orders.
fn independent_reads<M: Machine>(name: &'static str, store: Ordering, load: Ordering) -> Program<M> {
    let writes = |which: usize| {
        actor::<M>(move |words| {
            words[which].store(1, store);
            Vec::new()
        })
    };
    let reads = |first: usize| actor::<M>(move |words| vec![words[first].load(load), words[1 - first].load(load)]);
    let all = (0..16_u64).map(|code| vec![code & 1, code >> 1 & 1, code >> 2 & 1, code >> 3]);
    let allowed = all.filter(|outcome| store != SeqCst || *outcome != [1, 0, 1, 0]).collect();
    let actors = vec![writes(0), writes(1), reads(0), reads(1)];
    Program { name, words: vec![0; 2], actors, last: vec![], size: Size::Whole, allowed }
}

fn two_plus_two_writes<M: Machine>(name: &'static str, ordering: Ordering) -> Program<M> {
    let side = |mine: usize| {
        actor::<M>(move |words| {
            words[mine].store(1, ordering);
            words[1 - mine].store(2, ordering);
            Vec::new()
        })
    };
    let all = [vec![1, 1], vec![1, 2], vec![2, 1], vec![2, 2]];
    let allowed = all.into_iter().filter(|outcome| ordering != SeqCst || *outcome != [1, 1]).collect();
    Program { name, words: vec![0; 2], actors: vec![side(0), side(1)], last: vec![0, 1], size: Size::Whole, allowed }
}

/// Two writers of one location, and two readers of two values each: all see one order.
fn coherence<M: Machine>() -> Program<M> {
    let writes = |value: u64| {
        actor::<M>(move |words| {
            words[0].store(value, Relaxed);
            Vec::new()
        })
    };
    let reads = || actor::<M>(|words| vec![words[0].load(Relaxed), words[0].load(Relaxed)]);
    let is_forward = |pair: &[u64]| !matches!(pair, [1 | 2, 0]);
    let is_opposite = |outcome: &[u64]| matches!(outcome, [1, 2, 2, 1] | [2, 1, 1, 2]);
    let all = (0..81_u64).map(|code| vec![code % 3, code / 3 % 3, code / 9 % 3, code / 27]);
    let allowed = all.filter(|it| is_forward(&it[..2]) && is_forward(&it[2..]) && !is_opposite(it)).collect();
    let actors = vec![writes(1), writes(2), reads(), reads()];
    Program { name: "coherence of one location", words: vec![0], actors, last: vec![], size: Size::Whole, allowed }
}

fn modification<M: Machine>() -> Program<M> {
    let adds = || actor::<M>(|words| vec![words[0].fetch_add(1, Relaxed)]);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let allowed = orders.iter().map(|order| order.to_vec()).collect();
    let actors = vec![adds(), adds(), adds()];
    Program { name: "read-modify-write atomicity", words: vec![0], actors, last: vec![], size: Size::Whole, allowed }
}

fn release_sequence<M: Machine>(name: &'static str, by_exchange: bool) -> Program<M> {
    let writes = actor::<M>(|words| {
        words[0].store(1, Relaxed);
        words[1].store(1, Release);
        Vec::new()
    });
    let passes = actor::<M>(move |words| {
        if by_exchange {
            let _ = words[1].compare_exchange(1, 2, Relaxed, Relaxed);
        } else if words[1].load(Relaxed) == 1 {
            words[1].store(2, Relaxed);
        }
        Vec::new()
    });
    let reads = actor::<M>(|words| {
        let is_passed = u64::from(words[1].load(Acquire) == 2);
        vec![is_passed, words[0].load(Relaxed)]
    });
    let allowed = pairs(if by_exchange { &[[1, 0]] } else { &[] });
    let actors = vec![writes, passes, reads];
    Program { name, words: vec![0; 2], actors, last: vec![], size: Size::Whole, allowed }
}
