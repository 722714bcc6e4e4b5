//! What a section's page says of the notes is a quotation or their code, word for word, with its chapter.
//!
//! The notes are no part of the repository. `quotations.txt` has what was found in them, and no page quotes anything
//! else. Where the notes lie beside the repository, that file is held against them.

use std::collections::BTreeSet;
use std::fs;

use support::roxmltree::{Document, Node};

use super::finding::{Finding, assert_none, places};
use super::folder::{Folder, root};

const FOUND: &str = "tests/tidy/quotations.txt";
/// From the workspace's root.
const NOTES: &str = "../shared/notes/concurrency-notes.txt";

/// A chapter of the notes, and words of it.
type Quotation = (usize, String);

#[test]
fn the_pages_quote_what_the_notes_say() {
    let folder = Folder::of_the_workspace();
    let found = folder.text(FOUND).unwrap_or_default();
    let mut findings = Vec::new();
    for section in support::sections() {
        let path = format!("crates/{}/report.html", section.name);
        let chapters: Vec<_> = section.chapters().split(", ").filter_map(|chapter| chapter.parse().ok()).collect();
        findings.extend(of_page(&path, folder.text(&path).unwrap_or_default(), &chapters, found));
    }
    let pages: String =
        folder.below("crates").filter(|(path, _)| path.ends_with("/report.html")).map(|(_, page)| page).collect();
    findings.extend(unused(found, &pages));
    assert_none(findings);
}

#[test]
fn the_quotations_are_in_the_notes() {
    let Ok(notes) = fs::read_to_string(root().join(NOTES)) else { return };
    assert_none(made_up(Folder::of_the_workspace().text(FOUND).unwrap_or_default(), &notes));
}

/// What is wrong with a page of these chapters.
fn of_page(path: &str, page: &str, chapters: &[usize], found: &str) -> Vec<Finding> {
    let page = format!("<page>{page}</page>");
    let document = match Document::parse(&page) {
        Ok(document) => document,
        Err(error) => return vec![Finding::new(path, 1, format!("it is no XML: {error}"))],
    };
    let known: BTreeSet<_> = quotations(found).collect();
    let mut findings = Vec::new();
    let is_notes = |node: &Node<'_, '_>| node.attribute("class") == Some("notes");
    let items = document.descendants().filter(|node| node.has_tag_name("li"));
    // The line breaks before a part, and the first line.
    let lines = page.match_indices("<li").map(|(at, _)| page[..at].matches('\n').count() + 1);
    for (item, line) in items.zip(lines).filter(|(item, _)| item.ancestors().any(|above| is_notes(&above))) {
        let mut find = |what: String| findings.push(Finding::new(path, line, what));
        let quoted: Vec<_> = quoted_in(item).collect();
        if quoted.is_empty() {
            find("it says neither what the notes say, nor what their code does: quote it, with its chapter".to_owned());
        }
        for quotation in quoted.iter().filter(|quotation| !known.contains(*quotation)) {
            find(format!("{quotation:?} was not found in the notes: quote them word for word, and add it to {FOUND}"));
        }
        for (chapter, _) in quoted.iter().filter(|(chapter, _)| !chapters.contains(chapter)) {
            find(format!("chapter {chapter} is none of this section's"));
        }
        if own_words(item).contains(['“', '”', '"']) {
            find("words in quotation marks that are no quotation: <q data-chapter=..>, or a translation".to_owned());
        }
    }
    let blocks = document.descendants().filter(is_notes);
    let by_language: Vec<Vec<Quotation>> = blocks.map(|notes| quoted_in(notes).collect()).collect();
    if by_language.windows(2).any(|pair| pair[0] != pair[1]) {
        findings.push(Finding::new(path, 1, "its languages quote different words of the notes".to_owned()));
    }
    findings
}

/// The quotations below a node, as they stand there.
fn quoted_in<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Quotation> + 'a {
    node.descendants().filter_map(quoted_in_itself)
}

fn quoted_in_itself(node: Node<'_, '_>) -> Option<Quotation> {
    let chapter = node.attribute("data-chapter")?.parse().unwrap_or_default();
    Some((chapter, node.text().unwrap_or_default().to_owned()))
}

/// What stands in a node outside of quotations and translations.
fn own_words(node: Node<'_, '_>) -> String {
    let is_foreign =
        |node: &Node<'_, '_>| node.has_attribute("data-chapter") || node.attribute("class") == Some("translation");
    let texts = node.descendants().filter(|node| node.is_text() && !node.ancestors().any(|above| is_foreign(&above)));
    texts.filter_map(|text| text.text()).collect()
}

/// The lines of the list: a chapter, a tab, the words.
fn quotations(found: &str) -> impl Iterator<Item = Quotation> {
    let quotation = |line: &str| {
        let (chapter, words) = line.split_once('\t')?;
        Some((chapter.parse().ok()?, words.to_owned()))
    };
    found.lines().filter_map(quotation)
}

/// What the list has, and no page quotes.
fn unused(found: &str, pages: &str) -> Vec<Finding> {
    let is_quoted = |chapter: usize, words: &str| pages.contains(&format!("data-chapter=\"{chapter}\">{words}</"));
    let lines = (1..).zip(found.lines());
    let unused = lines.filter(|(_, line)| !quotations(line).any(|(chapter, words)| is_quoted(chapter, &words)));
    unused.map(|(line, text)| Finding::new(FOUND, line, format!("no page quotes {text:?}"))).collect()
}

/// What the list has, and its chapter of the notes has not.
fn made_up(found: &str, notes: &str) -> Vec<Finding> {
    let chapters = chapters(notes);
    let is_there = |(chapter, words): Quotation| chapters.get(chapter).is_some_and(|text| text.contains(&words));
    let lines = (1..).zip(found.lines()).filter(|(_, line)| !quotations(line).any(is_there));
    lines.map(|(line, text)| Finding::new(FOUND, line, format!("{text:?} is not in the notes"))).collect()
}

/// The chapters by their numbers; before the first stands the title. A chapter begins with its number and a name.
fn chapters(notes: &str) -> Vec<String> {
    let mut chapters = vec![String::new()];
    for line in notes.lines() {
        let rest = line.strip_prefix(&chapters.len().to_string()).and_then(|rest| rest.strip_prefix(['.', ' ']));
        if rest.is_some_and(|name| name.trim_start().starts_with(|letter: char| !letter.is_ascii_digit())) {
            chapters.push(String::new());
        }
        chapters.last_mut().into_iter().for_each(|chapter| chapter.extend([line, "\n"]));
    }
    chapters
}

#[test]
fn invented_quotations_are_found() {
    let found = "1\tp.start()\n1\tone word";
    let page = |en: &str, zh: &str| {
        let block =
            |lang: &str, items: &str| format!("<div class=\"notes\" lang=\"{lang}\"><ul>\n{items}</ul></div>\n");
        of_page("a", &(block("en", en) + &block("zh", zh)), &[1], found)
    };
    let lines = |findings: &[Finding]| -> Vec<usize> { findings.iter().map(|finding| finding.line).collect() };
    let right =
        "<li>Their <code data-chapter=\"1\">p.start()</code> <span class=\"translation\">(“it starts”)</span></li>\n";
    assert!(page(right, right).is_empty());
    assert_eq!(lines(&page("<li>“It starts.”</li>\n", "")), [2, 2]);
    assert_eq!(
        lines(&page(
            "<li><q data-chapter=\"1\">two words</q></li>\n",
            "<li><q data-chapter=\"1\">two words</q></li>\n"
        )),
        [2, 5]
    );
    assert_eq!(
        lines(&page("<li><q data-chapter=\"2\">one word</q></li>\n", "<li><q data-chapter=\"2\">one word</q></li>\n")),
        [2, 2, 5, 5]
    );
    assert_eq!(lines(&page(right, "<li><q data-chapter=\"1\">one word</q></li>\n")), [1]);
    assert_eq!(places(&unused(found, right)), [format!("{FOUND}:2")]);
}

#[test]
fn words_of_another_chapter_are_found() {
    let notes = "notes\n1.one\np.start()\n2.5\n0.3\n2 two\nsays one word\n";
    assert_eq!(chapters(notes), ["notes\n", "1.one\np.start()\n2.5\n0.3\n", "2 two\nsays one word\n"]);
    let found = "1\tp.start()\n1\tone word\n2\tone word\n3\tone\n1\t2.5\nno tab";
    assert_eq!(places(&made_up(found, notes)), [2, 4, 6].map(|line| format!("{FOUND}:{line}")));
}
