//! What happened to every item, in shared memory: written by the workers as they go, so that it
//! survives their death, and judged when the round is over. Every access is sequentially consistent:
//! what a worker puts down before an operation is there before the operation is.

use std::sync::atomic::{AtomicU32, Ordering};

use common::Error;
use common::shared::Shared;

use crate::item::Name;
use crate::workers::CROWD;

/// How many items a producer may put in a round.
const LINE: usize = PAGES * PAGE;
const PAGES: usize = 32;
const PAGE: usize = 4096;

/// Its put returned.
const RETURNED: u32 = 1 << 0;
/// A `done` for it was accepted.
const ACCEPTED: u32 = 1 << 1;
/// It was reported as a dead letter.
const LETTER: u32 = 1 << 2;
/// Somebody was told that it discarded it.
const DISCARDED: u32 = 1 << 3;
/// It was received, for queues that hand out once, or worked on; counted from here up to `ATTEMPT`.
const PROCESSED: u32 = 1 << 4;
const MOST_PROCESSED: u32 = (1 << 8) - 1;
/// It was handed out for the first time; the next bit is the second time, and so on.
const ATTEMPT: u32 = 1 << 12;
const MOST_ATTEMPTS: u32 = 20;

/// What must never happen to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Its content is not what its producer put.
    Torn,
    /// One consumer got it, for the first time, after a later item of the same producer.
    Disordered,
    /// It was handed out twice as the same attempt, or received twice from a queue that hands out once.
    Twice,
    /// Two `done`s for it were accepted.
    DoneTwice,
    /// Somebody that lives, and had it, was told that it went to somebody else.
    Taken,
    /// What is said of the deaths of its holders cannot be.
    WrongDeath,
    /// `join` gave it up although a consumer had come.
    GivenUp,
}

const FAULTS: usize = 7;

/// One word for each item of a producer.
type Line = Vec<Shared<[AtomicU32; PAGE]>>;

/// Of one round.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// For each producer: how many items it began to put.
    begun: Shared<[AtomicU32; CROWD]>,
    /// For each producer: a word for each item.
    lines: [Line; CROWD],
    faults: Shared<[AtomicU32; FAULTS]>,
    /// How often an item was handed out again, and how often one was given back by who lives on.
    redelivered: Shared<AtomicU32>,
    given_back: Shared<AtomicU32>,
    /// How often a dead letter was to be tried again.
    tried_again: Shared<AtomicU32>,
}

/// What the ledger says when the round is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Puts that returned.
    pub(crate) put: u64,
    /// Puts that were cut short by their producer's death, and of these the ones that were wholly in.
    pub(crate) cut: u64,
    pub(crate) cut_but_in: u64,
    /// Items that were worked on and accepted as done.
    pub(crate) done: u64,
    pub(crate) redelivered: u64,
    /// Deliveries that ended undone although their consumer lived.
    pub(crate) given_back: u64,
    pub(crate) tried_again: u64,
    pub(crate) dead_letters: u64,
    /// Items whose put returned, and that nobody ever saw.
    pub(crate) missing: u64,
    /// The faults, by their number.
    pub(crate) faults: [u64; FAULTS],
}

impl Account {
    pub(crate) fn faults(&self, fault: Fault) -> u64 {
        self.faults[fault as usize]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.put += other.put;
        self.cut += other.cut;
        self.cut_but_in += other.cut_but_in;
        self.done += other.done;
        self.redelivered += other.redelivered;
        self.given_back += other.given_back;
        self.tried_again += other.tried_again;
        self.dead_letters += other.dead_letters;
        self.missing += other.missing;
        for (sum, faults) in self.faults.iter_mut().zip(other.faults) {
            *sum += faults;
        }
    }
}

impl Ledger {
    pub(crate) fn new() -> Result<Self, Error> {
        let page = || Shared::new([const { AtomicU32::new(0) }; PAGE]);
        let mut lines = [const { Line::new() }; CROWD];
        for line in &mut lines {
            *line = (0..PAGES).map(|_| page()).collect::<Result<_, _>>()?;
        }
        Ok(Self {
            begun: Shared::new([const { AtomicU32::new(0) }; CROWD])?,
            lines,
            faults: Shared::new([const { AtomicU32::new(0) }; FAULTS])?,
            redelivered: Shared::new(AtomicU32::new(0))?,
            given_back: Shared::new(AtomicU32::new(0))?,
            tried_again: Shared::new(AtomicU32::new(0))?,
        })
    }

    /// Makes it as new, for the next round.
    pub(crate) fn wipe(&self) {
        for (begun, line) in self.begun.iter().zip(&self.lines) {
            let used = begun.swap(0, Ordering::SeqCst) as usize;
            for item in line.iter().flat_map(|page| page.iter()).take(used) {
                item.store(0, Ordering::SeqCst);
            }
        }
        for fault in self.faults.iter() {
            fault.store(0, Ordering::SeqCst);
        }
        self.redelivered.store(0, Ordering::SeqCst);
        self.given_back.store(0, Ordering::SeqCst);
        self.tried_again.store(0, Ordering::SeqCst);
    }

    /// The next item of this producer is about to be put: its name, or `None` if its line is full.
    /// Whoever takes the place of a killed producer goes on behind the item that was cut short, so
    /// every item is put at most once.
    pub(crate) fn begin(&self, producer: usize) -> Option<Name> {
        let number = self.begun[producer].load(Ordering::SeqCst);
        if number as usize >= LINE {
            return None;
        }
        self.begun[producer].store(number + 1, Ordering::SeqCst);
        Some(Name { producer: u8::try_from(producer).ok()?, number })
    }

    /// The put of this item returned.
    pub(crate) fn returned(&self, item: Name) {
        if let Some(word) = self.word(item) {
            word.fetch_or(RETURNED, Ordering::SeqCst);
        }
    }

    /// An item was handed out for the `attempt`th time.
    pub(crate) fn handed(&self, item: Name, attempt: u32) {
        if attempt > 1 {
            self.redelivered.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(word) = self.word(item)
            && (1..=MOST_ATTEMPTS).contains(&attempt)
        {
            let bit = ATTEMPT << (attempt - 1);
            if word.fetch_or(bit, Ordering::SeqCst) & bit != 0 {
                self.blame(Fault::Twice);
            }
        }
    }

    /// The work on it is done. To be written before it is reported.
    pub(crate) fn processed(&self, item: Name) {
        if let Some(word) = self.word(item) {
            let processed = (word.load(Ordering::SeqCst) / PROCESSED) & MOST_PROCESSED;
            if processed < MOST_PROCESSED / 2 {
                word.fetch_add(PROCESSED, Ordering::SeqCst);
            }
        }
    }

    /// The report was accepted.
    pub(crate) fn accepted(&self, item: Name) {
        if let Some(word) = self.word(item)
            && word.fetch_or(ACCEPTED, Ordering::SeqCst) & ACCEPTED != 0
        {
            self.blame(Fault::DoneTwice);
        }
    }

    /// It is about to be given back undone.
    pub(crate) fn gives_back(&self) {
        self.given_back.fetch_add(1, Ordering::SeqCst);
    }

    /// A dead letter is about to be tried again.
    pub(crate) fn tries_again(&self) {
        self.tried_again.fetch_add(1, Ordering::SeqCst);
    }

    /// It was reported as a dead letter. To be written before it is discarded: whoever is killed in
    /// between leaves it to be reported again.
    pub(crate) fn letter(&self, item: Name) {
        if let Some(word) = self.word(item) {
            word.fetch_or(LETTER, Ordering::SeqCst);
        }
    }

    /// It was discarded.
    pub(crate) fn discarded(&self, item: Name) {
        if let Some(word) = self.word(item)
            && word.fetch_or(DISCARDED, Ordering::SeqCst) & DISCARDED != 0
        {
            self.blame(Fault::Twice);
        }
    }

    pub(crate) fn blame(&self, fault: Fault) {
        self.faults[fault as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// What became of all items.
    pub(crate) fn account(&self) -> Account {
        let mut account = Account {
            faults: std::array::from_fn(|fault| u64::from(self.faults[fault].load(Ordering::SeqCst))),
            redelivered: u64::from(self.redelivered.load(Ordering::SeqCst)),
            given_back: u64::from(self.given_back.load(Ordering::SeqCst)),
            tried_again: u64::from(self.tried_again.load(Ordering::SeqCst)),
            ..Account::default()
        };
        for (begun, line) in self.begun.iter().zip(&self.lines) {
            let begun = begun.load(Ordering::SeqCst) as usize;
            for word in line.iter().flat_map(|page| page.iter()).take(begun) {
                account.count(word.load(Ordering::SeqCst));
            }
        }
        account
    }

    /// The word of an item. One that no producer began is torn, whatever it looks like.
    fn word(&self, item: Name) -> Option<&AtomicU32> {
        let producer = usize::from(item.producer);
        let begun = self.begun.get(producer).is_some_and(|begun| item.number < begun.load(Ordering::SeqCst));
        if !begun {
            self.blame(Fault::Torn);
            return None;
        }
        let number = item.number as usize;
        self.lines[producer].get(number / PAGE).map(|page| &page[number % PAGE])
    }
}

impl Account {
    fn count(&mut self, word: u32) {
        let is = |bit: u32| word & bit != 0;
        let processed = (word / PROCESSED) & MOST_PROCESSED > 0;
        let seen = processed || is(LETTER);
        self.done += u64::from(is(ACCEPTED));
        self.dead_letters += u64::from(is(LETTER));
        if is(RETURNED) {
            self.put += 1;
            self.missing += u64::from(!seen);
        } else {
            self.cut += 1;
            self.cut_but_in += u64::from(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(ledger: &Ledger) -> Name {
        let item = ledger.begin(0).expect("a place in the line");
        ledger.returned(item);
        item
    }

    fn work(ledger: &Ledger, item: Name, attempt: u32) {
        ledger.handed(item, attempt);
        ledger.processed(item);
        ledger.accepted(item);
    }

    #[test]
    fn an_item_that_nobody_saw_is_missing_if_its_put_returned_and_cut_if_not() {
        let ledger = Ledger::new().expect("memory");
        work(&ledger, put(&ledger), 1);
        put(&ledger);
        ledger.begin(0);
        work(&ledger, ledger.begin(0).expect("a place in the line"), 1);
        let account = ledger.account();
        assert_eq!((account.put, account.done, account.missing), (2, 2, 1));
        assert_eq!((account.cut, account.cut_but_in), (2, 1));
        ledger.wipe();
        assert_eq!(ledger.account(), Account::default());
    }

    #[test]
    fn a_dead_letter_is_not_missing() {
        let ledger = Ledger::new().expect("memory");
        let item = put(&ledger);
        ledger.handed(item, 1);
        ledger.letter(item);
        ledger.letter(item);
        ledger.discarded(item);
        let account = ledger.account();
        assert_eq!((account.missing, account.dead_letters, account.done), (0, 1, 0));
        assert_eq!(account.faults, [0; FAULTS]);
        ledger.discarded(item);
        assert_eq!(ledger.account().faults(Fault::Twice), 1);
    }

    #[test]
    fn what_comes_twice_is_a_fault_and_what_comes_again_is_not() {
        let ledger = Ledger::new().expect("memory");
        let item = put(&ledger);
        ledger.handed(item, 1);
        work(&ledger, item, 2);
        assert_eq!(ledger.account().faults, [0; FAULTS]);
        assert_eq!(ledger.account().redelivered, 1);
        ledger.handed(item, 2);
        ledger.accepted(item);
        let account = ledger.account();
        assert_eq!((account.faults(Fault::Twice), account.faults(Fault::DoneTwice)), (1, 1));
    }

    #[test]
    fn an_item_that_nobody_put_is_torn() {
        let ledger = Ledger::new().expect("memory");
        ledger.processed(Name { producer: 0, number: 0 });
        ledger.processed(Name { producer: 200, number: 0 });
        assert_eq!(ledger.account().faults(Fault::Torn), 2);
    }
}
