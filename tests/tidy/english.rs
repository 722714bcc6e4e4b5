//! Comments name their subject: the consumer, the lock holder, the caller.

use std::ops::Range;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use super::finding::{Finding, assert_none, places};
use super::folder::{Folder, extension};

/// Subjects that make a reader ask "who?".
const VAGUE: [&str; 4] = ["whoever", "nobody", "somebody", "everybody"];

/// The number of comment lines that may have one: a few sentences are about anyone or no one.
const MOST: usize = 29;

#[test]
fn a_comment_names_its_subject() {
    let findings = vague(&Folder::of_the_workspace());
    if findings.len() > MOST {
        assert_none(findings);
    }
}

/// Every line of a comment, and of a text that is no program, with one of these words.
fn vague(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in folder.below("crates").chain(folder.below("tests")) {
        let prose = match extension(path) {
            "rs" => comments_of_rust(text),
            "js" | "css" => comments_of_script(text),
            "html" | "md" => std::iter::once(0..text.len()).collect(),
            _ => vec![],
        };
        for (line, word) in prose.into_iter().flat_map(|range| vague_lines(text, range)) {
            let advice = format!(
                "\"{word}\": say who it is, by a noun of the glossary: producer, consumer, lock holder, waiter, caller, parent, worker"
            );
            findings.push(Finding::new(path, line, advice));
        }
    }
    findings.sort();
    findings.dedup_by(|one, other| (&one.path, one.line) == (&other.path, other.line));
    findings
}

fn vague_lines(text: &str, range: Range<usize>) -> Vec<(usize, &'static str)> {
    let first = text[..range.start].matches('\n').count() + 1;
    let is_vague = |line: &str, word: &str| {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        line.to_lowercase().split(|letter| !is_word(letter)).any(|part| part == word)
    };
    let lines = text[range].split('\n').enumerate();
    lines.filter_map(|(at, line)| Some((first + at, *VAGUE.iter().find(|word| is_vague(line, word))?))).collect()
}

/// The text between two tokens is blank or a comment. The token of a doc comment has the text of that comment.
fn comments_of_rust(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    collect(TokenStream::from_str(text).unwrap_or_default(), &mut tokens);
    let is_doc = |range: &Range<usize>| text[range.clone()].starts_with("//") || text[range.clone()].starts_with("/*");
    let mut comments: Vec<_> = tokens.iter().filter(|range| is_doc(range)).cloned().collect();
    let mut end = 0;
    for token in &tokens {
        comments.extend((token.start > end).then_some(end..token.start));
        end = end.max(token.end);
    }
    comments.push(end..text.len());
    comments
}

fn collect(tokens: TokenStream, ranges: &mut Vec<Range<usize>>) {
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            ranges.push(group.span_open().byte_range());
            collect(group.stream(), ranges);
            ranges.push(group.span_close().byte_range());
        } else {
            ranges.push(token.span().byte_range());
        }
    }
}

/// From `//` or `/*` to its end. After a `//` within a string the line counts as a comment, which is stricter.
fn comments_of_script(text: &str) -> Vec<Range<usize>> {
    let mut comments = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("//").into_iter().chain(text[from..].find("/*")).min() {
        let start = from + start;
        let mark = if text[start..].starts_with("//") { "\n" } else { "*/" };
        let end = text[start..].find(mark).map_or(text.len(), |length| start + length);
        comments.push(start..end);
        from = end.max(start + 2);
    }
    comments
}

#[test]
fn a_vague_subject_is_found() {
    let rust = "//! Whoever reads.\nfn f() {} // nobody\n/* one\n everybody */\nconst S: &str = \"nobody // nobody\";\nfn nobody() {}\n/// `somebody_else`, Somebody.\nstruct X;\n// end: whoever, nobody";
    let lines = |path: &str, text: &str| -> Vec<usize> {
        vague(&Folder::of([(path, text)])).iter().map(|finding| finding.line).collect()
    };
    assert_eq!(lines("crates/x/src/lib.rs", rust), [1, 2, 4, 7, 9]);
    assert_eq!(lines("tests/x.rs", "#[test]\nfn whoever_it_is() {}\n/// Anybody.\nfn f() {}"), [0; 0]);
    assert_eq!(lines("crates/x/a.js", "let nobody = 1; // nobody\n/* a\n * somebody */ nobody()\n"), [1, 3]);
    assert_eq!(lines("crates/x/README.md", "one\nEverybody's\n"), [2]);
    assert_eq!(places(&vague(&Folder::of([("crates/x/a.html", "<p>nobody</p>")]))), ["crates/x/a.html:1"]);
}
