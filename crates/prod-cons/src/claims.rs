//! What each scene must show, and where the answer is: in what the scene returned, or in its record.

use common::claims::Claims;
use common::report::{Expect, Is};

use crate::feast::{Feast, eaters};
use crate::kill::Kill;
use crate::{Options, words};

pub(crate) fn feast(options: &Options) -> Claims<Feast> {
    // Those that the table counts, and one in the hand of each cook, for which there is no room yet.
    let most = options.capacity + 2;
    Claims::<Feast>::new()
        .claim(words::cooked_once(), Is(options.all()), |feast, _| feast.history.cooked_once())
        .claim(words::eaten_once(), Is(options.all()), |feast, _| feast.history.eaten_once())
        .claim(words::cooked_before_eaten(), Is(0), |feast, _| feast.history.eaten_before_cooked())
        .claim(words::first_in_first_out(), Is(0), |feast, _| feast.history.taken_out_of_order())
        .claim(words::full_table_holds_back(most), Expect::Between(1.0, most.into()), |feast, _| {
            feast.history.most_not_eaten()
        })
        .claim(words::none_unfinished(), Is(0), |feast, _| feast.unfinished)
        .claim(words::eaters_wait(), Is(2), |feast, _| feast.waiting)
        .claim(words::eaters_are_daemons(), Is(2), |_, record| {
            let ends: Vec<_> = eaters().iter().flat_map(|eater| record.ended(eater)).collect();
            ends.iter().filter(|end| end.exit() == Some("signal SIGTERM")).count()
        })
}

pub(crate) fn kill(options: &Options) -> Claims<Kill> {
    Claims::<Kill>::new()
        .claim(words::cooked_once(), Is(options.all()), |kill, _| kill.history.cooked_once())
        .claim(words::none_is_lost(), Is(options.all()), |kill, _| kill.history.eaten())
        .claim(words::one_is_served_twice(), Expect::AtLeast(1.0), |kill, _| kill.history.served_again())
        .claim(words::none_killed_in_vain(), Is(0), |kill, _| kill.kills.saturating_sub(kill.history.served_again()))
        .claim(words::all_have_successors(), Is(0), |kill, _| kill.kills.saturating_sub(kill.restarts))
        .claim(words::join_returns(), Is(0), |kill, _| kill.unfinished)
        .claim(words::two_eaters_wait(), Is(2), |kill, _| kill.waiting)
        .claim_nothing_left()
}
