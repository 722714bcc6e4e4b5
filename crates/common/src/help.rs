//! The help of a program: what its options say of themselves, in the language of its reader.
//!
//! The doc comments of the options are the English. A [`Translation`] has the same texts in another language, each
//! under the id of its option, and is laid over the options when the language is known. `page` lays both out:
//! clap's own page has its headings in English alone, and breaks no line of a language without spaces.

mod every_section;
mod page;
mod prediction;
mod wrap;

use std::ffi::OsString;

use clap::{Arg, Command};

use crate::lang::Lang;

pub use prediction::{Answer, Prediction};

/// What the help of a program has beyond the doc comments of its options.
#[derive(Clone, Copy, Debug)]
pub struct Help {
    /// The same in other languages.
    pub translations: &'static [Translation],
    /// What a reader may predict before a run shows it.
    pub predictions: &'static [Prediction],
}

impl Help {
    /// The doc comments, and nothing else.
    pub const ENGLISH: Self = Self { translations: &[], predictions: &[] };
}

/// The texts of a help in one language, by key.
///
/// | key | text |
/// |---|---|
/// | `about`, `lesson`, `examples`, `usage` | the line at the top, what stands below it, the examples at the end, the usage where it is no derived one |
/// | `max_connections` | what an option says, by its id |
/// | `model=pool` | what a value of an option says |
/// | `buy`, `buy.user` | what a command says, and an option of a command |
/// | `# Load` | a heading, by its English name |
/// | `<FILE>` | a value's name, by its English one |
///
/// ```
/// use common::help::{Help, Translation};
/// use common::lang::Lang;
///
/// const ZH: &[(&str, &str)] = &[("about", "一个问候者"), ("name", "向谁问候")];
/// const HELP: Help = Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], ..Help::ENGLISH };
/// # let _ = HELP;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Translation {
    /// Its language.
    pub lang: Lang,
    /// Its texts.
    pub texts: &'static [(&'static str, &'static str)],
}

/// The texts of one program in one language.
#[derive(Clone, Copy)]
struct Texts {
    own: &'static [(&'static str, &'static str)],
    shared: &'static [(&'static str, &'static str)],
}

impl Texts {
    fn new(help: Help, lang: Lang) -> Self {
        let of = |translations: &'static [Translation]| {
            translations.iter().find(|found| found.lang == lang).map_or(&[][..], |found| found.texts)
        };
        Self { own: of(help.translations), shared: of(every_section::TRANSLATIONS) }
    }

    /// The text of a key; `None` where the doc comment is the text.
    fn get(self, key: &str) -> Option<&'static str> {
        let find = |texts: &'static [(&str, &'static str)]| texts.iter().find(|(known, _)| *known == key);
        find(self.own).or_else(|| find(self.shared)).map(|(_, text)| *text)
    }

    /// The text of an option of `command`, which may be one of all commands.
    fn of_option(self, command: &str, option: &str) -> Option<&'static str> {
        self.get(&format!("{command}.{option}")).or_else(|| self.get(option))
    }
}

/// The command in a language, with the pages of its help.
pub(crate) fn in_lang(command: Command, help: Help, lang: Lang, columns: usize, form: Form) -> Command {
    let texts = Texts::new(help, lang);
    let command = translated(command, None, texts);
    let pages = page::of_all(command.clone(), texts, lang, columns, form, help.predictions);
    pages.into_iter().fold(command, |command, (name, page)| match name {
        None => command.override_help(page),
        Some(name) => command.mut_subcommand(name, |command| command.override_help(page)),
    })
}

/// Which page is asked for: `-h` is a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Short,
    Long,
}

impl Form {
    /// The form that a command line asks for, if it asks for help.
    pub(crate) fn asked_for(arguments: &[OsString]) -> Self {
        let is_long = arguments.iter().skip(1).any(|argument| argument == "--help" || argument == "help");
        if is_long { Self::Long } else { Self::Short }
    }
}

fn translated(command: Command, of: Option<&str>, texts: Texts) -> Command {
    let key = |what: &'static str| of.unwrap_or(what).to_owned();
    let about = texts.get(&key("about"));
    let lesson = if of.is_none() { texts.get("lesson") } else { None };
    let examples = if of.is_none() { texts.get("examples") } else { None };
    let usage = if of.is_none() { texts.get("usage") } else { None };
    let command = about.into_iter().fold(command, Command::about);
    let long = about.map(|about| lesson.map_or(about.to_owned(), |lesson| format!("{about}\n\n{lesson}")));
    let command = long.into_iter().fold(command, Command::long_about);
    let command = examples.into_iter().fold(command, Command::after_help);
    let command = usage.into_iter().fold(command, Command::override_usage);
    let names: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = command.mut_args(|option| option_translated(option, of.unwrap_or_default(), texts));
    names
        .iter()
        .fold(command, |command, name| command.mut_subcommand(name, |command| translated(command, Some(name), texts)))
}

fn option_translated(option: Arg, command: &str, texts: Texts) -> Arg {
    let text = texts.of_option(command, option.get_id().as_str());
    let names = option.get_value_names().unwrap_or_default();
    let names: Vec<_> = names.iter().filter_map(|name| texts.get(&format!("<{name}>"))).collect();
    let heading = option.get_help_heading().and_then(|heading| texts.get(&format!("# {heading}")));
    let option = text.into_iter().fold(option, |option, text| option.help(text).long_help(None::<&str>));
    let option = heading.into_iter().fold(option, Arg::help_heading);
    if names.is_empty() { option } else { option.value_names(names) }
}
