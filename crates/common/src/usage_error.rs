//! What is wrong with a command line, in one line: clap explains over several, and in English.

use std::error::Error as _;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use timeline::foreign;

use crate::refusal::Refusal;
use crate::words::Text;

crate::words! {
    fn perhaps(what, tip) {
        en: "{what}; perhaps '{tip}' is meant; see --help", zh: "{what};也许是想用 '{tip}';用法见 --help"
    }
    fn see_help(what) { en: "{what}; see --help", zh: "{what};用法见 --help" }
    fn with_values(what, values) { en: "{what} [possible values: {values}]", zh: "{what} [可选值:{values}]" }
    fn because(what, cause) { en: "{what}: {cause}", zh: "{what}:{cause}" }
    fn no_value(argument) {
        en: "a value is required for '{argument}' but none was given", zh: "'{argument}' 需要一个值,却没有给出"
    }
    fn invalid_value(value, argument) {
        en: "invalid value '{value}' for '{argument}'", zh: "'{argument}' 的值 '{value}' 无效"
    }
    fn unexpected_argument(argument) { en: "unexpected argument '{argument}'", zh: "没有 '{argument}' 这个参数" }
    fn unexpected_value(value, argument) {
        en: "unexpected value '{value}' for '{argument}': it takes no more", zh: "'{argument}' 多了一个值 '{value}':它不需要更多的值"
    }
    fn missing_argument(arguments) { en: "missing argument: {arguments}", zh: "缺少参数:{arguments}" }
    fn conflict(argument, other) {
        en: "the argument '{argument}' cannot be used with '{other}'", zh: "'{argument}' 不能和 '{other}' 一起使用"
    }
    fn only_once(argument) {
        en: "the argument '{argument}' cannot be used more than once", zh: "'{argument}' 只能给出一次"
    }
    fn unknown_command(command) { en: "unknown command '{command}'", zh: "没有 '{command}' 这个命令" }
    fn missing_command(commands) { en: "a command is missing; the commands are {commands}", zh: "缺少命令;命令有 {commands}" }
    fn not_valid() { en: "the options are not valid", zh: "选项无效" }
    fn not_unicode() { en: "an argument is no valid UTF-8", zh: "有参数不是有效的 UTF-8" }
    fn below(value, first) { en: "{value} is below {first}", zh: "{value} 小于 {first}" }
    fn above(value, last) { en: "{value} is above {last}", zh: "{value} 大于 {last}" }
    fn no_integer() { en: "it is no whole number", zh: "不是整数" }
    fn empty_integer() { en: "it is empty, and no whole number", zh: "空的,不是整数" }
    fn no_number() { en: "it is no number", zh: "不是数" }
}

/// The error in one line, with a pointer to the help.
pub(crate) fn one_line(error: &clap::Error) -> Text {
    match suggestion(error) {
        Some(tip) => perhaps(what(error), tip),
        None => see_help(what(error)),
    }
}

fn what(error: &clap::Error) -> Text {
    let get = |kind| error.get(kind).map(|value| foreign::value(&words(value)));
    let (argument, value) = (get(ContextKind::InvalidArg), get(ContextKind::InvalidValue));
    let known = error.get(ContextKind::ValidValue).map(words).filter(|values| !values.is_empty());
    let with_known = |text: Text| match &known {
        Some(values) => with_values(text, values),
        None => text,
    };
    match (error.kind(), argument, value) {
        (ErrorKind::InvalidValue, Some(argument), Some(value)) if value.is_empty() => with_known(no_value(argument)),
        (ErrorKind::InvalidValue, Some(argument), Some(value)) => with_known(invalid_value(value, argument)),
        (ErrorKind::ValueValidation, Some(argument), Some(value)) => {
            let what = invalid_value(value, argument);
            error.source().map_or_else(|| what.clone(), |source| because(&what, cause(source)))
        }
        (ErrorKind::UnknownArgument, Some(argument), _) => unexpected_argument(argument),
        (ErrorKind::TooManyValues, Some(argument), Some(value)) => unexpected_value(value, argument),
        (ErrorKind::MissingRequiredArgument, Some(arguments), _) => missing_argument(arguments),
        (ErrorKind::ArgumentConflict, Some(argument), _) => match get(ContextKind::PriorArg) {
            Some(other) if other != argument => conflict(argument, other),
            _ => only_once(argument),
        },
        (ErrorKind::InvalidSubcommand, ..) => unknown_command(get(ContextKind::InvalidSubcommand).unwrap_or_default()),
        (ErrorKind::MissingSubcommand, ..) => missing_command(get(ContextKind::ValidSubcommand).unwrap_or_default()),
        (ErrorKind::InvalidUtf8, ..) => not_unicode(),
        (kind, ..) => kind.as_str().map_or_else(not_valid, Text::from),
    }
}

/// Why a value is none of its option's: of the causes that the standard library and clap name, each language has
/// its words.
fn cause(source: &(dyn std::error::Error + 'static)) -> Text {
    if let Some(text) = source.downcast_ref::<Refusal>() {
        return text.0.clone();
    }
    if let Some(error) = source.downcast_ref::<ParseIntError>() {
        return if *error.kind() == IntErrorKind::Empty { empty_integer() } else { no_integer() };
    }
    if source.is::<ParseFloatError>() {
        return no_number();
    }
    // clap has the range of a number in this sentence alone.
    let told = source.to_string();
    match told.split_once(" is not in ").and_then(|(value, range)| Some((value, range.split_once("..")?))) {
        Some((value, (first, last))) if number(first) <= number(value) => above(value, last.trim_start_matches('=')),
        Some((value, (first, _))) => below(value, first),
        None => told.into(),
    }
}

fn number(text: &str) -> Option<i128> {
    text.parse().ok()
}

/// What the user may have meant.
fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand];
    kinds.into_iter().find_map(|kind| error.get(kind)).map(words)
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(values) => values.join(", "),
        other => other.to_string(),
    }
}
#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::one_line;
    use crate::lang::Lang;

    /// A program with an option of each kind.
    #[derive(Debug, Parser)]
    struct Options {
        #[arg(long, value_parser = ["red", "green"])]
        colour: Option<String>,
        #[arg(long, conflicts_with = "colour")]
        number: Option<u8>,
        #[arg(long, value_parser = clap::value_parser!(u64).range(4..))]
        most: Option<u64>,
        #[arg(long)]
        name: String,
    }

    #[test]
    fn every_kind_of_error_is_one_line_that_says_what_is_wrong() {
        let cases: [(&[&str], &str); 13] = [
            (&["--name", "a", "--number", "x"], "invalid value 'x' for '--number <NUMBER>': it is no whole number"),
            (
                &["--name", "a", "--colour", "blue"],
                "invalid value 'blue' for '--colour <COLOUR>' [possible values: red, green]",
            ),
            (&["--name", "a", "--number", "300"], "invalid value '300' for '--number <NUMBER>': 300 is above 255"),
            (&["--name", "a", "--most", "3"], "invalid value '3' for '--most <MOST>': 3 is below 4"),
            (&["--name", "a", "--nmber", "3"], "unexpected argument '--nmber'; perhaps '--number' is meant"),
            (&["--name", "a", "extra"], "unexpected argument 'extra'"),
            (&["--name"], "a value is required for '--name <NAME>' but none was given"),
            (&[], "missing argument: --name <NAME>"),
            (&["--name", "a", "--name", "b"], "the argument '--name <NAME>' cannot be used more than once"),
            (
                &["--name", "a", "--colour", "red", "--number", "3"],
                "the argument '--colour <COLOUR>' cannot be used with '--number <NUMBER>'",
            ),
            (
                &["--name", "a", "--colour", "\u{1b}[2J\nred\u{202e}"],
                r"invalid value '\u{1b}[2J\nred\u{202e}' for '--colour <COLOUR>' [possible values: red, green]",
            ),
            (&["--name", "a", "ex\r\ntra"], r"unexpected argument 'ex\r\ntra'"),
            (&["--name", "a", "--a\u{9b}b"], r"unexpected argument '--a\u{9b}b'"),
        ];
        for (arguments, expected) in cases {
            let arguments = [&["program"], arguments].concat();
            let error = Options::try_parse_from(arguments).expect_err("a wrong command line");
            assert_eq!(one_line(&error).in_lang(Lang::En), format!("{expected}; see --help"));
        }
    }

    #[test]
    fn a_value_of_any_length_is_one_line_with_its_beginning_its_end_and_what_is_wrong() {
        let long = format!("begin{}end", "\u{1b}".repeat(900_000));
        let error = Options::try_parse_from(["program", "--name", "a", "--colour", &long]).expect_err("no colour");
        let line = one_line(&error).in_lang(Lang::En);
        assert!(line.starts_with(r"invalid value 'begin\u{1b}") && line.len() < 500, "{line}");
        assert!(line.ends_with("end' for '--colour <COLOUR>' [possible values: red, green]; see --help"), "{line}");
    }
}
