//! A flag in shared memory that ends the work of a round.

use std::sync::atomic::{AtomicU32, Ordering};

use common::Error;
use common::shared::Shared;

/// Raised once by the main process. The workers look at it before each operation.
#[derive(Debug)]
pub(crate) struct StopFlag(Shared<AtomicU32>);

impl StopFlag {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self(Shared::new(AtomicU32::new(0))?))
    }

    pub(crate) fn raise(&self) {
        self.0.store(1, Ordering::SeqCst);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst) != 0
    }
}
