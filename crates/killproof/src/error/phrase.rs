//! A part of a message, as data: a program that speaks another language looks its words up.

use std::{fmt, io};

use super::cause;

/// A part of an error's message: a name that is the same in every language, English words with arguments, or an
/// answer of the system.
///
/// A program that prints its errors in another language has a table of the words, and looks up
/// [`words`](Self::words) there, which never change with the arguments. [`Display`](fmt::Display) is the English
/// text.
///
/// ```
/// use killproof::error::Phrase;
///
/// let phrase = Phrase::new("a queue of {} messages", [6_u64.into()]);
/// assert_eq!(phrase.to_string(), "a queue of 6 messages");
/// assert_eq!(phrase.words(), Some("a queue of {} messages"));
/// assert_eq!(phrase.args()[0].to_string(), "6");
/// assert_eq!(Phrase::from("a pipe").words(), Some("a pipe"), "a literal is words");
/// assert_eq!(Phrase::from("a pipe".to_owned()).words(), None, "a string is a name");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Name(String),
    Words(&'static str, Vec<Phrase>),
    /// The number of an error of the system.
    System(i32),
}

impl Phrase {
    /// Words, with a `{}` for each argument.
    pub fn new(words: &'static str, args: impl Into<Vec<Phrase>>) -> Self {
        Self(Kind::Words(words, args.into()))
    }

    /// Words that count: `[of one, of another number]`, with a `{}` for each argument.
    ///
    /// ```
    /// use killproof::error::Phrase;
    ///
    /// let left = |count: u32| Phrase::counted(count, ["{} message is left", "{} messages are left"], [count.into()]);
    /// assert_eq!(left(1).to_string(), "1 message is left");
    /// assert_eq!(left(0).to_string(), "0 messages are left");
    /// ```
    pub fn counted(count: impl TryInto<u64>, words: [&'static str; 2], args: impl Into<Vec<Phrase>>) -> Self {
        let [of_one, of_many] = words;
        Self::new(plural(count, of_one, of_many), args)
    }

    /// What is the same in every language: a path, an address, the name of a process.
    pub fn name(name: impl fmt::Display) -> Self {
        Self(Kind::Name(name.to_string()))
    }

    /// The cause that an error of the system names.
    #[must_use]
    pub fn cause(error: &io::Error) -> Self {
        let told = error.get_ref().and_then(|told| told.downcast_ref::<Self>());
        let number = error.raw_os_error().map(|number| Self(Kind::System(number)));
        told.cloned().or(number).unwrap_or_else(|| Self::name(cause(error)))
    }

    /// Its English words, with a `{}` for each argument. `None`: it has none that a program could look up.
    #[must_use]
    pub fn words(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Words(words, _) => Some(words),
            Kind::Name(_) | Kind::System(_) => None,
        }
    }

    /// The number of an error of the system, as `errno` has it.
    #[must_use]
    pub fn os_error(&self) -> Option<i32> {
        match self.0 {
            Kind::System(number) => Some(number),
            Kind::Name(_) | Kind::Words(..) => None,
        }
    }

    /// The arguments of the words, in their order.
    #[must_use]
    pub fn args(&self) -> &[Self] {
        match &self.0 {
            Kind::Words(_, args) => args,
            Kind::Name(_) | Kind::System(_) => &[],
        }
    }
}

/// The words for one, or for any other number: English has no others.
pub(crate) fn plural(count: impl TryInto<u64>, of_one: &'static str, of_many: &'static str) -> &'static str {
    if matches!(count.try_into(), Ok(1)) { of_one } else { of_many }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, args) = match &self.0 {
            Kind::Name(name) => return f.write_str(name),
            Kind::System(number) => return f.write_str(&cause(&io::Error::from_raw_os_error(*number))),
            Kind::Words(words, args) => (words, args),
        };
        let mut args = args.iter();
        for (number, part) in words.split("{}").enumerate() {
            if let Some(arg) = (number > 0).then(|| args.next()).flatten() {
                arg.fmt(f)?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}

/// A phrase can be the cause within an [`io::Error`](std::io::Error).
impl std::error::Error for Phrase {}

impl From<&'static str> for Phrase {
    fn from(words: &'static str) -> Self {
        Self::new(words, [])
    }
}

impl From<String> for Phrase {
    fn from(name: String) -> Self {
        Self(Kind::Name(name))
    }
}

macro_rules! numbers {
    ($($name:ty)*) => { $(
        impl From<$name> for Phrase {
            fn from(number: $name) -> Self {
                Self::name(number)
            }
        }
    )* };
}
numbers! { i32 u32 u64 usize }
