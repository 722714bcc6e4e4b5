//! What is wrong with a command line, in one line: clap explains over several.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error in one line, with a pointer to the help.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let tip = suggestion(error).map(|tip| format!("; perhaps '{tip}' is meant")).unwrap_or_default();
    format!("{}{tip}; see --help", what(error))
}

fn what(error: &clap::Error) -> String {
    let get = |kind| error.get(kind).map(words);
    let (argument, value) = (get(ContextKind::InvalidArg), get(ContextKind::InvalidValue));
    let known = get(ContextKind::ValidValue).filter(|values| !values.is_empty());
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
        let cases: [(&[&str], &str); 8] = [
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
        ];
        for (arguments, expected) in cases {
            let arguments = [&["program"], arguments].concat();
            let error = Options::try_parse_from(arguments).expect_err("a wrong command line");
            assert_eq!(one_line(&error), format!("{expected}; see --help"));
        }
    }
}
