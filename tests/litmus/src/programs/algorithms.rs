//! Known algorithms, right and with what makes them right left out. The outcome of a lock is a counter that its holders
//! change by a load and a store: 2, unless they were inside together. The outcome of the others is 1 if they failed.

use std::sync::atomic::Ordering;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

use super::actor;
use crate::machine::{Machine, Program, Size, Word};

pub fn all<M: Machine>() -> Vec<Program<M>> {
    vec![
        lock("Dekker, `SeqCst`", true, 3, dekker::<M>(SeqCst)),
        lock("Dekker, Relaxed", false, 3, dekker::<M>(Relaxed)),
        lock("Peterson, exchange and fence", true, 3, peterson::<M>(true)),
        lock("Peterson, Release and Acquire", false, 3, peterson::<M>(false)),
        lock("ticket lock, Release", true, 2, ticket::<M>(Release)),
        lock("ticket lock, Relaxed", false, 2, ticket::<M>(Relaxed)),
        sequence_lock("sequence lock, fences", true),
        sequence_lock("sequence lock, no fence", false),
        last_item("Chase-Lev steal, fences", true),
        last_item("Chase-Lev steal, no fence", false),
        treiber("Treiber stack, counted", true),
        treiber("Treiber stack, ABA", false),
    ]
}

/// Two actors take a lock, which has `count` words, and count in the word behind it.
fn lock<M: Machine>(
    name: &'static str,
    is_right: bool,
    count: usize,
    take: impl Fn(&[M::Word], usize, &dyn Fn()) + Copy + Send + Sync + 'static,
) -> Program<M> {
    let side = |me: usize| {
        actor::<M>(move |words| {
            let inside = || {
                let seen = words[count].load(Relaxed);
                words[count].store(seen + 1, Relaxed);
            };
            take(words, me, &inside);
            Vec::new()
        })
    };
    let allowed = if is_right { vec![vec![2]] } else { vec![vec![1], vec![2]] };
    let (words, last) = (vec![0; count + 1], vec![count]);
    let (actors, size) = (vec![side(0), side(1)], Size::Preemptions(4));
    Program { name, words, actors, last, size, allowed: allowed.into_iter().collect() }
}

/// Dekker, "Cooperating Sequential Processes", 1965.
fn dekker<M: Machine>(ordering: Ordering) -> impl Fn(&[M::Word], usize, &dyn Fn()) + Copy + Send + Sync {
    move |words, me, inside| {
        let (turn, wants) = (&words[0], &words[1..3]);
        wants[me].store(1, ordering);
        while wants[1 - me].load(ordering) == 1 {
            if turn.load(ordering) != me as u64 {
                wants[me].store(0, ordering);
                while turn.load(ordering) != me as u64 {
                    M::spin();
                }
                wants[me].store(1, ordering);
            }
            M::spin();
        }
        inside();
        turn.store(1 - me as u64, ordering);
        wants[me].store(0, if ordering == SeqCst { SeqCst } else { Release });
    }
}

/// Peterson, "Myths about the Mutual Exclusion Problem", 1981.
fn peterson<M: Machine>(with_fence: bool) -> impl Fn(&[M::Word], usize, &dyn Fn()) + Copy + Send + Sync {
    move |words, me, inside| {
        let (last, wants) = (&words[0], &words[1..3]);
        wants[me].store(1, Relaxed);
        if with_fence {
            last.swap(me as u64, AcqRel);
            M::fence(SeqCst);
        } else {
            last.store(me as u64, Release);
        }
        while wants[1 - me].load(Acquire) == 1 && last.load(Acquire) == me as u64 {
            M::spin();
        }
        inside();
        wants[me].store(0, Release);
    }
}

fn ticket<M: Machine>(unlocking: Ordering) -> impl Fn(&[M::Word], usize, &dyn Fn()) + Copy + Send + Sync {
    move |words, _, inside| {
        let (next, served) = (&words[0], &words[1]);
        let mine = next.fetch_add(1, Relaxed);
        while served.load(Acquire) != mine {
            M::spin();
        }
        inside();
        served.store(mine + 1, unlocking);
    }
}

/// Whether it went wrong is the outcome.
fn broken(is_right: bool) -> std::collections::BTreeSet<Vec<u64>> {
    if is_right { [vec![0]].into() } else { [vec![0], vec![1]].into() }
}

/// Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", 2012.
fn sequence_lock<M: Machine>(name: &'static str, fences: bool) -> Program<M> {
    let fence = move |ordering| {
        if fences {
            M::fence(ordering);
        }
    };
    let writes = actor::<M>(move |words| {
        for value in 1..=2 {
            words[0].store(2 * value - 1, Relaxed);
            fence(Release);
            words[1].store(value, Relaxed);
            words[2].store(value, Relaxed);
            words[0].store(2 * value, Release);
        }
        Vec::new()
    });
    let reads = actor::<M>(move |words| {
        let before = words[0].load(Acquire);
        let (first, second) = (words[1].load(Relaxed), words[2].load(Relaxed));
        fence(Acquire);
        let after = words[0].load(Relaxed);
        vec![u64::from(before == after && before % 2 == 0 && first != second)]
    });
    let (actors, size) = (vec![writes, reads], Size::Preemptions(2));
    Program { name, words: vec![0; 3], actors, last: vec![], size, allowed: broken(fences) }
}

/// Two items, of which the owner takes one and a thief steals up to two: Le, Pop, Cohen, Nardelli, "Correct and Efficient
/// Work-Stealing for Weak Memory Models", 2013. The word behind them counts an item that was taken twice.
fn last_item<M: Machine>(name: &'static str, fences: bool) -> Program<M> {
    let fence = move || {
        if fences {
            M::fence(SeqCst);
        }
    };
    fn get<W: Word>(words: &[W], item: u64) {
        if words[2 + item as usize].fetch_add(1, Relaxed) > 0 {
            words[4].store(1, Relaxed);
        }
    }
    let takes = actor::<M>(move |words| {
        let (top, bottom) = (&words[0], &words[1]);
        let item = bottom.load(Relaxed) - 1;
        bottom.store(item, Relaxed);
        fence();
        let first = top.load(Relaxed);
        if first < item || first == item && top.compare_exchange(first, first + 1, SeqCst, Relaxed).is_ok() {
            get(words, item);
        }
        Vec::new()
    });
    let steals = actor::<M>(move |words| {
        let (top, bottom) = (&words[0], &words[1]);
        for _ in 0..2 {
            let first = top.load(Acquire);
            fence();
            if first < bottom.load(Acquire) && top.compare_exchange(first, first + 1, SeqCst, Relaxed).is_ok() {
                get(words, first);
            }
        }
        Vec::new()
    });
    let (words, actors) = (vec![0, 2, 0, 0, 0], vec![takes, steals]);
    Program { name, words, actors, last: vec![4], size: Size::Preemptions(3), allowed: broken(fences) }
}

/// Treiber, "Systems Programming: Coping with Parallelism", 1986: a stack of nodes 1 and 2, of which one actor holds one
/// and the other takes both and gives one back. A node that two have is the failure. Word 0 is the head, words 1 and 2 are
/// the nodes' next ones, words 3 and 4 count their holders, word 5 says that one has two.
fn treiber<M: Machine>(name: &'static str, counted: bool) -> Program<M> {
    let tagged = move |old: u64, node: u64| if counted { ((old >> 8) + 1) << 8 | node } else { node };
    let pop = move |words: &[M::Word]| loop {
        let head = words[0].load(Acquire);
        let node = head & 0xff;
        if node == 0 {
            return 0;
        }
        let next = words[node as usize].load(Relaxed);
        if words[0].compare_exchange(head, tagged(head, next), AcqRel, Relaxed).is_ok() {
            return node;
        }
    };
    let push = move |words: &[M::Word], node: u64| loop {
        let head = words[0].load(Acquire);
        words[node as usize].store(head & 0xff, Relaxed);
        if words[0].compare_exchange(head, tagged(head, node), AcqRel, Relaxed).is_ok() {
            return;
        }
    };
    fn hold<W: Word>(words: &[W], node: u64) {
        if node > 0 && words[2 + node as usize].fetch_add(1, Relaxed) > 0 {
            words[5].store(1, Relaxed);
        }
    }
    let holds = actor::<M>(move |words| {
        hold(words, pop(words));
        hold(words, pop(words));
        Vec::new()
    });
    let juggles = actor::<M>(move |words| {
        let first = pop(words);
        hold(words, pop(words));
        if first != 0 {
            push(words, first);
        }
        Vec::new()
    });
    let (words, actors) = (vec![1, 2, 0, 0, 0, 0], vec![holds, juggles]);
    Program { name, words, actors, last: vec![5], size: Size::Preemptions(2), allowed: broken(counted) }
}
