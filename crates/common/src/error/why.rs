//! Why the system refused, in each language.

use std::io;

use crate::refusal::Refusal;
use crate::words::Text;

use super::{system, toolkit};

/// The cause in a system error, in lower case and without its number.
///
/// ```
/// use common::{error::cause, lang::Lang};
///
/// let full = cause(&std::io::Error::from_raw_os_error(28));
/// assert_eq!(full.in_lang(Lang::En), "no space left on device");
/// assert_eq!(full.in_lang(Lang::Zh), "设备上没有空间");
/// ```
#[must_use]
pub fn cause(error: &io::Error) -> Text {
    if let Some(number) = error.raw_os_error() {
        return system::of_number(number);
    }
    let told = error.get_ref();
    if let Some(Refusal(text)) = told.and_then(|told| told.downcast_ref()) {
        return text.clone();
    }
    let phrase = told.and_then(|told| told.downcast_ref());
    phrase.map_or_else(|| system::of_standard_library(error), toolkit::in_words)
}
