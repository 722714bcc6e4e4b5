//! What the page can draw, in lists whose places are the numbers that name it: states, spans and marks,
//! each with its words in every language.

use common::journal::{Doing, Mark};
use common::lang::Lang;
use common::timeline::lanes::{Span, State, What};
use common::timeline::words;
use serde_json::{Value, json};

use crate::words::in_each;

/// How a state looks.
struct Look {
    /// A colour of the page.
    ink: &'static str,
    /// A pattern of the page.
    texture: &'static str,
    /// How high its bar is, as a part of the highest: the more other actors depend on it, the higher.
    height: f64,
}

/// A lock is held, and no actor waits for it in the whole scene: less than [`State::Holding`].
const HOLDING_ALONE: usize = State::ALL.len();
/// What an actor says, before all marks of the journal.
const SAYS: usize = 0;

/// The states, the last of which is the page's own.
pub(super) fn states() -> Value {
    let state = |state: State| {
        let Look { ink, texture, height } = look(state);
        let (waits, holds) = (state == State::Waiting, matches!(state, State::Holding | State::HoldingAsleep));
        json!({
            "words": in_each(|lang| words::state(state, lang).to_owned()),
            "ink": ink, "texture": texture, "height": height, "waits": waits, "holds": holds,
        })
    };
    let alone = json!({
        "words": in_each(|lang| holding_alone(lang).to_owned()),
        "ink": "hold", "texture": "band", "height": 0.3, "waits": false, "holds": true,
    });
    State::ALL.into_iter().map(state).chain([alone]).collect()
}

fn look(state: State) -> Look {
    let (ink, texture, height) = match state {
        State::Running => ("faint", "line", 0.12),
        State::Sleeping => ("faint", "dots", 0.34),
        State::Waiting => ("wait", "hatched", 0.56),
        State::Joining => ("wait", "dots", 0.34),
        State::Holding => ("hold", "solid", 1.0),
        State::HoldingAsleep => ("hold", "bars", 1.0),
        State::Working => ("work", "solid", 0.78),
        State::WorkingAsleep => ("work", "rows", 0.78),
        State::Zombie => ("faint", "dashes", 0.12),
    };
    Look { ink, texture, height }
}

fn holding_alone(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "holding a lock without waiters",
        Lang::Zh => "持锁,但没有谁在等",
    }
}

/// The number of a state.
pub(super) fn state(state: State) -> usize {
    State::ALL.iter().position(|found| *found == state).unwrap_or(0)
}

/// The number of the state during a span. `is_alone` says of a lock whether no actor waits for it.
pub(super) fn state_in(span: &Span, is_alone: impl Fn(&str) -> bool) -> usize {
    if span.state == State::Holding && is_alone(&span.on) { HOLDING_ALONE } else { state(span.state) }
}

/// What an actor does during a span, in words that come before its object.
pub(super) fn doings() -> Value {
    Doing::ALL.into_iter().map(|doing| in_each(|lang| words::doing(doing, lang).to_owned())).collect()
}

/// The number of what an actor does.
pub(super) fn doing(doing: Doing) -> usize {
    Doing::ALL.iter().position(|found| *found == doing).unwrap_or(0)
}

/// The marks, between what an actor says and what a later version of the journal marks.
pub(super) fn marks() -> Value {
    let sign = |sign: words::Sign| {
        let says = sign == words::Sign::Says;
        json!({ "words": in_each(|lang| words::sign(sign, lang).to_owned()), "says": says, "grave": false })
    };
    let mark = |mark: Mark| json!({ "words": in_each(|lang| words::mark(mark, lang).to_owned()), "says": false, "grave": is_grave(mark) });
    let known = Mark::ALL.into_iter().map(mark);
    [sign(words::Sign::Says)].into_iter().chain(known).chain([sign(words::Sign::Mark)]).collect()
}

/// Whether a reader must not miss it.
fn is_grave(mark: Mark) -> bool {
    match mark {
        Mark::Redelivered | Mark::DeadLetter | Mark::OwnerDied => true,
        Mark::HandedOver
        | Mark::Exits
        | Mark::Accepted
        | Mark::Closed
        | Mark::Read
        | Mark::Write
        | Mark::Scaffold
        | Mark::RecordFull => false,
    }
}

/// The number of a mark.
pub(super) fn mark(what: &What) -> usize {
    let unknown = Mark::ALL.len() + 1;
    match what {
        What::Said => SAYS,
        What::Marked(mark) => Mark::ALL.iter().position(|found| found == mark).map_or(unknown, |place| place + 1),
        What::Unknown(_) => unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_words_in_every_language_at_the_place_that_its_number_names() {
        let (states, doings, marks) = (states(), doings(), marks());
        let has_words = |words: &Value, en: &str| {
            assert_eq!(words["en"], en);
            assert!(Lang::ALL.iter().all(|lang| words[lang.code()].as_str().is_some_and(|text| !text.is_empty())));
        };
        for kind in State::ALL {
            has_words(&states[state(kind)]["words"], words::state(kind, Lang::En));
        }
        for kind in Doing::ALL {
            has_words(&doings[doing(kind)], words::doing(kind, Lang::En));
        }
        for kind in Mark::ALL {
            has_words(&marks[mark(&What::Marked(kind))]["words"], words::mark(kind, Lang::En));
        }
        assert_eq!(marks[mark(&What::Said)]["says"], true);
        has_words(&marks[mark(&What::Unknown("later".to_owned()))]["words"], "mark");
    }

    #[test]
    fn no_two_states_look_alike() {
        let states = states();
        let looks =
            states.as_array().expect("a list").iter().map(|state| format!("{}, {}", state["ink"], state["texture"]));
        let looks: HashSet<_> = looks.collect();
        assert_eq!(looks.len(), HOLDING_ALONE + 1, "{looks:?}");
    }
}
