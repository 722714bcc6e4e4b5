//! What happened to each item, in shared memory. The workers write it down as they go, so it survives their
//! deaths; it is judged when the round is over. Every access is sequentially consistent: what a worker writes
//! down before an operation is there before the operation is.

mod account;

use std::sync::atomic::{AtomicU32, Ordering};

use common::Error;
use common::shared::Shared;

pub(crate) use account::Account;

use crate::item::Name;
use crate::roles::MOST_PER_ROLE;

/// How many items a producer may put in a round.
const MOST_ITEMS: usize = PAGES * PAGE;
const PAGES: usize = 32;
const PAGE: usize = 4096;

/// Bits of an item's word. Its put returned.
const RETURNED: u32 = 1 << 0;
/// A `done` for it was accepted.
const ACCEPTED: u32 = 1 << 1;
/// It was reported as a dead letter.
const DEAD_LETTER: u32 = 1 << 2;
/// A collector discarded it, and the queue accepted that.
const DISCARDED: u32 = 1 << 3;
/// How often it was worked on, or received from a queue that hands out once: the bits below `ATTEMPT`.
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
    /// A consumer got its first delivery after a later item of the same producer.
    Disordered,
    /// It was handed out twice as the same attempt, or received twice from a queue that hands out once.
    Twice,
    /// Two `done`s for it were accepted.
    DoneTwice,
    /// A consumer that is alive and held it heard that another one had it.
    Taken,
    /// What a delivery or a dead letter says of its dead holders cannot be.
    WrongDeath,
    /// `join` gave it up although a consumer had come.
    GivenUp,
}

const FAULTS: usize = 7;

/// One word for each item of a producer.
type Items = Vec<Shared<[AtomicU32; PAGE]>>;

/// The ledger of one round. The next round wipes it.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// For each producer: how many items it began to put.
    begun: Shared<[AtomicU32; MOST_PER_ROLE]>,
    /// By producer.
    items: [Items; MOST_PER_ROLE],
    faults: Shared<[AtomicU32; FAULTS]>,
    /// How often an item was handed out again.
    redelivered: Shared<AtomicU32>,
    /// How often a consumer that lives on gave an item back undone.
    given_back: Shared<AtomicU32>,
    /// How often a dead letter was tried again.
    tried_again: Shared<AtomicU32>,
}

impl Ledger {
    pub(crate) fn new() -> Result<Self, Error> {
        let page = || Shared::new([const { AtomicU32::new(0) }; PAGE]);
        let mut items = [const { Items::new() }; MOST_PER_ROLE];
        for pages in &mut items {
            *pages = (0..PAGES).map(|_| page()).collect::<Result<_, _>>()?;
        }
        Ok(Self {
            begun: Shared::new([const { AtomicU32::new(0) }; MOST_PER_ROLE])?,
            items,
            faults: Shared::new([const { AtomicU32::new(0) }; FAULTS])?,
            redelivered: Shared::new(AtomicU32::new(0))?,
            given_back: Shared::new(AtomicU32::new(0))?,
            tried_again: Shared::new(AtomicU32::new(0))?,
        })
    }

    pub(crate) fn wipe(&self) {
        for (begun, items) in self.begun.iter().zip(&self.items) {
            let used = begun.swap(0, Ordering::SeqCst) as usize;
            for item in items.iter().flat_map(|page| page.iter()).take(used) {
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

    /// The name of the next item that this producer is about to put; `None` if it has put as many as fit.
    /// The replacement of a killed producer goes on behind the item whose put was cut short, so each item
    /// is put at most once.
    pub(crate) fn begin(&self, producer: usize) -> Option<Name> {
        let number = self.begun[producer].load(Ordering::SeqCst);
        if number as usize >= MOST_ITEMS {
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

    /// The item was handed out, for this time, counted from 1.
    pub(crate) fn handed_out(&self, item: Name, attempt: u32) {
        if attempt > 1 {
            self.redelivered.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(word) = self.word(item)
            && (1..=MOST_ATTEMPTS).contains(&attempt)
        {
            let bit = ATTEMPT << (attempt - 1);
            if word.fetch_or(bit, Ordering::SeqCst) & bit != 0 {
                self.report(Fault::Twice);
            }
        }
    }

    /// The work on it is done. A consumer writes this before it reports the item as done.
    pub(crate) fn processed(&self, item: Name) {
        if let Some(word) = self.word(item) {
            let processed = (word.load(Ordering::SeqCst) / PROCESSED) & MOST_PROCESSED;
            if processed < MOST_PROCESSED / 2 {
                word.fetch_add(PROCESSED, Ordering::SeqCst);
            }
        }
    }

    /// The queue accepted the `done` for it.
    pub(crate) fn accepted(&self, item: Name) {
        if let Some(word) = self.word(item)
            && word.fetch_or(ACCEPTED, Ordering::SeqCst) & ACCEPTED != 0
        {
            self.report(Fault::DoneTwice);
        }
    }

    /// A consumer is about to give an item back undone.
    pub(crate) fn gives_back(&self) {
        self.given_back.fetch_add(1, Ordering::SeqCst);
    }

    /// A collector is about to have a dead letter tried again.
    pub(crate) fn tries_again(&self) {
        self.tried_again.fetch_add(1, Ordering::SeqCst);
    }

    /// It was reported as a dead letter. A collector writes this before it discards the item: if it is
    /// killed in between, the letter is reported again.
    pub(crate) fn dead_letter(&self, item: Name) {
        if let Some(word) = self.word(item) {
            word.fetch_or(DEAD_LETTER, Ordering::SeqCst);
        }
    }

    /// The queue accepted that it was discarded.
    pub(crate) fn discarded(&self, item: Name) {
        if let Some(word) = self.word(item)
            && word.fetch_or(DISCARDED, Ordering::SeqCst) & DISCARDED != 0
        {
            self.report(Fault::Twice);
        }
    }

    pub(crate) fn report(&self, fault: Fault) {
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
        for (begun, items) in self.begun.iter().zip(&self.items) {
            let begun = begun.load(Ordering::SeqCst) as usize;
            for word in items.iter().flat_map(|page| page.iter()).take(begun) {
                account.count(word.load(Ordering::SeqCst));
            }
        }
        account
    }

    /// The word of an item. An item that no producer began is torn, whatever its content.
    fn word(&self, item: Name) -> Option<&AtomicU32> {
        let producer = usize::from(item.producer);
        let begun = self.begun.get(producer).is_some_and(|begun| item.number < begun.load(Ordering::SeqCst));
        if !begun {
            self.report(Fault::Torn);
            return None;
        }
        let number = item.number as usize;
        self.items[producer].get(number / PAGE).map(|page| &page[number % PAGE])
    }
}
