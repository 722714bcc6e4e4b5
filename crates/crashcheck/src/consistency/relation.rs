//! A relation between the events of an execution: a matrix of bits.

const BITS: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    size: usize,
    words: usize,
    bits: Vec<u64>,
}

impl Relation {
    pub(super) fn empty(size: usize) -> Self {
        let words = size.div_ceil(BITS);
        Self { size, words, bits: vec![0; size * words] }
    }

    pub(super) fn of(size: usize, holds: impl Fn(usize, usize) -> bool) -> Self {
        let mut relation = Self::empty(size);
        for from in 0..size {
            for to in (0..size).filter(|to| holds(from, *to)) {
                relation.add(from, to);
            }
        }
        relation
    }

    pub(super) fn add(&mut self, from: usize, to: usize) {
        self.bits[from * self.words + to / BITS] |= 1 << (to % BITS);
    }

    pub(super) fn has(&self, from: usize, to: usize) -> bool {
        self.bits[from * self.words + to / BITS] & (1 << (to % BITS)) != 0
    }

    /// The events that this one is related to.
    fn members(&self, from: usize) -> impl Iterator<Item = usize> {
        self.row(from).iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.checked_sub(1)?;
                Some(index * BITS + bit)
            })
        })
    }

    fn row(&self, from: usize) -> &[u64] {
        &self.bits[from * self.words..(from + 1) * self.words]
    }

    pub(super) fn or(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine |= theirs;
        }
        self
    }

    /// With each event related to itself.
    pub(super) fn or_same(mut self) -> Self {
        (0..self.size).for_each(|event| self.add(event, event));
        self
    }

    /// First this relation, then the other.
    pub(super) fn then(&self, other: &Self) -> Self {
        let mut both = Self::empty(self.size);
        for from in 0..self.size {
            for through in self.members(from) {
                let begin = from * self.words;
                for (mine, theirs) in both.bits[begin..begin + self.words].iter_mut().zip(other.row(through)) {
                    *mine |= theirs;
                }
            }
        }
        both
    }

    /// Its part that begins at one of these events.
    pub(super) fn starting_at(mut self, these: &[bool]) -> Self {
        for (from, _) in these.iter().enumerate().filter(|(_, is_one)| !**is_one) {
            self.bits[from * self.words..(from + 1) * self.words].fill(0);
        }
        self
    }

    /// Its part that ends at one of these events.
    pub(super) fn ending_at(mut self, these: &[bool]) -> Self {
        let mut row = vec![0_u64; self.words];
        for (to, _) in these.iter().enumerate().filter(|(_, is_one)| **is_one) {
            row[to / BITS] |= 1 << (to % BITS);
        }
        for from in 0..self.size {
            for (mine, kept) in self.bits[from * self.words..(from + 1) * self.words].iter_mut().zip(&row) {
                *mine &= kept;
            }
        }
        self
    }

    pub(super) fn has_circle(&self) -> bool {
        let mut reach = self.clone();
        for through in 0..self.size {
            let onward = reach.row(through).to_vec();
            for from in 0..self.size {
                if reach.has(from, through) {
                    let begin = from * self.words;
                    for (mine, theirs) in reach.bits[begin..begin + self.words].iter_mut().zip(&onward) {
                        *mine |= theirs;
                    }
                }
            }
        }
        (0..self.size).any(|event| reach.has(event, event))
    }
}
