//! What is wrong with a command line, in one line: clap explains over several.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use timeline::foreign;

/// The error in one line, with a pointer to the help.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let tip = suggestion(error).map(|tip| format!("; perhaps '{tip}' is meant")).unwrap_or_default();
    format!("{}{tip}; see --help", what(error))
}

fn what(error: &clap::Error) -> String {
    let get = |kind| error.get(kind).map(|value| foreign::value(&words(value)));
    let (argument, value) = (get(ContextKind::InvalidArg), get(ContextKind::InvalidValue));
    let known = error.get(ContextKind::ValidValue).map(words).filter(|values| !values.is_empty());
    let known = known.map(|values| format!(" [possible values: {values}]")).unwrap_or_default();
    match (error.kind(), argument, value) {
        (ErrorKind::InvalidValue, Some(argument), Some(value)) if value.is_empty() => {
            format!("a value is required for '{argument}' but none was given{known}")
        }
        (ErrorKind::InvalidValue, Some(argument), Some(value)) => {
            format!("invalid value '{value}' for '{argument}'{known}")
        }
        (ErrorKind::ValueValidation, Some(argument), Some(value)) => {
            let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            format!("invalid value '{value}' for '{argument}'{cause}")
        }
        (ErrorKind::UnknownArgument, Some(argument), _) => format!("unexpected argument '{argument}'"),
        (ErrorKind::TooManyValues, Some(argument), Some(value)) => {
            format!("unexpected value '{value}' for '{argument}': it takes no more")
        }
        (ErrorKind::MissingRequiredArgument, Some(arguments), _) => format!("missing argument: {arguments}"),
        (ErrorKind::ArgumentConflict, Some(argument), _) => match get(ContextKind::PriorArg) {
            Some(other) if other != argument => format!("the argument '{argument}' cannot be used with '{other}'"),
            _ => format!("the argument '{argument}' cannot be used more than once"),
        },
        (ErrorKind::InvalidSubcommand, ..) => {
            format!("unknown command '{}'", get(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        (ErrorKind::MissingSubcommand, ..) => {
            format!("a command is missing; the commands are {}", get(ContextKind::ValidSubcommand).unwrap_or_default())
        }
        (kind, ..) => kind.as_str().unwrap_or("the options are not valid").to_owned(),
    }
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

    /// A program with an option of each kind.
    #[derive(Debug, Parser)]
    struct Options {
        #[arg(long, value_parser = ["red", "green"])]
        colour: Option<String>,
        #[arg(long, conflicts_with = "colour")]
        number: Option<u8>,
        #[arg(long)]
        name: String,
    }

    #[test]
    fn every_kind_of_error_is_one_line_that_says_what_is_wrong() {
        let cases: [(&[&str], &str); 11] = [
            (
                &["--name", "a", "--colour", "blue"],
                "invalid value 'blue' for '--colour <COLOUR>' [possible values: red, green]",
            ),
            (&["--name", "a", "--number", "300"], "invalid value '300' for '--number <NUMBER>': 300 is not in 0..=255"),
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
            assert_eq!(one_line(&error), format!("{expected}; see --help"));
        }
    }

    #[test]
    fn a_value_of_any_length_is_one_line_with_its_beginning_its_end_and_what_is_wrong() {
        let long = format!("begin{}end", "\u{1b}".repeat(900_000));
        let error = Options::try_parse_from(["program", "--name", "a", "--colour", &long]).expect_err("no colour");
        let line = one_line(&error);
        assert!(line.starts_with(r"invalid value 'begin\u{1b}") && line.len() < 500, "{line}");
        assert!(line.ends_with("end' for '--colour <COLOUR>' [possible values: red, green]; see --help"), "{line}");
    }
}
