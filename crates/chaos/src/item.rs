//! What goes through the queues: items whose content follows from their names, so that a torn or a foreign
//! item is recognised.

use serde::{Deserialize, Serialize};

use crate::random::mix;

/// One message.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: Name,
    filling: String,
}

/// A producer, and a number that counts its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Name {
    pub(crate) producer: u8,
    pub(crate) number: u32,
}

/// Asks a consumer to end. No producer has this number.
const STOP: u8 = u8::MAX;

/// The rule by which all processes of a round make the same items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    pub(crate) seed: u64,
    /// The longest filling, in bytes.
    pub(crate) largest: usize,
    /// One item in this number is poison, which kills the consumer that takes it; 0 for none.
    pub(crate) poison_every: u64,
}

/// An upper bound of what an item needs besides its filling, in bytes.
const AROUND: usize = 64;

impl Content {
    /// The item of this name.
    pub(crate) fn item(&self, name: Name) -> Item {
        let random = self.random(name);
        let length = usize::try_from(random >> 8).unwrap_or(usize::MAX) % (self.largest + 1);
        // Eight letters of its own, repeated: a part of another item would have other letters.
        let letters = mix(random, 1).to_le_bytes().map(|byte| char::from(b'a' + byte % 26));
        let mut filling = String::from_iter(letters).repeat(length.div_ceil(letters.len()));
        filling.truncate(length);
        Item { name, filling }
    }

    /// Whether it is exactly what its producer put.
    pub(crate) fn is_whole(&self, item: &Item) -> bool {
        *item == self.item(item.name)
    }

    pub(crate) fn is_poison(&self, name: Name) -> bool {
        self.poison_every > 0 && mix(self.random(name), 2).is_multiple_of(self.poison_every)
    }

    /// The longest message that a queue of such items must take, in bytes.
    pub(crate) fn max_message(&self) -> usize {
        self.largest + AROUND
    }

    fn random(&self, name: Name) -> u64 {
        mix(self.seed, u64::from(name.producer) << 32 | u64::from(name.number))
    }
}

impl Item {
    /// What it has besides its name.
    pub(crate) fn filling(&self) -> &str {
        &self.filling
    }

    pub(crate) fn stop() -> Self {
        Self { name: Name { producer: STOP, number: 0 }, filling: String::new() }
    }

    pub(crate) fn is_stop(&self) -> bool {
        self.name.producer == STOP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: Content = Content { seed: 7, largest: 100, poison_every: 50 };

    #[test]
    fn a_torn_item_and_one_that_bears_another_number_are_not_whole() {
        let name = |number| Name { producer: 1, number };
        let item = CONTENT.item(name(2));
        assert!(CONTENT.is_whole(&item));
        let torn = Item { filling: item.filling[1..].to_owned(), ..item };
        let foreign = Item { name: name(3), ..CONTENT.item(name(2)) };
        assert!(!CONTENT.is_whole(&torn) && !CONTENT.is_whole(&foreign));
    }

    #[test]
    fn the_sizes_vary_up_to_the_largest_and_some_items_are_poison() {
        let items: Vec<Item> = (0..5_000).map(|number| CONTENT.item(Name { producer: 0, number })).collect();
        assert!(items.iter().all(|item| item.filling.len() <= 100));
        assert!(items.iter().any(|item| item.filling.len() == 100) && items.iter().any(|item| item.filling.is_empty()));
        let poison = items.iter().filter(|item| CONTENT.is_poison(item.name)).count();
        assert!((50..200).contains(&poison), "{poison}");
    }

    #[test]
    fn no_message_is_longer_than_its_queue_allows() {
        let item = Item { filling: "x".repeat(CONTENT.largest), name: Name { producer: 200, number: u32::MAX } };
        let bytes = serde_json::to_vec(&item).expect("plain data"); // longer than MessagePack
        assert!(bytes.len() <= CONTENT.max_message());
    }
}
