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
