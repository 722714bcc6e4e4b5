//! The run's language: English, or the notes' own Chinese.

pub use journal::Lang;

/// What the user's locale asks for: Chinese for a Chinese one (`LC_ALL`, `LC_MESSAGES` and `LANG`, in this
/// order), else English.
#[must_use]
pub fn of_locale() -> Lang {
    let locale = sys_locale::get_locale().unwrap_or_default();
    let is_of = |lang: &&Lang| locale.starts_with(lang.code());
    Lang::ALL.iter().find(is_of).copied().unwrap_or_default()
}

/// A text in the language of a stage or an actor: `text!(actor, "buyer {i}", "用户{i}")`.
///
/// Both literals are format strings, and both are checked when the program is compiled.
#[macro_export]
macro_rules! text {
    ($actor:expr, $en:literal, $zh:literal $(,)?) => {
        $crate::words::remember($actor.lang(), ::std::format!($en), ::std::format!($zh))
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
