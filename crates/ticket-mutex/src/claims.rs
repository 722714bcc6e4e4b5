//! What each sale and a purchase must show, and where the answer is in what they return.

use common::claims::Claims;
use common::report::Is;

use crate::sale::Sales;
use crate::words;

/// Of the sale with the lock: what the lock guarantees.
pub(crate) fn locked(tickets: u32, buyers: u32) -> Claims<Sales> {
    let (sold, left) = (tickets.min(buyers), tickets.saturating_sub(buyers));
    let refused = buyers - sold;
    let claims = Claims::<Sales>::new()
        .claim(words::sells(sold, buyers), Is(sold), |sales, _| sales.sold())
        .claim(words::refuses(refused, buyers), Is(refused), |sales, _| sales.refused())
        .claim(words::file_says(left), Is(left), |sales, _| sales.left);
    match sold {
        0 => claims,
        1 => once(claims, tickets),
        _ => claims.claim(words::each_once(tickets, left + 1), Is(sold), |sales, _| sales.different()),
    }
}

/// Of the sale without it: what the missing lock allows, and the schedule forces.
pub(crate) fn unlocked(tickets: u32, buyers: u32) -> Claims<Sales> {
    if tickets == 0 {
        return locked(tickets, buyers);
    }
    let left = tickets - 1;
    let claims = Claims::<Sales>::new()
        .claim_if(buyers > 1, words::same_number(), Is(1), |sales, _| sales.numbers_read())
        .claim(words::sells(buyers, buyers), Is(buyers), |sales, _| sales.sold());
    let claims = if buyers == 1 {
        once(claims, tickets)
    } else {
        claims.claim(words::sold_times(tickets, buyers), Is(buyers), move |sales, _| sales.sold_of(tickets))
    };
    let oversold = buyers.saturating_sub(tickets);
    claims.claim(words::one_is_counted(left), Is(left), |sales, _| sales.left).claim_if(
        oversold > 0,
        words::oversells(oversold),
        Is(oversold),
        move |sales, _| sales.oversold(tickets),
    )
}

fn once(claims: Claims<Sales>, ticket: u32) -> Claims<Sales> {
    claims.claim(words::sold_once(ticket), Is(1), move |sales, _| sales.sold_of(ticket))
}

/// Of one purchase: the number of tickets that it found.
pub(crate) fn buy(user: &str) -> Claims<u32> {
    Claims::<u32>::new().claim(words::gets_a_ticket(user), Is(true), |seen, _| *seen > 0)
}
