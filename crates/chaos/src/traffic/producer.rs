//! The producers of both queues.

use common::Error;
use common::queue::{JoinableQueue, Queue, TryPutError};

use super::{MOMENT, Traffic, WaitMode};
use crate::item::Item;
use crate::latency::Operation;
use crate::ledger::Ledger;
use crate::slots::Slot;
use crate::workers::WorkerContext;

/// The note of a producer that is in the middle of a put.
const PUTTING: u64 = 2;

/// A queue, as its producers see it.
pub(crate) trait Put {
    fn put(&self, item: Item, wait: WaitMode) -> Result<(), TryPutError<Item>>;
}

macro_rules! put {
    ($($queue:ident)*) => { $(
        impl Put for $queue<Item> {
            fn put(&self, item: Item, wait: WaitMode) -> Result<(), TryPutError<Item>> {
                match wait {
                    WaitMode::Blocking => self.put(item).map_err(TryPutError::from),
                    WaitMode::Timeout => self.put_timeout(item, MOMENT).map_err(TryPutError::from),
                    WaitMode::Polling => self.try_put(item),
                }
            }
        }
    )* };
}

put! { Queue JoinableQueue }

/// Puts one item after the other until `is_over`, and writes each into the ledger before and after.
pub(crate) fn produce(
    queue: &impl Put,
    traffic: &Traffic,
    ledger: &Ledger,
    context: &mut WorkerContext,
    is_over: impl Fn() -> bool,
) -> Result<(), Error> {
    while !is_over() {
        context.slot.take_order();
        let Some(name) = ledger.begin(context.index) else { break };
        let wait = WaitMode::any(&mut context.random);
        let item = traffic.content.item(name);
        context.slot.note(PUTTING);
        put(queue, context.slot, item, wait)?;
        ledger.returned(name);
        context.slot.note(0);
        context.slot.complete();
    }
    Ok(())
}

fn put(queue: &impl Put, slot: Slot, mut item: Item, wait: WaitMode) -> Result<(), Error> {
    loop {
        match slot.within(wait.limit(), Operation::Put, || queue.put(item, wait)) {
            Err(refused) if is_full(&refused) => {
                if matches!(refused, TryPutError::Stalled { .. }) {
                    slot.stalled();
                }
                item = refused.into_value();
                std::thread::yield_now();
            }
            put => return put.map_err(Error::from),
        }
    }
}

/// Whether the queue may have room later. A queue full of dead letters has, too: a collector makes it. So may one
/// whose lock a stopped worker keeps.
pub(crate) fn is_full(refused: &TryPutError<Item>) -> bool {
    matches!(refused, TryPutError::Full(_) | TryPutError::DeadLetters(_) | TryPutError::Stalled { .. })
}
