//! What must hold when the server has ended.

use common::claims::Claims;
use common::report::Is;

use crate::tally::Tally;
use crate::words;

/// Of the counts, and of how many sockets are open at the end; at the start there were `sockets`.
pub(crate) fn serve(sockets: usize) -> Claims<(Tally, usize)> {
    Claims::<(Tally, usize)>::new()
        .claim(words::all_sent_back(), Is(0), |(total, _), _| total.missing)
        .claim(words::none_cut_off(), Is(0), |(total, _), _| total.cut_off)
        .claim(words::all_closed(), Is(sockets), |(_, sockets), _| *sockets)
}
