//! One change of one place, which a test ought to notice.

use std::fmt;
use std::ops::Range;

/// A change of one place. All changes of a file are written into it at once; which one is made is decided when the
/// program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// From the sources' folder.
    pub(crate) file: String,
    pub(crate) function: String,
    pub(crate) line: usize,
    pub(crate) change: Change,
    /// What is changed, on one line.
    pub(crate) text: String,
    pub(crate) wraps: Vec<Wrap>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A weaker ordering.
    Weaker {
        from: String,
        to: &'static str,
    },
    Dropped,
    /// With the statement after it.
    Swapped,
    /// A condition is taken to hold, or not to.
    Forced(bool),
}

/// What is written around a range of the file. `#` stands for the mutant's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrap {
    pub(crate) range: Range<usize>,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Mutant {
    /// What the mutant is called, whatever its line is.
    pub(crate) fn name(&self) -> String {
        let Self { file, function, change, text, .. } = self;
        format!("{file} {function}: {change}: {text}")
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weaker { from, to } => write!(f, "{from} to {to}"),
            Self::Dropped => f.write_str("dropped"),
            Self::Swapped => f.write_str("swapped with the next"),
            Self::Forced(to) => write!(f, "always {to}"),
        }
    }
}

/// The file with all its mutants in it, the first of which has the number `first`.
pub(crate) fn with_all(text: &str, mutants: &[Mutant], first: usize) -> String {
    let mut openings = Vec::new();
    let mut closings = Vec::new();
    for (index, mutant) in mutants.iter().enumerate() {
        let number = (first + index).to_string();
        for Wrap { range, before, after } in &mutant.wraps {
            // At one place the outermost begins first and ends last.
            openings.push((range.start, usize::MAX - range.end, index, before.replace('#', &number)));
            closings.push((range.end, usize::MAX - range.start, usize::MAX - index, after.replace('#', &number)));
        }
    }
    openings.sort();
    closings.sort();
    let mut written = String::new();
    let (mut at, mut openings, mut closings) = (0, openings.into_iter().peekable(), closings.into_iter().peekable());
    loop {
        let next = [openings.peek().map(|next| next.0), closings.peek().map(|next| next.0)];
        let Some(place) = next.into_iter().flatten().min() else { break };
        written.push_str(&text[at..place]);
        at = place;
        while let Some((.., closing)) = closings.next_if(|next| next.0 == place) {
            written.push_str(&closing);
        }
        while let Some((.., opening)) = openings.next_if(|next| next.0 == place) {
            written.push_str(&opening);
        }
    }
    written + &text[at..]
}
