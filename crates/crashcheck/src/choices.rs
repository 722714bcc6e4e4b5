//! The choices of one execution: replayed as far as they are given, and made anew beyond.

use crate::pct::{Lengths, Pct, Way};
use crate::random::Random;

/// A place at which an execution could go on in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Choice {
    pub(crate) chosen: u32,
    pub(crate) options: u32,
}

/// How choices are made that are not given.
#[derive(Clone, Debug)]
pub(crate) enum Beyond {
    /// The first one, so that a search goes depth first.
    First,
    /// At random.
    Random(Random),
    /// By priorities, with a few changes at random.
    Pct(Box<Pct>),
}

/// Where a choice was made: at which point of its execution it was chosen who goes on, or else one of these.
type Point = u32;
/// It was no choice of who goes on.
const NO_TURN: Point = u32::MAX;
/// It is not known.
const UNKNOWN: Point = u32::MAX - 1;

/// Choices, and where each was made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    choices: Vec<Choice>,
    points: Vec<Point>,
}

impl From<Vec<Choice>> for Path {
    /// Choices of which it is not known where they were made.
    fn from(choices: Vec<Choice>) -> Self {
        let points = vec![UNKNOWN; choices.len()];
        Self { choices, points }
    }
}

impl Path {
    fn push(&mut self, choice: Choice, point: Point) {
        self.choices.push(choice);
        self.points.push(point);
    }

    fn truncate(&mut self, length: usize) {
        self.choices.truncate(length);
        self.points.truncate(length);
    }
}

/// What given choices say about a point at which it may have been chosen who goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The next one was made there.
    Choice,
    /// None was made there.
    NoChoice,
    Unknown,
    /// They are used up.
    Nothing,
}

/// The way of an execution through its choices.
#[derive(Debug)]
pub(crate) struct Choices {
    path: Path,
    position: usize,
    beyond: Beyond,
    /// A given choice had another number of options: the program is not the one that the choices were made for.
    pub(crate) differs: bool,
    /// All choices, with those that a reduction left out.
    whole: Option<Vec<Choice>>,
}

impl Choices {
    pub(crate) fn new(path: impl Into<Path>, beyond: Beyond) -> Self {
        Self { path: path.into(), position: 0, beyond, differs: false, whole: None }
    }

    /// Keeps the choices that a reduction leaves out, too.
    #[must_use]
    pub(crate) fn keeping_all(mut self) -> Self {
        self.whole = Some(Vec::new());
        self
    }

    /// One of `options`. No choice is made, or counted, where there is one option alone.
    pub(crate) fn choose(&mut self, options: usize) -> usize {
        if options <= 1 { 0 } else { self.choose_by(options, NO_TURN, Pct::any) }
    }

    /// How many newer stores there are than the one that is read, of those that may be: 0 is always allowed.
    pub(crate) fn choose_age(&mut self, options: usize) -> usize {
        if options <= 1 { 0 } else { self.choose_by(options, NO_TURN, Pct::age) }
    }

    /// Which of the ways an execution goes on, at a point of it.
    pub(crate) fn choose_turn(&mut self, point: Point, ways: impl ExactSizeIterator<Item = Way>) -> usize {
        let options = ways.len();
        let by_priority = |pct: &mut Pct| u32::try_from(pct.turn(&ways.collect::<Vec<_>>())).expect("few ways");
        if options <= 1 {
            // A step is one of its actor's, even where no other one could go on.
            if let Beyond::Pct(pct) = &mut self.beyond {
                by_priority(pct);
            }
            return 0;
        }
        self.choose_by(options, point, |pct, _| by_priority(pct))
    }

    fn choose_by(&mut self, options: usize, point: Point, by_priority: impl FnOnce(&mut Pct, u32) -> u32) -> usize {
        let options = u32::try_from(options).expect("few options");
        let chosen = if let Some(choice) = self.path.choices.get(self.position) {
            self.differs |= choice.options != options;
            if choice.options == options { choice.chosen } else { 0 }
        } else {
            let chosen = match &mut self.beyond {
                Beyond::First => 0,
                Beyond::Random(random) => random.below(options),
                Beyond::Pct(pct) => by_priority(pct, options),
            };
            self.path.push(Choice { chosen, options }, point);
            chosen
        };
        self.position += 1;
        if let Some(whole) = &mut self.whole {
            whole.push(Choice { chosen, options });
        }
        chosen as usize
    }

    /// How long this execution was, where that is measured.
    pub(crate) fn lengths(&self) -> Lengths {
        match &self.beyond {
            Beyond::Pct(pct) => pct.lengths(),
            Beyond::First | Beyond::Random(_) => Lengths::default(),
        }
    }

    pub(crate) fn are_all_kept(&self) -> bool {
        self.whole.is_some()
    }

    /// A reduction left a choice out, and took the first of `options`.
    pub(crate) fn leave_out(&mut self, options: usize) {
        if let Some(whole) = self.whole.as_mut().filter(|_| options > 1) {
            whole.push(Choice { chosen: 0, options: u32::try_from(options).expect("few options") });
        }
    }

    /// Whether choices are given still.
    #[inline]
    pub(crate) fn are_given(&self) -> bool {
        self.position < self.path.choices.len()
    }

    /// What the given choices say about who goes on at this point.
    #[inline]
    pub(crate) fn given(&self, point: Point) -> Given {
        match self.path.points.get(self.position) {
            Some(&UNKNOWN) => Given::Unknown,
            Some(made) if *made == point => Given::Choice,
            Some(_) => Given::NoChoice,
            None if self.whole.is_some() => Given::NoChoice,
            None => Given::Nothing,
        }
    }

    /// Takes the next choice, if the first option was taken.
    #[inline]
    pub(crate) fn take_first(&mut self) -> bool {
        let is_first = self.whole.is_none() && self.path.choices[self.position].chosen == 0;
        self.position += usize::from(is_first);
        is_first
    }

    /// The choices up to here.
    pub(crate) fn prefix(&self) -> &[Choice] {
        &self.path.choices[..self.position]
    }

    /// All choices were used that were given.
    pub(crate) fn is_used_up(&self) -> bool {
        self.position == self.path.choices.len()
    }

    /// All choices that were made.
    pub(crate) fn path(&self) -> &[Choice] {
        self.whole.as_deref().unwrap_or(&self.path.choices)
    }

    /// The path to here.
    pub(crate) fn into_path(self) -> Path {
        let mut path = self.path;
        path.truncate(self.position);
        path
    }

    /// The next path of a search that goes depth first. `None`: there is no other.
    pub(crate) fn into_next(self) -> Option<Path> {
        let mut path = self.into_path();
        while let Some(last) = path.choices.last_mut() {
            if last.chosen + 1 < last.options {
                last.chosen += 1;
                return Some(path);
            }
            path.truncate(path.choices.len() - 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_makes_every_combination_once() {
        let mut seen = Vec::new();
        let mut next = Some(Path::default());
        while let Some(path) = next {
            let mut choices = Choices::new(path, Beyond::First);
            let first = choices.choose(2);
            let second = if first == 1 { choices.choose(3) } else { choices.choose(1) };
            seen.push((first, second));
            next = choices.into_next();
        }
        assert_eq!(seen, [(0, 0), (1, 0), (1, 1), (1, 2)]);
    }

    #[test]
    fn a_path_of_another_program_is_noticed() {
        let mut choices = Choices::new(vec![Choice { chosen: 1, options: 2 }], Beyond::First);
        assert_eq!(choices.choose(3), 0);
        assert!(choices.differs);
    }
}
