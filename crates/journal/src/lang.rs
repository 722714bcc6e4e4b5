//! The languages that a run can speak.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// In which language a run speaks. Every table of words has a column for each; one more language is one
/// more variant, and the compiler names each table without its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, in the words of the notes.
    Zh,
}

impl Lang {
    /// All of them, in the order of the columns.
    pub const ALL: &'static [Self] = &[Self::En, Self::Zh];

    /// Its ISO 639 code, which `--lang` takes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

// A language that is declared and missing in the list does not compile.
const _: () = assert!(Lang::ALL.len() == Lang::Zh as usize + 1);

impl FromStr for Lang {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|lang| lang.code() == code);
        known.ok_or_else(|| format!("no language '{code}'"))
    }
}
