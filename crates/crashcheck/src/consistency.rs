//! Whether a total order of all sequentially consistent operations exists, as C++20 asks.
//!
//! The views of `memory` give coherence, happens-before, and the order of fences. The rest is the condition *psc* of
//! Lahav et al., "Repairing Sequential Consistency in C/C++11" (PLDI 2017), which C++20 took over: a relation between
//! sequentially consistent operations that must have no circle. It is looked at only where an execution read an old
//! value, or put a store before another: an execution that did neither is an interleaving, and each interleaving is
//! consistent.

mod relation;

use std::sync::atomic::Ordering;

use crate::event::{Access, Event, What};
use relation::Relation;

/// Whether the sequentially consistent operations among the events have a total order.
pub(crate) fn has_total_order(events: &[Event]) -> bool {
    // Fences alone are ordered by their views.
    let has_access = |event: &Event| event.access().is_some_and(|access| access.ordering == Ordering::SeqCst);
    if !events.iter().any(has_access) {
        return true;
    }
    let relevant = |event: &&Event| matches!(event.what, What::Access(_) | What::Fence(_) | What::Initial(_));
    let events: Vec<&Event> = events.iter().filter(relevant).collect();
    !psc(&events).has_circle()
}

/// `psc = ([SC] ∪ [F]; hb?); scb; ([SC] ∪ hb?; [F]) ∪ [F]; (hb ∪ hb; eco; hb); [F]` with
/// `scb = sb ∪ sb≠loc; hb; sb≠loc ∪ hb=loc ∪ mo ∪ rb`.
fn psc(events: &[&Event]) -> Relation {
    let count = events.len();
    let location = |event: usize| events[event].access().map(|access| access.location);
    let is_strong: Vec<bool> = events.iter().map(|event| ordering(event) == Some(Ordering::SeqCst)).collect();
    let is_fence: Vec<bool> =
        events.iter().zip(&is_strong).map(|(event, strong)| *strong && event.access().is_none()).collect();

    let is_elsewhere = |a: usize, b: usize| location(a).is_none() || location(a) != location(b);
    let is_before = |a: usize, b: usize| a != b && events[a].is_before(events[b]);
    // `sb≠loc; hb; sb≠loc` begins with the first event that it can, and ends with the last.
    let of_one_actor = |a: usize, b: usize| events[a].actor == events[b].actor;
    let out = |a: usize| (a + 1..count).find(|b| of_one_actor(a, *b) && is_elsewhere(a, *b));
    let into = |b: usize| (0..b).rev().find(|a| of_one_actor(*a, b) && is_elsewhere(*a, b));
    let outs: Vec<Option<usize>> = (0..count).map(out).collect();
    let intos: Vec<Option<usize>> = (0..count).map(into).collect();
    let goes_through = |a: usize, b: usize| outs[a].zip(intos[b]).is_some_and(|(out, into)| is_before(out, into));

    let hb = Relation::of(count, is_before);
    let mut scb = Relation::of(count, |a, b| {
        let is_sb = a < b && of_one_actor(a, b);
        is_sb || hb.has(a, b) && (!is_elsewhere(a, b) || goes_through(a, b))
    });
    let mut eco_order = Relation::empty(count);
    for (a, b, one, other) in pairs(events) {
        if mo(one, other) || rb(one, other) {
            scb.add(a, b);
        }
        if eco(one, other) {
            eco_order.add(a, b);
        }
    }
    let same = Relation::empty(count).or_same();
    let begins = same.clone().starting_at(&is_strong).or(&hb.clone().or_same().starting_at(&is_fence));
    let ends = same.ending_at(&is_strong).or(&hb.clone().or_same().ending_at(&is_fence));
    let from_fences = hb.clone().starting_at(&is_fence);
    let between_fences = from_fences.clone().or(&from_fences.then(&eco_order).then(&hb)).ending_at(&is_fence);
    begins.then(&scb).then(&ends).or(&between_fences)
}

/// Every two accesses of one location.
fn pairs<'a>(events: &'a [&Event]) -> impl Iterator<Item = (usize, usize, &'a Access, &'a Access)> {
    let mut accesses: Vec<(usize, &Access)> =
        events.iter().enumerate().filter_map(|(index, event)| Some((index, event.access()?))).collect();
    accesses.sort_by_key(|(_, access)| access.location);
    let groups = accesses.chunk_by(|(_, a), (_, b)| a.location == b.location).map(<[_]>::to_vec).collect::<Vec<_>>();
    groups.into_iter().flat_map(|group| {
        let others = group.clone();
        let with_each = move |(a, one)| others.clone().into_iter().map(move |(b, other)| (a, b, one, other));
        group.into_iter().flat_map(with_each).filter(|(a, b, ..)| a != b)
    })
}

fn ordering(event: &Event) -> Option<Ordering> {
    match &event.what {
        What::Access(access) => Some(access.ordering),
        What::Fence(ordering) => Some(*ordering),
        _ => None,
    }
}

/// The first is overwritten by the second, at once or later.
fn mo(a: &Access, b: &Access) -> bool {
    a.written.zip(b.written).is_some_and(|(a, b)| a.place < b.place)
}

/// The first reads what the second overwrites.
fn rb(a: &Access, b: &Access) -> bool {
    a.read.zip(b.written).is_some_and(|(read, written)| read.place < written.place)
}

/// The transitive closure of reads-from, modification order and reads-before: the order in which a location was seen.
fn eco(a: &Access, b: &Access) -> bool {
    let end = |access: &Access| access.written.map(|written| written.place).or(access.read.map(|read| read.place));
    let Some((of_a, of_b)) = end(a).zip(end(b)) else { return false };
    let reads_from_it = a.written.is_some() && b.written.is_none() && of_a == of_b;
    a.location == b.location && (of_a < of_b || reads_from_it)
}
