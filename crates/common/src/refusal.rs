//! Why a value of the command line is refused, in each language.

use std::fmt;

use crate::lang::Lang;
use crate::words::Text;

/// Why a value of the command line is refused: what a parser of an option's values returns. A plain string would
/// be in one language.
///
/// ```
/// use common::lang::Lang;
/// use common::refusal::Refusal;
///
/// common::words! {
///     fn even_numbers_only() { en: "it is an even number", zh: "必须是偶数" }
/// }
///
/// fn even(text: &str) -> Result<u32, Refusal> {
///     let number = text.parse().ok().filter(|number: &u32| number.is_multiple_of(2));
///     number.ok_or_else(|| Refusal(even_numbers_only()))
/// }
///
/// assert_eq!(even("7").expect_err("odd").0.in_lang(Lang::Zh), "必须是偶数");
/// ```
#[derive(Clone, Debug)]
pub struct Refusal(pub Text);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.in_lang(Lang::default()))
    }
}

impl std::error::Error for Refusal {}
