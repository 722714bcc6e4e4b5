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

/// The way of an execution through its choices.
#[derive(Debug)]
pub(crate) struct Choices {
    path: Vec<Choice>,
    position: usize,
    beyond: Beyond,
    /// A given choice had another number of options: the program is not the one that the choices were made for.
    pub(crate) differs: bool,
}

impl Choices {
    pub(crate) fn new(path: Vec<Choice>, beyond: Beyond) -> Self {
        Self { path, position: 0, beyond, differs: false }
    }

    /// One of `options`. No choice is made, or counted, where there is one option alone.
    pub(crate) fn choose(&mut self, options: usize) -> usize {
        if options <= 1 { 0 } else { self.choose_by(options, Pct::any) }
    }

    /// How many newer stores there are than the one that is read, of those that may be: 0 is always allowed.
    pub(crate) fn choose_age(&mut self, options: usize) -> usize {
        if options <= 1 { 0 } else { self.choose_by(options, Pct::age) }
    }

    /// Which of the ways an execution goes on.
    pub(crate) fn choose_turn(&mut self, ways: impl ExactSizeIterator<Item = Way>) -> usize {
        let options = ways.len();
        let by_priority = |pct: &mut Pct| u32::try_from(pct.turn(&ways.collect::<Vec<_>>())).expect("few ways");
        if options <= 1 {
            // A step is one of its actor's, even where no other one could go on.
            if let Beyond::Pct(pct) = &mut self.beyond {
                by_priority(pct);
            }
            return 0;
        }
        self.choose_by(options, |pct, _| by_priority(pct))
    }

    fn choose_by(&mut self, options: usize, by_priority: impl FnOnce(&mut Pct, u32) -> u32) -> usize {
        let options = u32::try_from(options).expect("few options");
        if let Some(choice) = self.path.get(self.position) {
            self.position += 1;
            if choice.options == options {
                return choice.chosen as usize;
            }
            self.differs = true;
            return 0;
        }
        let chosen = match &mut self.beyond {
            Beyond::First => 0,
            Beyond::Random(random) => random.below(options),
            Beyond::Pct(pct) => by_priority(pct, options),
        };
        self.path.push(Choice { chosen, options });
        self.position += 1;
        chosen as usize
    }

    /// How long this execution was, where that is measured.
    pub(crate) fn lengths(&self) -> Lengths {
        match &self.beyond {
            Beyond::Pct(pct) => pct.lengths(),
            Beyond::First | Beyond::Random(_) => Lengths::default(),
        }
    }

    /// The choices up to here.
    pub(crate) fn prefix(&self) -> &[Choice] {
        &self.path[..self.position]
    }

    /// All choices were used that were given.
    pub(crate) fn is_used_up(&self) -> bool {
        self.position == self.path.len()
    }

    pub(crate) fn path(&self) -> &[Choice] {
        &self.path
    }

    /// The next path of a search that goes depth first. `None`: there is no other.
    pub(crate) fn into_next(self) -> Option<Vec<Choice>> {
        let mut path = self.path;
        path.truncate(self.position);
        while let Some(last) = path.last_mut() {
            if last.chosen + 1 < last.options {
                last.chosen += 1;
                return Some(path);
            }
            path.pop();
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
        let mut next = Some(Vec::new());
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
