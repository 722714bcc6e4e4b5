//! Comments name their subject: the consumer, the lock holder, the caller.

use std::ops::Range;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use super::finding::{Finding, assert_none, places};
use super::folder::{Folder, extension};

/// What makes a reader of a comment ask "who?", "who says so?" or "how many?".
const VAGUE: [&str; 11] = [
    "whoever",
    "nobody",
    "somebody",
    "everybody",
    "so many",
    "is told",
    "are told",
    "be told",
    "was told",
    "were told",
    "being told",
];

#[test]
fn a_comment_names_its_subject() {
    assert_none(vague(&Folder::of_the_workspace()));
}

/// What no sentence that a user reads has: each made a first reader ask "who?" or "how many?".
const UNCLEAR: [&str; 8] = ["whoever", "nobody", "somebody", "everybody", "anew", "so many", "is told", "are told"];

#[test]
fn what_a_user_reads_is_clear() {
    assert_none(unclear(&Folder::of_the_workspace()));
}

/// The lines of pages and of tables of words, in English, with one of these words.
fn unclear(folder: &Folder) -> Vec<Finding> {
    let is_read = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        matches!(name, "README.md" | "report.html" | "words.rs" | "en.json" | "justfile")
    };
    let pages = ["crates", "README.md", "justfile"].into_iter().flat_map(|place| folder.below(place));
    let lines = pages
        .filter(|(path, _)| is_read(path))
        .flat_map(|(path, text)| (1..).zip(text.lines()).map(move |(line, sentence)| (path, line, sentence)));
    let mut findings = Vec::new();
    for (path, line, sentence) in lines {
        for (_, unclear) in phrases(sentence, &UNCLEAR) {
            findings.push(Finding::new(path, line, format!("\"{unclear}\": say who, or how many")));
        }
    }
    findings
}

/// Where a text has one of these phrases: its line, from 0. A phrase may go on in the next line. A name in backticks is
/// no word of a sentence.
fn phrases<'p>(text: &str, all: &[&'p str]) -> Vec<(usize, &'p str)> {
    let lower = text.to_lowercase();
    if !all.iter().filter_map(|phrase| phrase.split(' ').next_back()).any(|word| lower.contains(word)) {
        return vec![];
    }
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let lines = lower.split('\n').map(|line| line.split('`').step_by(2).collect::<Vec<_>>().join(" "));
    let words: Vec<(usize, String)> = lines
        .enumerate()
        .flat_map(|(at, line)| {
            let words = line.split(|letter| !is_word(letter)).filter(|word| !word.is_empty());
            words.map(|word| (at, word.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let begins = |at: usize, phrase: &str| {
        let mut rest = words[at..].iter().map(|(_, word)| word.as_str());
        phrase.split(' ').all(|word| rest.next() == Some(word))
    };
    let all_at = |at: usize| all.iter().filter(move |phrase| begins(at, phrase));
    (0..words.len())
        .flat_map(|at| all_at(at).map(move |phrase| (at, *phrase)))
        .map(|(at, phrase)| (words[at].0, phrase))
        .collect()
}

#[test]
fn an_unclear_sentence_is_found() {
    let folder = Folder::of([
        ("crates/x/README.md", "It is a lock.\nNobody is told.\n`nobody_waits` is a test.\n"),
        ("crates/x/src/words.rs", "fn a() { en: \"of 100 threads so many are done\" }\n// a name: so_many_more\n"),
        ("crates/x/src/lib.rs", "// nobody"),
        ("README.md", "made anew"),
    ]);
    let found = ["README.md:1", "crates/x/README.md:2", "crates/x/README.md:2", "crates/x/src/words.rs:1"];
    let mut places = places(&unclear(&folder));
    places.sort();
    assert_eq!(places, found);
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
        for (line, phrase) in prose.into_iter().flat_map(|range| vague_lines(text, range)) {
            let advice = format!(
                "\"{phrase}\": say who it is, by a noun of the glossary (producer, consumer, lock holder, waiter, caller, parent, worker), or how many"
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
    phrases(&text[range], &VAGUE).into_iter().map(|(line, phrase)| (first + line, phrase)).collect()
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
    comments.sort_by_key(|range| range.start);
    // The lines of a doc comment are tokens, and its sentences go on from line to line.
    comments.chunk_by(|one, next| one.end == next.start).map(|part| part[0].start..part[part.len() - 1].end).collect()
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
    let rust = "//! Whoever reads.\nfn f() {} // nobody\n/* one\n everybody */\nconst S: &str = \"nobody // nobody\";\nfn nobody() {}\n/// `somebody_else`, Somebody.\nstruct X;\n/// A waiter was\n/// told.\nstruct Y;\n// A waiter is\n// told. `nobody`, and it is\nstatic told: u8;\n// end: whoever, nobody";
    let lines = |path: &str, text: &str| -> Vec<usize> {
        vague(&Folder::of([(path, text)])).iter().map(|finding| finding.line).collect()
    };
    assert_eq!(lines("crates/x/src/lib.rs", rust), [1, 2, 4, 7, 9, 12, 15]);
    assert_eq!(lines("tests/x.rs", "#[test]\nfn whoever_it_is() {}\n/// Anybody.\nfn f() {}"), [0; 0]);
    assert_eq!(lines("tests/x.rs", "/// For so\n/// many readers.\nfn so_many() {}"), [1]);
    assert_eq!(lines("crates/x/a.js", "let nobody = 1; // nobody\n/* a\n * somebody */ nobody()\n"), [1, 3]);
    assert_eq!(lines("crates/x/README.md", "one\nEverybody's\n"), [2]);
    assert_eq!(places(&vague(&Folder::of([("crates/x/a.html", "<p>nobody</p>")]))), ["crates/x/a.html:1"]);
}
