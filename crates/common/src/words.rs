//! Printed texts as values: a key, arguments, and the words in each language.
//!
//! A section has one table of its words, `words.rs`. What the code says, claims and measures is an entry
//! of that table with its arguments; the journal keeps key and arguments beside the words, so no check,
//! picture or test has to look for a fact in prose.
//!
//! ```
//! use common::lang::Lang;
//!
//! common::words! {
//!     /// A cook has made a dish.
//!     pub fn cooked(cook, dish, number) { en: "{cook} made {dish} {number}", zh: "{cook}生产了{dish}{number}" }
//!     pub fn pigsy() { en: "Bajie", zh: "八戒" }
//! }
//!
//! let text = cooked(pigsy(), "rice", 3);
//! assert_eq!(text.in_lang(Lang::En), "Bajie made rice 3");
//! assert_eq!(text.in_lang(Lang::Zh), "八戒生产了rice3");
//! assert_eq!((text.key(), text.args()["number"].as_u64()), (Some("cooked"), Some(3)));
//! ```

mod from;

use std::fmt;

use serde_json::{Map, Value, json};

use journal::Lang;

/// A printed text: an entry of a table of words, with its arguments; or a text that is the same in every
/// language, as a user's own is.
#[derive(Clone)]
pub struct Text {
    entry: Option<&'static Entry>,
    args: Vec<Arg>,
    render: fn(&[Arg], Lang) -> String,
}

/// An entry of a table of words.
#[derive(Debug)]
pub struct Entry {
    /// Its name in the table.
    pub key: &'static str,
    /// The names of its arguments.
    pub names: &'static [&'static str],
}

/// An argument of a text: another text, a number, a string.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A text, in whichever language the whole is.
    Text(Text),
    /// A number.
    Number(serde_json::Number),
    /// A string that is the same in every language.
    String(String),
}

impl Text {
    /// An entry of a table: [`words!`](crate::words!) calls this.
    #[must_use]
    pub fn new(entry: &'static Entry, args: Vec<Arg>, render: fn(&[Arg], Lang) -> String) -> Self {
        Self { entry: Some(entry), args, render }
    }

    /// A text of another table than one of words: in the journal it is its English words.
    pub(crate) fn without_a_key(args: Vec<Arg>, render: fn(&[Arg], Lang) -> String) -> Self {
        Self { entry: None, args, render }
    }

    /// A text that is the same in every language: a name, a path, an address.
    pub fn verbatim(name: impl fmt::Display) -> Self {
        name.to_string().into()
    }

    /// Its key in the table; `None` for a text that is the same in every language, and for a cause of the system or the
    /// toolkit.
    #[must_use]
    pub fn key(&self) -> Option<&'static str> {
        self.entry.map(|entry| entry.key)
    }

    /// Its arguments by name, as JSON has them.
    #[must_use]
    pub fn args(&self) -> Map<String, Value> {
        let named = self.entry.map_or(&[][..], |entry| entry.names).iter().zip(&self.args);
        named.map(|(name, arg)| ((*name).to_owned(), arg.to_json())).collect()
    }

    /// Its words.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> String {
        (self.render)(&self.args, lang)
    }

    /// Its words in every language but `lang`, by the code of the language. Empty if they are the same.
    #[must_use]
    pub fn in_other_langs(&self, lang: Lang) -> Map<String, Value> {
        let own = self.in_lang(lang);
        let others = Lang::ALL.iter().filter(|other| **other != lang);
        let words = others.map(|other| (other.code().to_owned(), self.in_lang(*other)));
        words.filter(|(_, words)| *words != own).map(|(code, words)| (code, words.into())).collect()
    }

    /// Its name where one is needed that no language changes: its key and its arguments, joined by `_`.
    /// A text without a key is its own name.
    ///
    /// ```
    /// common::words! {
    ///     fn killed_as(role) { en: "killed as a {role}", zh: "作为{role}被杀死" }
    ///     fn lock_holder() { en: "lock holder", zh: "持锁者" }
    /// }
    ///
    /// assert_eq!(killed_as(lock_holder()).name(), "killed_as_lock_holder");
    /// ```
    #[must_use]
    pub fn name(&self) -> String {
        let Some(key) = self.key() else { return self.in_lang(Lang::default()) };
        self.args.iter().fold(key.to_owned(), |name, arg| name + "_" + &arg.name())
    }
}

/// Two texts are the same if they are in every language.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key() && Lang::ALL.iter().all(|lang| self.in_lang(*lang) == other.in_lang(*lang))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("key", &self.key())
            .field("words", &self.in_lang(Lang::default()))
            .finish_non_exhaustive()
    }
}

impl Arg {
    /// As it is read in `lang`, for a format string.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> impl fmt::Display {
        InLang { arg: self, lang }
    }

    fn name(&self) -> String {
        match self {
            Self::Text(text) => text.name(),
            Self::Number(number) => number.to_string(),
            Self::String(text) => text.clone(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => match text.key() {
                Some(key) if text.args.is_empty() => key.into(),
                Some(key) => json!({ "key": key, "args": text.args() }),
                None => text.in_lang(Lang::default()).into(),
            },
            Self::Number(number) => Value::Number(number.clone()),
            Self::String(text) => text.as_str().into(),
        }
    }
}

/// Whether an argument, as it is read, is 1: for [`words!`](crate::words!).
#[doc(hidden)]
pub fn is_one(arg: &impl fmt::Display) -> bool {
    arg.to_string() == "1"
}

struct InLang<'a> {
    arg: &'a Arg,
    lang: Lang,
}

impl fmt::Display for InLang<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arg {
            Arg::Text(text) => f.pad(&text.in_lang(self.lang)),
            Arg::String(text) => f.pad(text),
            // A width or a precision in the format string holds for the number.
            Arg::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => number.fmt(f),
                (_, Some(number), _) => number.fmt(f),
                (.., Some(number)) => number.fmt(f),
                _ => number.fmt(f),
            },
        }
    }
}

/// A table of words: one function an entry, whose columns are the languages.
///
/// Each column is a format string with the entry's arguments, checked when the program is compiled. A
/// table without the column of a language does not compile. See [the module](mod@crate::words).
///
/// An English sentence in which a number stands before what it counts has another form for one: `one(NAME)`. Of
/// several forms the first is taken whose arguments are all 1.
///
/// ```
/// use common::lang::Lang;
///
/// common::words! {
///     fn tickets_left(left) { en: "{left} tickets left", one(left): "{left} ticket left", zh: "余票:{left}" }
/// }
///
/// assert_eq!(tickets_left(5).in_lang(Lang::En), "5 tickets left");
/// assert_eq!(tickets_left(1).in_lang(Lang::En), "1 ticket left");
/// ```
#[macro_export]
macro_rules! words {
    ($(
        $(#[$about:meta])*
        $visibility:vis fn $key:ident($($arg:ident),* $(,)?) {
            en: $en:literal, $(one($($counted:ident),+): $one:literal,)* zh: $zh:literal $(,)?
        }
    )*) => { $(
        $(#[$about])*
        #[must_use]
        $visibility fn $key($($arg: impl ::core::convert::Into<$crate::words::Arg>),*) -> $crate::words::Text {
            fn render(args: &[$crate::words::Arg], lang: $crate::lang::Lang) -> ::std::string::String {
                let [$($arg),*] = args else { return ::std::string::String::new() };
                $(let $arg = $arg.in_lang(lang);)*
                match lang {
                    $($crate::lang::Lang::En if $($crate::words::is_one(&$counted))&&+ => ::std::format!($one),)*
                    $crate::lang::Lang::En => ::std::format!($en),
                    $crate::lang::Lang::Zh => ::std::format!($zh),
                }
            }
            $crate::words::Text::new(
                &$crate::words::Entry { key: ::core::stringify!($key), names: &[$(::core::stringify!($arg)),*] },
                ::std::vec![$($arg.into()),*],
                render,
            )
        }
    )* };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::words! {
        fn counted(subject, number) { en: "{number:>4} of {subject}", zh: "{subject}有{number:.1}个" }
        fn thing() { en: "apples", zh: "苹果" }
    }

    #[test]
    fn a_format_string_may_ask_for_a_width_and_a_precision() {
        let text = counted(thing(), 2.55);
        assert_eq!((text.in_lang(Lang::En), text.in_lang(Lang::Zh)), ("2.55 of apples".into(), "苹果有2.5个".into()));
        assert_eq!(counted("pears", 7).in_lang(Lang::En), "   7 of pears");
    }

    #[test]
    fn arguments_are_data() {
        let args = counted(thing(), 7_u32).args();
        assert_eq!(Value::Object(args), json!({ "subject": "thing", "number": 7 }));
        let nested = counted(counted(thing(), -1), 7).args();
        assert_eq!(nested["subject"], json!({ "key": "counted", "args": { "subject": "thing", "number": -1 } }));
    }

    #[test]
    fn words_that_are_the_same_in_every_language_are_written_once() {
        assert!(Text::from("a user's own").in_other_langs(Lang::En).is_empty());
        assert_eq!(Value::Object(thing().in_other_langs(Lang::Zh)), json!({ "en": "apples" }));
    }
}
