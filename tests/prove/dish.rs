//! What the queues of the scenarios carry.

use serde::{Deserialize, Serialize};

/// No consumer can read a dish of this number.
pub(crate) const UNREADABLE: u8 = 7;

/// Dishes from this number on are larger than what fits into a slot.
pub(crate) const LARGE: u8 = 8;

/// A number, and bytes that must agree with it: a torn dish cannot be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "(u8, String)", try_from = "(u8, String)")]
pub(crate) struct Dish(pub(crate) u8);

impl Dish {
    pub(crate) fn is_large(&self) -> bool {
        (LARGE..50).contains(&self.0)
    }

    fn filler(&self) -> String {
        let count = if self.is_large() { 70 } else { 0 };
        char::from(b'0' + self.0 % 10).to_string().repeat(count)
    }
}

impl From<Dish> for (u8, String) {
    fn from(dish: Dish) -> Self {
        (dish.0, dish.filler())
    }
}

impl TryFrom<(u8, String)> for Dish {
    type Error = &'static str;

    fn try_from((number, filler): (u8, String)) -> Result<Self, Self::Error> {
        let dish = Self(number);
        match number {
            UNREADABLE => Err("it is the unreadable one"),
            _ if dish.filler() == filler => Ok(dish),
            _ => Err("it is torn"),
        }
    }
}
