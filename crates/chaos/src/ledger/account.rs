//! What a ledger says at the end of a round.

use serde::{Deserialize, Serialize};

use super::{ACCEPTED, DEAD_LETTER, FAULTS, Fault, MOST_PROCESSED, PROCESSED, RETURNED};

/// The items of a round, or of several, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Puts that returned.
    pub(crate) put: u64,
    /// Puts that the death of their producer cut short.
    pub(crate) cut: u64,
    /// Of these the ones whose item was in the queue nevertheless.
    pub(crate) cut_but_in: u64,
    /// Items that were worked on and accepted as done.
    pub(crate) done: u64,
    /// Second and later deliveries.
    pub(crate) redelivered: u64,
    /// Deliveries that ended undone although their consumer lived.
    pub(crate) given_back: u64,
    /// Dead letters that were tried again.
    pub(crate) tried_again: u64,
    pub(crate) dead_letters: u64,
    /// Items whose put returned, and that no consumer and no collector ever saw.
    pub(crate) missing: u64,
    /// By [`Fault`].
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

    /// Adds the item whose word this is.
    pub(super) fn count(&mut self, word: u32) {
        let is = |bit: u32| word & bit != 0;
        let processed = (word / PROCESSED) & MOST_PROCESSED > 0;
        let seen = processed || is(DEAD_LETTER);
        self.done += u64::from(is(ACCEPTED));
        self.dead_letters += u64::from(is(DEAD_LETTER));
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
    use super::super::Ledger;
    use super::*;
    use crate::item::Name;

    fn put(ledger: &Ledger) -> Name {
        let item = ledger.begin(0).expect("room for an item");
        ledger.returned(item);
        item
    }

    fn work(ledger: &Ledger, item: Name, attempt: u32) {
        ledger.handed_out(item, attempt);
        ledger.processed(item);
        ledger.accepted(item);
    }

    #[test]
    fn an_item_that_no_worker_saw_is_missing_if_its_put_returned_and_cut_if_not() {
        let ledger = Ledger::new().expect("memory");
        work(&ledger, put(&ledger), 1);
        put(&ledger);
        ledger.begin(0);
        work(&ledger, ledger.begin(0).expect("room for an item"), 1);
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
        ledger.handed_out(item, 1);
        ledger.dead_letter(item);
        ledger.dead_letter(item);
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
        ledger.handed_out(item, 1);
        work(&ledger, item, 2);
        assert_eq!(ledger.account().faults, [0; FAULTS]);
        assert_eq!(ledger.account().redelivered, 1);
        ledger.handed_out(item, 2);
        ledger.accepted(item);
        let account = ledger.account();
        assert_eq!((account.faults(Fault::Twice), account.faults(Fault::DoneTwice)), (1, 1));
    }

    #[test]
    fn an_item_that_no_producer_began_is_torn() {
        let ledger = Ledger::new().expect("memory");
        ledger.processed(Name { producer: 0, number: 0 });
        ledger.processed(Name { producer: 200, number: 0 });
        assert_eq!(ledger.account().faults(Fault::Torn), 2);
    }
}
