//! How the consumers of both queues get what is in them.

use common::Error;
use common::queue::{Delivery, JoinableQueue, Queue, TryGetError};

use super::{MOMENT, WaitMode};
use crate::item::Item;
use crate::latency::Operation;
use crate::ledger::{Fault, Ledger};
use crate::slots::Slot;

/// A queue, as its consumers see it.
pub(crate) trait Get {
    type Got;

    fn get(&self, wait: WaitMode) -> Result<Self::Got, TryGetError>;
}

macro_rules! get {
    ($($queue:ident -> $got:ty),*) => { $(
        impl Get for $queue<Item> {
            type Got = $got;

            fn get(&self, wait: WaitMode) -> Result<$got, TryGetError> {
                match wait {
                    WaitMode::Blocking => self.get().map_err(TryGetError::from),
                    WaitMode::Timeout => self.get_timeout(MOMENT).map_err(TryGetError::from),
                    WaitMode::Polling => self.try_get(),
                }
            }
        }
    )* };
}

get! { Queue -> Item, JoinableQueue -> Delivery<Item> }

/// Gets what comes next. `None` from a queue that is closed and drained.
pub(crate) fn get<Q: Get>(queue: &Q, slot: Slot, ledger: &Ledger, wait: WaitMode) -> Result<Option<Q::Got>, Error> {
    loop {
        match slot.within(wait.limit(), Operation::Get, || queue.get(wait)) {
            Err(TryGetError::Empty) => std::thread::yield_now(),
            Err(TryGetError::Stalled { .. }) => slot.stalled(),
            Err(TryGetError::Undecodable(_)) => ledger.report(Fault::Torn),
            Err(TryGetError::Disconnected) => return Ok(None),
            got => return got.map(Some).map_err(Error::from),
        }
    }
}
