//! What the owner knows of its places: which call each chunk is of, and what has come back.

use std::collections::VecDeque;
use std::ops::Range;

use super::entries;
use super::floor::Floor;
use super::inboxes::{Arrived, CallId, Inbox, Inboxes};
use super::place::{Progress, State};
use crate::primitive::atomic::AtomicU64;

/// How much memory is kept in buffers, in bytes.
const SPARE: usize = 8 << 20;

/// Tasks that are on their way.
#[derive(Clone, Copy)]
struct Sent {
    call: CallId,
    /// How many of the chunk's tasks have come back.
    taken: u32,
}

pub(super) struct Desk {
    /// The place that was free for the longest time first, so that no chunk waits behind later ones.
    free: VecDeque<u32>,
    /// Places that were never used, for when no other one is free: the fewer there are in turn, the more of their memory
    /// is in the caches.
    fresh: Range<u32>,
    sent: Vec<Option<Sent>>,
    inboxes: Inboxes,
    /// Buffers of results that were read: fresh memory for each chunk would cost more than to read it.
    spare: Vec<Vec<u8>>,
    /// What they take together.
    spare_bytes: usize,
    /// How many threads wait for results.
    pub(super) waiters: u32,
}

impl Desk {
    pub(super) fn new(places: u32) -> Self {
        let sent = vec![None; places as usize];
        let (inboxes, spare) = (Inboxes::default(), Vec::new());
        Self { free: VecDeque::new(), fresh: 0..places, sent, inboxes, spare, spare_bytes: 0, waiters: 0 }
    }

    pub(super) fn open(&mut self) -> CallId {
        self.inboxes.open()
    }

    /// The call is over: what still comes for it is dropped, and what no worker has taken yet is taken back.
    pub(super) fn abandon(&mut self, floor: &Floor, call: CallId) {
        let is_on_its_way = self.inboxes.close(call).is_some_and(|inbox| inbox.places > 0);
        if is_on_its_way {
            for place in 0..floor.places() {
                if self.sent[place as usize].is_some_and(|sent| sent.call == call) && take_back(floor, place) {
                    self.release(place);
                }
            }
        }
    }

    /// The same without taking anything back.
    pub(super) fn forget(&mut self, call: CallId) {
        self.inboxes.close(call);
    }

    /// Takes back the only chunk of a call. False if a worker has taken it.
    pub(super) fn cancel(&mut self, floor: &Floor, call: CallId) -> bool {
        let of_call = |sent: &Option<Sent>| sent.is_some_and(|sent| sent.call == call);
        let Some(place) = self.sent.iter().position(of_call).and_then(|place| u32::try_from(place).ok()) else {
            return false;
        };
        let is_taken_back = take_back(floor, place);
        if is_taken_back {
            self.release(place);
        }
        is_taken_back
    }

    /// Whether a call may send another chunk. What has come back and was not read yet counts as well: an owner that is
    /// slower than its workers would send and send, and fill its memory with results.
    pub(super) fn has_room(&self, call: CallId, most: u32) -> bool {
        let has_few = |inbox: &Inbox| inbox.places as usize + inbox.len() < most as usize;
        !(self.free.is_empty() && self.fresh.is_empty()) && self.inboxes.get(call).is_some_and(has_few)
    }

    /// Whether nothing is on its way.
    pub(super) fn is_done(&self) -> bool {
        self.free.len() + self.fresh.len() == self.sent.len()
    }

    /// Hands a chunk to the workers. False if there is no place for it.
    pub(super) fn send(
        &mut self,
        floor: &Floor,
        call: CallId,
        first: u64,
        tasks: u32,
        write: impl FnOnce(&[AtomicU64]),
    ) -> bool {
        let Some(place) = self.free.pop_front().or_else(|| self.fresh.next()) else { return false };
        self.sent[place as usize] = Some(Sent { call, taken: 0 });
        if let Some(inbox) = self.inboxes.get_mut(call) {
            inbox.places += 1;
        }
        write(floor.inputs(place));
        floor.place(place).describe(first, tasks);
        floor.make_ready(place);
        true
    }

    /// Takes all results that have come. True if there were any.
    pub(super) fn collect(&mut self, floor: &Floor) -> bool {
        let mut any = false;
        for place in floor.finished.take() {
            if matches!(floor.place(place).state(), State::Finished(_)) {
                self.collect_from(floor, place);
                any = true;
            }
        }
        any
    }

    fn collect_from(&mut self, floor: &Floor, number: u32) {
        let place = floor.place(number);
        let Some(sent) = &mut self.sent[number as usize] else { return };
        let Progress { done, words, .. } = place.progress();
        let inbox = self.inboxes.get_mut(sent.call);
        let is_wanted = inbox.is_some();
        if let Some(inbox) = inbox {
            let mut bytes = self.spare.pop().unwrap_or_default();
            self.spare_bytes -= bytes.capacity();
            entries::load(&floor.results(number)[..words as usize], &mut bytes);
            let (first, tasks) = (place.first() + u64::from(sent.taken), done - sent.taken);
            inbox.put(Arrived { first, tasks, bytes, nanos: place.nanos() });
        }
        sent.taken = done;
        if done == place.count() || !is_wanted {
            place.hand_on(State::Free);
            self.release(number);
        } else {
            place.set_progress(Progress { done, words: 0, runs: false });
            floor.make_ready(number);
        }
    }

    /// The next results of a call.
    pub(super) fn take(&mut self, call: CallId) -> Option<Arrived> {
        self.inboxes.get_mut(call)?.take()
    }

    /// Keeps the buffer of results that were read.
    pub(super) fn keep(&mut self, buffer: Vec<u8>) {
        let size = buffer.capacity();
        if size > 0 && self.spare_bytes + size <= SPARE {
            self.spare_bytes += size;
            self.spare.push(buffer);
        }
    }

    pub(super) fn has_any(&self, call: CallId) -> bool {
        self.inboxes.get(call).is_some_and(|inbox| !inbox.is_empty())
    }

    /// The place is free.
    fn release(&mut self, place: u32) {
        if let Some(sent) = self.sent[place as usize].take()
            && let Some(inbox) = self.inboxes.get_mut(sent.call)
        {
            inbox.places -= 1;
        }
        self.free.push_back(place);
    }
}

/// False if a worker has taken it.
fn take_back(floor: &Floor, place: u32) -> bool {
    let is_taken = floor.place(place).take(State::Ready, State::Free);
    if is_taken {
        floor.ready.clear(place);
    }
    is_taken
}
