//! What must hold when the server has ended.

use common::claims::Claims;
use common::report::Is;

use crate::tally::Tally;
use crate::words;

/// Of the counts, and of how many files are open at the end; at the start there were `files`.
pub(crate) fn serve(files: usize) -> Claims<(Tally, usize)> {
    Claims::<(Tally, usize)>::new()
        .claim(words::all_sent_back(), Is(0), |(total, _), _| total.missing)
        .claim(words::none_cut_off(), Is(0), |(total, _), _| total.cut_off)
        .claim(words::all_closed(), Is(files), |(_, files), _| *files)
}
