//! What each scene must show, and where the answer is: in what the scene returned.

use common::claims::Claims;
use common::endings;
use common::report::Is;

use crate::cures::Cured;
use crate::{Orphan, Zombie, words};

pub(crate) fn zombie() -> Claims<Zombie> {
    Claims::<Zombie>::new()
        .claim(words::is_a_zombie(), Is("Z"), |seen, _| words::state(seen.ended))
        .claim(words::has_no_memory(), Is(0), |seen, _| seen.memory)
        .claim(words::kill_does_not_remove_it(), Is("Z"), |seen, _| words::state(seen.killed))
        .claim(words::join_gets_its_exit(), Is(endings::code(0)), |seen, _| endings::of(seen.exit))
        .claim(words::join_reaps_it(), Is(words::state(None)), |seen, _| words::state(seen.joined))
        .claim_nothing_left()
}

pub(crate) fn orphan() -> Claims<Orphan> {
    let main = std::process::id().cast_signed();
    Claims::<Orphan>::new()
        .claim(words::has_its_first_parent(), Is(true), |orphan, _| orphan.before.parent == orphan.parent)
        .claim(words::lives_on(), Is(true), |Orphan { before, after, .. }, _| {
            after.started == before.started && after.state != 'Z'
        })
        .claim(words::is_adopted(), Is(main), |orphan, _| orphan.after.parent)
        .claim(words::main_reaps_it(), Is(endings::code(0)), |orphan, _| endings::of(orphan.exit))
        .claim_nothing_left()
}

pub(crate) fn cures() -> Claims<Cured> {
    let main = std::process::id().cast_signed();
    let then = |[before, after]: [Option<char>; 2]| words::then(words::state(before), words::state(after));
    Claims::<Cured>::new()
        .claim(words::waiting_reaps(), Is(then([Some('Z'), None])), move |cured, _| then(cured.waited))
        .claim(words::ignoring_leaves_none(), Is(words::state(None)), |cured, _| words::state(cured.ignored.child))
        .claim(words::price_of_ignoring(), Is(words::no_child_processes()), |cured, _| {
            words::join_without_entry(cured.ignored.join)
        })
        .claim(words::no_child_to_wait_for(), Is(0), |cured, _| cured.grandchild.children)
        .claim(words::grandchild_is_adopted(), Is(main), |cured, _| cured.grandchild.adopter)
        .claim(words::adopter_reaps_it(), Is(endings::code(0)), |cured, _| endings::of(cured.grandchild.exit))
        .claim_nothing_left()
}
