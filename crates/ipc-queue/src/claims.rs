//! What each scene must show, and where the answer is: in what the scene returned, or in its record.

use std::collections::BTreeSet;

use common::claims::{Claims, Record};
use common::lang::Lang;
use common::report::{Is, Observed};

use crate::{Fifo, Full, LETTERS, SEVENTH, words};

pub(crate) fn fifo() -> Claims<Fifo> {
    Claims::<Fifo>::new()
        .claim(words::first_in_first_out(), Is(LETTERS.join(" ")), |fifo, _| fifo.got.clone())
        .claim(words::six_wait(), Is(6), |fifo, _| fifo.waiting)
        .claim(words::seventh_refused(), Is(SEVENTH), |fifo, _| fifo.handed_back)
}

pub(crate) fn full() -> Claims<Full> {
    Claims::<Full>::new()
        .claim(words::gives_up(), Is(SEVENTH), |full, _| full.handed_back.clone())
        .claim(words::sleeps(), Is("S"), |full, _| Observed::text_or_nothing(full.state_at_full_queue.clone()))
        .claim(words::succeeds_after_a_get(), Is(true), |_, record| {
            record.said_before(&words::gets(LETTERS[0]), &words::is_in(SEVENTH))
        })
        .claim(words::seven_in_order(), Is("a b c d e f g"), |full, _| full.got.clone())
}

pub(crate) fn processes(lang: Lang) -> Claims<()> {
    let main = std::process::id().cast_signed();
    let [dish, later] = [words::kung_pao_chicken(), words::mapo_tofu()].map(|dish| dish.in_lang(lang));
    let printed = |record: &Record, time: usize| {
        record.said_as("printed").nth(time).and_then(|event| event.arg("value").cloned())
    };
    Claims::<()>::new()
        .claim(words::arrives(), Is(dish), move |(), record| printed(record, 0))
        .claim(words::three_processes(), Is(3), move |(), record| {
            let tasks = [record.said_as("puts_dish").next(), record.said_as("printed").next()];
            let pids = tasks.into_iter().flatten().map(|event| event.pid);
            pids.chain([main]).collect::<BTreeSet<_>>().len()
        })
        .claim(words::kept(), Is(later), move |(), record| printed(record, 1))
}
