//! What each scene must show, and where the answer is: in what the scene returned, or in its record.

use common::claims::{Claims, Record};
use common::endings;
use common::report::{Is, Observed};
use common::words::Text;

use crate::killed::KilledParent;
use crate::words;

/// How the process of this name ended.
fn exit_of(record: &Record, name: &Text) -> Observed {
    let exit = record.ended(name).next().and_then(|end| end.exit());
    Observed::text_or_nothing(exit.map(endings::named))
}

pub(crate) fn daemon() -> Claims<()> {
    Claims::<()>::new()
        .claim(words::lives_while_he_lives(), Is(true), |(), record| {
            record.said_before(&words::is_alive(words::daji()), &words::king_has_died())
        })
        .claim(words::is_terminated(), Is(endings::signal("SIGTERM")), |(), record| exit_of(record, &words::daji()))
        .claim(words::no_natural_death(), Is(0), |(), record| {
            record.said(&words::dies_naturally(words::daji())).count()
        })
        .claim_nothing_left()
}

pub(crate) fn ordinary() -> Claims<()> {
    Claims::<()>::new()
        .claim(words::outlives_the_king(), Is(true), |(), record| {
            record.said_before(&words::king_has_died(), &words::dies_naturally(words::daji()))
        })
        .claim(words::ends_by_herself(), Is(endings::code(0)), |(), record| exit_of(record, &words::daji()))
        .claim(words::parent_joins_her(), Is(true), |(), record| {
            let when = |name: &Text| record.ended(name).next().map(|end| end.t);
            when(&words::daji()).zip(when(&words::king())).is_some_and(|(hers, his)| hers < his)
        })
        .claim_nothing_left()
}

pub(crate) fn killed_parent() -> Claims<KilledParent> {
    let main = std::process::id().cast_signed();
    Claims::<KilledParent>::new()
        .claim(words::kernel_ends_her(), Is(endings::signal("SIGKILL")), |seen, _| endings::of(seen.end_of_daji))
        .claim(words::main_adopts_the_heir(), Is(main), |seen, _| seen.parent_of_heir)
        .claim(words::heir_outlives_the_king(), Is(true), |_, record| {
            record.said_before(&words::king_has_died(), &words::dies_naturally(words::heir()))
        })
        .claim(words::main_reaps_the_heir(), Is(endings::code(0)), |seen, _| endings::of(seen.end_of_heir))
        .claim_nothing_left()
}
