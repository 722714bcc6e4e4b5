//! How many rounds ended where, as a picture and as figures.

use std::ops::RangeInclusive;

use common::Error;
use common::stage::Stage;
use common::words::Text;

use crate::words;

/// The longest bar, in characters.
const WIDTH: usize = 40;

/// A range of results: as it is printed, what is in it, and the name of its figure.
type Bin = (&'static str, RangeInclusive<i64>, fn() -> Text);

const BINS: [Bin; 5] = [
    ("0", 0..=0, words::ended_at_0),
    ("1", 1..=1, words::ended_at_1),
    ("2-5", 2..=5, words::ended_at_2_to_5),
    ("6-20", 6..=20, words::ended_at_6_to_20),
    ("21+", 21..=i64::MAX, words::ended_at_21_or_more),
];

/// Shows what the rounds left.
pub(crate) fn show(stage: &mut Stage, left: &[i64]) -> Result<(), Error> {
    for (name, range, figure) in BINS {
        let rounds = left.iter().filter(|left| range.contains(left)).count();
        let bar = match rounds {
            0 => String::new(),
            _ => format!(" {}", "█".repeat((rounds * WIDTH).div_ceil(left.len()))),
        };
        stage.say(words::rounds_ended(name, rounds, bar))?;
        stage.figures_of_table(|stage| stage.figure(figure(), rounds, words::rounds()))?;
    }
    Ok(())
}
