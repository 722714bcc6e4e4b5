//! The run's language: English, or the notes' own Chinese.

use serde::Serialize;

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

/// A text in the language of a stage or an actor: `text!(actor, "buyer {i}", "用户{i}")`.
///
/// Both literals are format strings, and both are checked when the program is compiled.
#[macro_export]
macro_rules! text {
    ($actor:expr, $en:literal, $zh:literal $(,)?) => {
        match $actor.lang() {
            $crate::lang::Lang::En => ::std::format!($en),
            $crate::lang::Lang::Zh => ::std::format!($zh),
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
