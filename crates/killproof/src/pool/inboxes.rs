//! What has come back for each call that waits, by the number of the call.
//!
//! A call's number is that of its box, and which use of the box it is: so a call that is over never names the box of a
//! later one, and nothing is looked up. A program may submit a hundred thousand tasks before it waits for the first.

use std::collections::VecDeque;

/// Results of consecutive tasks of one call.
#[derive(Debug)]
pub(super) struct Arrived {
    /// The number of the first one.
    pub(super) first: u64,
    pub(super) tasks: u32,
    /// An entry for each.
    pub(super) bytes: Vec<u8>,
    /// How long a worker took for them.
    pub(super) nanos: u64,
}

/// A call of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallId {
    number: u32,
    turn: u32,
}

/// What came back for one call.
#[derive(Default)]
pub(super) struct Inbox {
    /// Most calls are one task, whose result needs no memory of a queue.
    first: Option<Arrived>,
    more: VecDeque<Arrived>,
    /// How many places have chunks of it.
    pub(super) places: u32,
}

impl Inbox {
    #[inline]
    pub(super) fn put(&mut self, arrived: Arrived) {
        if self.is_empty() {
            self.first = Some(arrived);
        } else {
            self.more.push_back(arrived);
        }
    }

    #[inline]
    pub(super) fn take(&mut self) -> Option<Arrived> {
        self.first.take().or_else(|| self.more.pop_front())
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none() && self.more.is_empty()
    }
}

#[derive(Default)]
struct Slot {
    turn: u32,
    inbox: Option<Inbox>,
}

#[derive(Default)]
pub(super) struct Inboxes {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Inboxes {
    pub(super) fn open(&mut self) -> CallId {
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            // Each box is larger than a byte: memory ends first.
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let slot = &mut self.slots[number as usize];
        slot.inbox = Some(Inbox::default());
        CallId { number, turn: slot.turn }
    }

    /// `None`: the call is over.
    #[inline]
    pub(super) fn get(&self, call: CallId) -> Option<&Inbox> {
        self.slots.get(call.number as usize).filter(|slot| slot.turn == call.turn)?.inbox.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, call: CallId) -> Option<&mut Inbox> {
        self.slots.get_mut(call.number as usize).filter(|slot| slot.turn == call.turn)?.inbox.as_mut()
    }

    pub(super) fn close(&mut self, call: CallId) -> Option<Inbox> {
        let slot = self.slots.get_mut(call.number as usize).filter(|slot| slot.turn == call.turn)?;
        let inbox = slot.inbox.take()?;
        slot.turn = slot.turn.wrapping_add(1);
        self.free.push(call.number);
        Some(inbox)
    }
}
