//! Pieces of HTML.

use std::fmt::Display;

use common::lang::Lang;

use crate::report::say;

/// Text inside of an element or of an attribute.
pub(super) fn text(text: impl Display) -> String {
    let text = text.to_string();
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if common::foreign::is_control(letter) && !matches!(letter, '\n' | '\t') => safe.push('?'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A whole page. What is in `body` is HTML.
pub(super) fn page(lang: Lang, title: &str, body: &str) -> String {
    let style = include_str!("../../export/style.css");
    let title = text(title);
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        lang.code()
    )
}

/// A table; its cells are HTML. Each cell says what it is, for a screen that has no room for the columns.
pub(super) fn table(heads: &[String], rows: &[Vec<String>]) -> String {
    let head = heads.iter().map(|head| format!("<th>{head}</th>")).collect::<Vec<_>>().concat();
    let row = |cells: &Vec<String>| {
        let cells = heads.iter().zip(cells).map(|(head, cell)| format!("<td data-head=\"{head}\">{cell}</td>"));
        format!("<tr>{}</tr>\n", cells.collect::<Vec<_>>().concat())
    };
    let body = rows.iter().map(row).collect::<Vec<_>>().concat();
    format!("<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n")
}

/// The elements of a section's page that have this attribute, in this language. Each begins a line, and none of them
/// contains another one of its kind.
pub(super) fn pieces(page: &str, attribute: &str, lang: Lang) -> String {
    let lang = format!("lang=\"{}\"", lang.code());
    let lines: Vec<_> = page.lines().collect();
    let begins = |line: &str| {
        let tag = line.split('>').next().unwrap_or_default();
        tag.starts_with("<div ") && tag.contains(attribute) && tag.contains(&lang)
    };
    let mut found = String::new();
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| begins(line)) {
        for line in &lines[at..] {
            found.push_str(line);
            found.push('\n');
            if line.ends_with("</div>") {
                break;
            }
        }
    }
    found
}

/// The notes' claims, each with the word for what it is: right, wrong.
pub(super) fn tagged(notes: &str, lang: Lang) -> String {
    let begins = "<li class=\"";
    let tag = |(place, part): (usize, &str)| {
        if place == 0 {
            return part.to_owned();
        }
        let (class, rest) = part.split_once("\">").unwrap_or(("", part));
        let word = text(say(lang, &format!("tag.{class}"), &[]));
        format!("<li><b class=\"tag {class}\">{word}</b> {rest}")
    };
    notes.split(begins).enumerate().map(tag).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::SECTIONS;

    #[test]
    fn text_cannot_become_an_element_or_end_an_attribute() {
        assert_eq!(text("<b> & \"c\"\u{1b}"), "&lt;b&gt; &amp; &quot;c&quot;?");
    }

    #[test]
    fn every_cell_says_what_it_is() {
        let shown = table(&["claim".to_owned(), "seen".to_owned()], &[vec!["a".to_owned(), "b".to_owned()]]);
        assert!(shown.contains("<tr><td data-head=\"claim\">a</td><td data-head=\"seen\">b</td></tr>"), "{shown}");
    }

    #[test]
    fn every_section_gives_its_pieces_and_each_is_closed() {
        for section in SECTIONS {
            for lang in Lang::ALL {
                let [lesson, notes] =
                    ["class=\"lesson\"", "class=\"notes\""].map(|what| pieces(section.page, what, *lang));
                for piece in [&lesson, &notes] {
                    let (open, closed) = (piece.matches("<div").count(), piece.matches("</div>").count());
                    assert!(open == 1 && closed == 1, "{}, {lang:?}: {piece}", section.name);
                }
                assert_eq!(tagged(&notes, *lang).matches("class=\"tag ").count(), notes.matches("<li class=").count());
            }
        }
    }
}
