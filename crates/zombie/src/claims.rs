//! What each scene must show, and where the answer is: in what the scene returned.

use common::claims::Claims;
use common::lang::Lang;
use common::report::Is;

use crate::cures::Cured;
use crate::{Orphan, Zombie, words};

/// A state of a process as a check shows it, in the run's language.
fn shown(state: Option<char>, lang: Lang) -> String {
    words::state(state).in_lang(lang)
}

pub(crate) fn zombie(lang: Lang) -> Claims<Zombie> {
    Claims::<Zombie>::new()
        .claim(words::is_a_zombie(), Is("Z"), move |seen, _| shown(seen.ended, lang))
        .claim(words::has_no_memory(), Is(0), |seen, _| seen.memory)
        .claim(words::kill_does_not_remove_it(), Is("Z"), move |seen, _| shown(seen.killed, lang))
        .claim(words::join_gets_its_exit(), Is("code 0"), |seen, _| seen.exit.to_string())
        .claim(words::join_reaps_it(), Is(shown(None, lang)), move |seen, _| shown(seen.joined, lang))
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
        .claim(words::main_reaps_it(), Is("code 0"), |orphan, _| orphan.exit.to_string())
        .claim_nothing_left()
}

pub(crate) fn cures(lang: Lang) -> Claims<Cured> {
    let main = std::process::id().cast_signed();
    let then =
        move |[before, after]: [Option<char>; 2]| words::then(words::state(before), words::state(after)).in_lang(lang);
    Claims::<Cured>::new()
        .claim(words::waiting_reaps(), Is(then([Some('Z'), None])), move |cured, _| then(cured.waited))
        .claim(words::ignoring_leaves_none(), Is(shown(None, lang)), move |cured, _| shown(cured.ignored.child, lang))
        .claim(words::price_of_ignoring(), Is("no child processes"), |cured, _| cured.ignored.join.clone())
        .claim(words::no_child_to_wait_for(), Is(0), |cured, _| cured.grandchild.children)
        .claim(words::grandchild_is_adopted(), Is(main), |cured, _| cured.grandchild.adopter)
        .claim(words::adopter_reaps_it(), Is("code 0"), |cured, _| cured.grandchild.exit.to_string())
        .claim_nothing_left()
}
