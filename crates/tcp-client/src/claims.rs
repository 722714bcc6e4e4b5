//! What each scene must show, and where the answer is in what the scene returned.

use common::claims::Claims;
use common::report::Is;
use load::Outcome;

use crate::exchange::Goodbye;
use crate::talk::Tally;
use crate::words;

/// Of the counts, and of what came after the last answer.
pub(crate) fn talk() -> Claims<(Tally, Goodbye)> {
    Claims::<(Tally, Goodbye)>::new()
        .claim(words::right_answers(), Is(0), |(tally, _), _| tally.wrong)
        .claim(words::nothing_after_the_last(), Is(0), |(_, goodbye), _| goodbye.surplus)
        .claim(words::closed_in_time(), Is(true), |(_, goodbye), _| goodbye.closed)
}

/// Of what came of the load.
pub(crate) fn load() -> Claims<Outcome> {
    Claims::<Outcome>::new()
        .claim(words::right_answers(), Is(0), |outcome, _| outcome.wrong)
        .claim(words::all_answered(), Is(0), |outcome, _| outcome.unanswered)
        .claim(words::nothing_but_answers(), Is(0), |outcome, _| outcome.surplus)
}
