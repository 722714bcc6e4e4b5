//! An error is said in the user's language: what the toolkit says has its Chinese in one table of `common`, and what
//! a section says is an entry of its table of words.

use std::collections::BTreeSet;
use std::str::FromStr;

use proc_macro2::{Literal, TokenStream, TokenTree};

use super::finding::{Finding, assert_none, places};
use super::folder::Folder;

/// The crates that know no language: their errors have English words as data.
const WITHOUT_A_LANGUAGE: [&str; 3] = ["killproof", "journal", "load"];

/// The Chinese of those words, and of every operation.
const TABLE: &str = "crates/common/src/error/toolkit.rs";

#[test]
fn every_error_can_be_said_in_chinese() {
    assert_none(unspoken(&Folder::of_the_workspace()));
}

/// A token that matters here, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
}

fn unspoken(folder: &Folder) -> Vec<Finding> {
    let table: BTreeSet<String> = texts(folder.text(TABLE).unwrap_or_default()).collect();
    let mut findings = Vec::new();
    for (path, text) in
        folder.rust_below("crates").filter(|(path, _)| path.contains("/src/") && !path.ends_with("/tests.rs"))
    {
        let owner = path.split('/').nth(1).unwrap_or_default();
        let tokens = tokens(text);
        let mut find = |line: usize, what: String| findings.push(Finding::new(path, line, what));
        if WITHOUT_A_LANGUAGE.contains(&owner) {
            for (line, words) in phrases(&tokens).filter(|(_, words)| !table.contains(words)) {
                find(line, format!("{words:?} is not in {TABLE}"));
            }
        } else if owner != "crashcheck" {
            for (line, verb) in operations(&tokens).filter(|(_, verb)| !table.contains(verb)) {
                find(line, format!("the operation {verb:?} is not in {TABLE}"));
            }
            for (line, words) in plain(&tokens) {
                find(line, format!("{words:?} is English in every language: an entry of the table of words is not"));
            }
        }
    }
    findings
}

/// The words of the toolkit's errors.
fn phrases(tokens: &[(Token, usize)]) -> impl Iterator<Item = (usize, String)> {
    let has_phrases = tokens.iter().any(|(token, _)| *token == Token::Word("Phrase".to_owned()));
    let mut found: Vec<(usize, String)> = operations(tokens).collect();
    for at in 0..tokens.len() {
        let (Token::Text(text), line) = &tokens[at] else { continue };
        let is = |offset: isize, word: &str| {
            let place = at.checked_add_signed(offset).and_then(|place| tokens.get(place));
            place.is_some_and(|(token, _)| *token == Token::Word(word.to_owned()))
        };
        let is_object = is(-4, "refused") && is(-1, ",") || is(-2, "what") && is(-1, ":");
        let is_phrase = is(-2, "new") && is(-5, "Phrase") || is(-2, "from") && is(-5, "Phrase");
        // `"it is closed".into()`, and in a macro's table `Empty = "the queue is empty"`.
        let is_made = has_phrases && (is(1, ".") && is(2, "into") || is(-1, "=") && is(-3, ","));
        if is_object || is_phrase || is_made || has_phrases && is_of_a_pair(tokens, at) {
            found.push((*line, text.clone()));
        }
    }
    found.into_iter()
}

/// Whether a text is one of two in an array: what a phrase that counts says of one, and of another number.
fn is_of_a_pair(tokens: &[(Token, usize)], at: usize) -> bool {
    let is_pair = |from: usize| {
        let pair: Vec<_> = tokens[from..].iter().take(5).map(|(token, _)| token).collect();
        let is = |place: usize, word: &str| {
            pair.get(place).is_some_and(|token| matches!(token, Token::Word(is) if is == word))
        };
        let is_text = |place: usize| matches!(pair.get(place), Some(Token::Text(_)));
        let ends = is(4, "]")
            || is(4, ",") && tokens.get(from + 5).is_some_and(|(token, _)| *token == Token::Word("]".to_owned()));
        is(0, "[") && is_text(1) && is(2, ",") && is_text(3) && ends
    };
    [1, 3].iter().filter_map(|ahead| at.checked_sub(*ahead)).any(is_pair)
}

/// The verbs of errors.
fn operations(tokens: &[(Token, usize)]) -> impl Iterator<Item = (usize, String)> {
    let makes = ["refused", "input", "unusable"];
    tokens.windows(3).filter_map(move |window| {
        let [(Token::Word(name), _), (Token::Word(punctuation), _), (Token::Text(verb), line)] = window else {
            return None;
        };
        let is_made = punctuation == "(" && makes.contains(&name.as_str());
        (is_made && !verb.starts_with('/') || punctuation == ":" && name == "operation").then(|| (*line, verb.clone()))
    })
}

/// Words that are written where an error or a notice is made. A path is no word.
fn plain(tokens: &[(Token, usize)]) -> impl Iterator<Item = (usize, String)> {
    let is =
        |place: usize, word: &str| tokens.get(place).is_some_and(|(token, _)| *token == Token::Word(word.to_owned()));
    (0..tokens.len()).filter_map(move |at| {
        let of_error = is(at, "Error") && is(at + 1, ":") && is(at + 2, ":");
        let called = |name: &str| is(at + 3, name) && is(at + 4, "(");
        let object = match () {
            () if of_error && (called("Usage") || called("timed_out")) => at + 5,
            () if of_error && (called("refused") || called("input") || called("unusable")) => at + 7,
            () if is(at, "notice") && is(at + 1, "(") => at + (2..8).find(|ahead| is(at + ahead, ","))? + 1,
            () => return None,
        };
        let made = if is(object, "format") || is(object, "format_args") { object + 3 } else { object };
        match tokens.get(made) {
            Some((Token::Text(words), line)) if !words.starts_with('/') => Some((*line, words.clone())),
            _ => None,
        }
    })
}

/// The code of a file before its tests, without comments and attributes.
fn tokens(text: &str) -> Vec<(Token, usize)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    flatten(TokenStream::from_str(code).unwrap_or_default(), &mut found);
    found
}

fn flatten(stream: TokenStream, found: &mut Vec<(Token, usize)>) {
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_mark = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if is_mark && matches!(tokens.peek(), Some(TokenTree::Group(_))) {
            tokens.next();
            continue;
        }
        let line = token.span().start().line;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    _ => ("(", ")"),
                };
                found.push((Token::Word(open.to_owned()), line));
                flatten(group.stream(), found);
                found.push((Token::Word(close.to_owned()), line));
            }
            TokenTree::Literal(literal) => found.extend(text_of(&literal).map(|text| (Token::Text(text), line))),
            other => found.push((Token::Word(other.to_string()), line)),
        }
    }
}

fn text_of(literal: &Literal) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

fn texts(text: &str) -> impl Iterator<Item = String> {
    let texts = tokens(text).into_iter().filter_map(|(token, _)| match token {
        Token::Text(text) => Some(text),
        Token::Word(_) => None,
    });
    texts.collect::<Vec<_>>().into_iter()
}

#[test]
fn an_error_without_chinese_words_is_found() {
    let table = r#"const T: &[(&str, &str)] = &[("read", "读取"), ("a queue of {} messages", "..")];"#;
    let toolkit = r#"
        use crate::error::{Error, Phrase};
        fn f() { Error::refused("read", Phrase::new("a queue of {} messages", []), e);
            Error::refused("eat", "a pipe", e);
            Phrase::counted(2, ["{} cup", "a queue of {} messages"], []); let words = ["{} plate", "{} plates",];
            Error::Unusable { operation: "drink", cause: "it is closed".into() } }
        #[cfg(test)] mod tests { fn t() { let x: Phrase = "a test".into(); } }"#;
    let section = r#"
        fn f() { Error::refused("read", "/proc", e); Error::refused("read", words::a_pipe(), e);
            Error::input("chew", path.display(), e);
            Error::Usage(format!("no {x}")); notice(NAME, "wrong");
            Error::refused("read", "a pipe", e) }"#;
    let folder =
        Folder::of([(TABLE, table), ("crates/killproof/src/x.rs", toolkit), ("crates/spawn/src/lib.rs", section)]);
    let mut found = places(&unspoken(&folder));
    found.sort();
    let toolkit = [4, 4, 5, 5, 5, 6, 6].map(|line| format!("crates/killproof/src/x.rs:{line}"));
    let section = [3, 4, 4, 5].map(|line| format!("crates/spawn/src/lib.rs:{line}"));
    assert_eq!(found, [&toolkit[..], &section].concat());
}
