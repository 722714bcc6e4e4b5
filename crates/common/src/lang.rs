//! The run's language: English, or the notes' own Chinese.
//!
//! A text is written down in both, and a run speaks one. Where its journal is shown to a program, which
//! may want the other one, too, the texts that a thread made last are remembered in both.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde::Serialize;

use crate::journal;

/// How many texts a thread remembers: it says them soon after it made them.
const REMEMBERED: usize = 64;

thread_local! {
    /// Texts in the run's language and in the other one, the last one first.
    static BOTH: RefCell<VecDeque<(String, String)>> = const { RefCell::new(VecDeque::new()) };
}

/// In which language a run speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    En,
    /// Chinese, in the words of the notes.
    Zh,
}

impl Lang {
    /// What the user's locale asks for: Chinese for a Chinese one (`LC_ALL`, `LC_MESSAGES` and
    /// `LANG`, in this order), else English.
    #[must_use]
    pub fn of_locale() -> Self {
        let locale = sys_locale::get_locale().unwrap_or_default();
        if locale.starts_with("zh") { Self::Zh } else { Self::En }
    }
}

/// Remembers what `text` is in the other language, if anybody may want to know, and returns it.
///
/// [`text!`](crate::text) does so; nothing else has a reason to.
pub fn with_other(text: String, other: impl FnOnce() -> String) -> String {
    if journal::is_shown() {
        BOTH.with_borrow_mut(|both| {
            both.truncate(REMEMBERED - 1);
            both.push_front((text.clone(), other()));
        });
    }
    text
}

/// What a text that this thread made is in the other language, if that is remembered.
pub(crate) fn other(text: &str) -> Option<String> {
    BOTH.with_borrow(|both| both.iter().find(|(known, _)| known == text).map(|(_, other)| other.clone()))
}

/// A text in the language of a stage or an actor: `text!(actor, "buyer {i}", "用户{i}")`.
///
/// Both literals are format strings, and both are checked when the program is compiled.
#[macro_export]
macro_rules! text {
    ($actor:expr, $en:literal, $zh:literal $(,)?) => {
        match $actor.lang() {
            $crate::lang::Lang::En => $crate::lang::with_other(::std::format!($en), || ::std::format!($zh)),
            $crate::lang::Lang::Zh => $crate::lang::with_other(::std::format!($zh), || ::std::format!($en)),
        }
    };
}

/// Says a line in the run's language: `say!(actor, "{name} is served", "{name}吃了")?`.
#[macro_export]
macro_rules! say {
    ($actor:expr, $en:literal, $zh:literal $(,)?) => {
        $actor.say($crate::text!($actor, $en, $zh))
    };
}

/// Claims something before the act: `claim!(stage, Is(5), "five are sold", "卖出五张")?`.
#[macro_export]
macro_rules! claim {
    ($stage:expr, $expect:expr, $en:literal, $zh:literal $(,)?) => {
        $stage.claim($crate::text!($stage, $en, $zh), $expect)
    };
}
