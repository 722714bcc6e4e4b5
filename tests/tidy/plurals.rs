//! Of one thing a sentence says "1 ticket": a table of words has a form for it.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::finding::{Finding, assert_none, places};
use super::folder::{Folder, extension};

/// Words that end like a plural and come behind a name or a number, but are verbs.
const VERBS: [&str; 13] = [
    "comes", "dies", "does", "finds", "gets", "holds", "keeps", "queries", "sleeps", "spins", "starts", "takes",
    "waits",
];

#[test]
fn a_number_before_what_it_counts_has_the_words_for_one() {
    assert_none(plurals_of_one(&Folder::of_the_workspace()));
}

/// The crates that have no table of words: what they say is written where they say it.
const WITHOUT_A_TABLE: [&str; 3] = ["killproof", "load", "crashcheck"];

#[test]
fn a_number_before_what_it_counts_has_the_words_for_one_where_there_is_no_table() {
    assert_none(plurals_without_a_twin(&Folder::of_the_workspace()));
}

/// Texts with a number before a plural that are not the second of a pair, of which the first says it of one.
fn plurals_without_a_twin(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owner in WITHOUT_A_TABLE {
        for (path, text) in
            folder.rust_below(&format!("crates/{owner}/src")).filter(|(path, _)| !path.ends_with("tests.rs"))
        {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let mut texts = Vec::new();
            alone(TokenStream::from_str(code).unwrap_or_default(), &mut texts);
            for (line, text) in texts {
                for (_, noun) in counted(&text).filter(|(name, _)| !is_constant(name)) {
                    findings.push(Finding::new(path, line, format!("\"{{}} {noun}\": say what it is of 1, too")));
                }
            }
        }
    }
    findings
}

/// A limit that never changes: there are many of it.
fn is_constant(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_uppercase())
}

/// The texts of code, but for comments and pairs of them in an array.
fn alone(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_comment_or_pair(&group) => {}
            TokenTree::Group(group) => alone(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok();
                found.extend(text.map(|text| (literal.span().start().line, text.value())));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// A comment is `#[doc = ".."]` by now.
fn is_comment_or_pair(group: &Group) -> bool {
    use TokenTree::{Ident, Literal, Punct};
    let tokens: Vec<_> = group.stream().into_iter().collect();
    group.delimiter() == Delimiter::Bracket
        && match &tokens[..] {
            [Ident(name), Punct(_), Literal(_)] => name == "doc",
            [Literal(_), Punct(_), Literal(_)] | [Literal(_), Punct(_), Literal(_), Punct(_)] => true,
            _ => false,
        }
}

/// The entries of tables of words whose English has a number before a plural, and no `one(NUMBER)`.
fn plurals_of_one(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in folder.below("crates").filter(|(path, _)| extension(path) == "rs") {
        let mut entries = Vec::new();
        collect(TokenStream::from_str(text).unwrap_or_default(), &mut entries);
        for Entry { line, english, forms } in entries {
            for (number, noun) in counted(&english).filter(|(number, _)| !forms.contains(number)) {
                let advice = format!("\"{{{number}}} {noun}\": say one({number}), what it is of 1");
                findings.push(Finding::new(path, line, advice));
            }
        }
    }
    findings
}

/// `{ en: "..", one(NAME): "..", zh: ".." }`
struct Entry {
    line: usize,
    english: String,
    /// The numbers that have a form for 1.
    forms: Vec<String>,
}

fn collect(tokens: TokenStream, entries: &mut Vec<Entry>) {
    for token in tokens {
        if let TokenTree::Group(group) = token {
            entries.extend(entry(&group));
            collect(group.stream(), entries);
        }
    }
}

fn entry(group: &Group) -> Option<Entry> {
    let tokens: Vec<_> = group.stream().into_iter().collect();
    let [TokenTree::Ident(lang), TokenTree::Punct(_), TokenTree::Literal(english), ..] = &tokens[..] else {
        return None;
    };
    let literal = syn::parse_str::<syn::LitStr>(&english.to_string()).ok().filter(|_| lang == "en")?;
    let forms = tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(one), TokenTree::Group(names)]
            if one == "one" && names.delimiter() == Delimiter::Parenthesis =>
        {
            Some(names.stream().into_iter().map(|name| name.to_string()))
        }
        _ => None,
    });
    Some(Entry { line: english.span().start().line, english: literal.value(), forms: forms.flatten().collect() })
}

/// The numbers that stand before a plural, and the plural. `3 of {all} tries` is one in any case.
fn counted(english: &str) -> impl Iterator<Item = (String, String)> {
    let pieces: Vec<_> = english.split('{').collect();
    let found: Vec<_> = pieces.windows(2).filter_map(|pair| number_and_plural(pair[0], pair[1])).collect();
    found.into_iter()
}

fn number_and_plural(before: &str, braced: &str) -> Option<(String, String)> {
    let (place, after) = braced.split_once('}')?;
    let (name, format) = place.split_once(':').unwrap_or((place, ""));
    let noun: String = after.strip_prefix(' ')?.chars().take_while(char::is_ascii_alphabetic).collect();
    let is_plural = noun.len() > 3 && noun.ends_with('s') && !VERBS.contains(&noun.as_str());
    // Of a limit that never changes there are many.
    let is_part = ["} of ", ": of ", ", of ", "at most "].iter().any(|of| before.ends_with(of));
    (is_plural && !is_part && !format.contains('.')).then(|| (name.to_owned(), noun))
}

#[test]
fn a_plural_of_one_is_found() {
    let words = r#"common::words! {
    fn a(left) { en: "{left} tickets left", zh: "余票:{left}" }
    fn b(left) { en: "{left:>4} tickets left", one(left): "{left} ticket left", zh: "余票:{left}" }
    fn c(held, all, times) { en: "{held} of {all} tries, {times:.1} times", zh: "" }
    fn d(rounds, threads) { en: "{rounds} rounds of {threads} threads", one(rounds, threads): "", one(rounds): "", zh: "" }
    fn e(rounds, threads) { en: "{rounds} rounds of {threads} threads", one(rounds): "", zh: "" }
    fn f(name) { en: "{name} takes its place and {name} is {left} left", zh: "" }
}"#;
    let folder = Folder::of([("crates/x/src/words.rs", words)]);
    assert_eq!(places(&plurals_of_one(&folder)), ["crates/x/src/words.rs:2", "crates/x/src/words.rs:6"]);
}

#[test]
fn a_plural_of_one_is_found_where_there_is_no_table() {
    let code = r#"
/// {n} words of a comment
fn a(n: u32) -> Phrase { Phrase::counted(n, ["{} value is left", "{} values are left"], [n.into()]) }
fn b(n: u32) -> Phrase { Phrase::new("{} values are left", [n.into()]) }
#[error("{n} values are left, {}", 1)] struct C;
fn d(n: u32) -> String { format!("{n} {}", plural(n, "value", "values")) }
#[cfg(test)] fn t() { panic!("{n} values") }"#;
    let folder = Folder::of([("crates/killproof/src/x.rs", code)]);
    let found = places(&plurals_without_a_twin(&folder));
    assert_eq!(found, ["crates/killproof/src/x.rs:4", "crates/killproof/src/x.rs:5"]);
}
