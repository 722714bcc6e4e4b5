//! The notes' listing: what it sells with its lock, and without.

use std::fs;

use support::{Program, listing, listing_without_key_line, open_folder};

/// The numbers of the tickets that a listing sold, in its order, and how many buyers got none.
fn sales(listing: &Program) -> (Vec<u32>, usize) {
    let folder = open_folder();
    let run = listing.clone().in_folder(folder.path()).run();
    let printed = run.expect_code(0).stdout();
    assert_eq!(fs::read_dir(folder.path()).expect("our own folder").count(), 0, "it leaves nothing behind");
    let numbers = printed.lines().filter_map(|line| line.split_once("bought ticket number "));
    let numbers = numbers.map(|(_, number)| number.parse().expect("a number")).collect();
    (numbers, printed.lines().filter(|line| line.ends_with("bought none")).count())
}

#[test]
fn the_listing_of_the_sale_sells_each_ticket_once() {
    assert_eq!(sales(&listing!("sale")), (vec![5, 4, 3, 2, 1], 3));
}

#[test]
fn the_listing_of_the_sale_without_its_lock_sells_more_tickets_than_there_are() {
    // For five sales alone, at least three buyers would have to read after five others had read and written
    // one by one, and each of those took 100 ms or more in between.
    let (numbers, refused) = sales(&listing_without_key_line!("sale"));
    assert!(numbers.len() > 5, "{numbers:?}");
    assert_eq!(numbers.len() + refused, 8);
}
