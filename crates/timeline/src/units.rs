//! What the units of times are called, in each language.

use journal::Lang;

/// The unit of a time.
pub(crate) fn seconds(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "s",
        Lang::Zh => "秒",
    }
}

/// The unit of a time below a second.
pub(crate) fn milliseconds(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "ms",
        Lang::Zh => "毫秒",
    }
}

/// The unit of a time below a millisecond.
pub(crate) fn microseconds(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "µs",
        Lang::Zh => "微秒",
    }
}
