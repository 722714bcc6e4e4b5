//! The table at which producers and consumers meet, and what travels over it.

use common::Error;
use common::queue::{Delivery, GetError, JoinableQueue};
use common::words::Arg;
use serde::{Deserialize, Serialize};

use crate::words;

pub(crate) type Table = JoinableQueue<Dish>;

/// The largest message, in bytes: room for a dish.
pub(crate) const MESSAGE: usize = 64;

/// The notes' `f'{food}{i}'`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Dish {
    pub(crate) food: Food,
    pub(crate) number: u32,
}

/// What a cook can cook.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Food {
    GoldenFriedRice,
    BuddhaJumpsOverTheWall,
}

impl From<Food> for Arg {
    fn from(food: Food) -> Self {
        match food {
            Food::GoldenFriedRice => words::golden_fried_rice().into(),
            Food::BuddhaJumpsOverTheWall => words::buddha_jumps_over_the_wall().into(),
        }
    }
}

/// Takes the next dish, waiting for one. `None`: the table is closed, because the feast ends by an error.
pub(crate) fn take(table: &Table) -> Result<Option<Delivery<Dish>>, Error> {
    match table.get() {
        Err(GetError::Disconnected) => Ok(None),
        dish => Ok(Some(dish?)),
    }
}

/// Closes the table when the feast ends, by an error too: a cook that waits for room goes home.
pub(crate) struct ClosesTable<'a>(pub(crate) &'a Table);

impl Drop for ClosesTable<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
