//! What each sale and a purchase must show, and where the answer is in what they return.

use common::claims::Claims;
use common::report::{Expect, Is};

use crate::sale::{Sale, Sales};
use crate::words;

/// Of the sale with the lock: what the lock guarantees.
pub(crate) fn locked(tickets: u32, buyers: u32) -> Claims<Sales> {
    let (sold, left) = (tickets.min(buyers), tickets.saturating_sub(buyers));
    let refused = buyers - sold;
    Claims::<Sales>::new()
        .claim(words::sells(sold, buyers), Is(sold), |sales, _| sales.sold())
        .claim(words::refuses(refused, buyers), Is(refused), |sales, _| sales.refused())
        .claim(words::file_says(left), Is(left), |sales, _| sales.left)
        .claim(words::no_ticket_twice(), Is(sold), |sales, _| numbers(sales.by_buyer.iter().filter(|sale| sale.sold)))
}

/// Of the sale without it: what the missing lock allows, and the schedule forces.
pub(crate) fn unlocked(tickets: u32, buyers: u32) -> Claims<Sales> {
    let (sold, left) = (if tickets > 0 { buyers } else { 0 }, tickets.saturating_sub(1));
    let oversold = if buyers > tickets && tickets > 0 { Expect::Above(0.0) } else { Is(0) };
    Claims::<Sales>::new()
        .claim(words::same_number(), Is(1), |sales, _| numbers(&sales.by_buyer))
        .claim(words::sells_unlocked(sold, buyers), Is(sold), |sales, _| sales.sold())
        .claim(words::one_is_counted(left), Is(left), |sales, _| sales.left)
        .claim(words::oversells(), oversold, move |sales, _| sales.oversold(tickets))
}

/// Of one purchase: the number of tickets that it found.
pub(crate) fn buy(user: &str) -> Claims<u32> {
    Claims::<u32>::new().claim(words::gets_a_ticket(user), Is(true), |seen, _| *seen > 0)
}

/// How many different numbers the buyers read.
fn numbers<'a>(sales: impl IntoIterator<Item = &'a Sale>) -> usize {
    let mut numbers: Vec<_> = sales.into_iter().map(|sale| sale.seen).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}
