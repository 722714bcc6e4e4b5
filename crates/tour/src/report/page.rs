//! The page: its files below `report/`, and the data, in one.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::files::{SCRIPTS, TEXTS};

const PAGE: &str = include_str!("../../report/page.html");
const STYLE: &str = include_str!("../../report/style.css");

/// The whole page. It asks nobody for anything: every script is a URL that contains it.
pub(super) fn of(data: &Value) -> String {
    let imports = SCRIPTS.iter().map(|(name, code)| (format!("report/{name}"), json!(url(code))));
    let imports = json!({ "imports": imports.collect::<serde_json::Map<_, _>>() });
    let texts = TEXTS.iter().map(|(name, text)| {
        let section = name.trim_end_matches(".html");
        format!("<template id=\"text-{section}\">\n{text}</template>\n")
    });
    let parts = [
        ("<!--style-->", format!("<style>\n{STYLE}</style>")),
        ("<!--modules-->", in_script("importmap", &imports)),
        ("<!--texts-->", texts.collect()),
        ("<!--data-->", in_script("application/json", data)),
    ];
    let (mut page, mut rest) = (String::new(), PAGE);
    for (place, part) in parts {
        let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(&part);
        rest = after;
    }
    page + rest
}

/// JSON inside of HTML: no text in it may end the element that it stands in.
fn in_script(kind: &str, data: &Value) -> String {
    let data = data.to_string().replace('<', "\\u003c");
    let id = if kind == "application/json" { " id=\"data\"" } else { "" };
    format!("<script type=\"{kind}\"{id}>{data}</script>")
}

/// A script as a URL.
fn url(code: &str) -> String {
    let mut url = "data:text/javascript;charset=utf-8,".to_owned();
    for byte in code.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~!*'();:@&=+$,/?[]{}|^".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}"); // to a string: cannot fail
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_each_of_its_parts_in_this_order() {
        let places = ["<!--style-->", "<!--modules-->", "<!--texts-->", "<!--data-->"].map(|place| PAGE.find(place));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    }

    #[test]
    fn what_somebody_said_cannot_end_the_script_that_it_stands_in() {
        let page = of(&json!({ "said": "</script><script>alert(1)</script><!--" }));
        assert!(!page.contains("alert(1)</script"), "{page}");
        let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
        assert_eq!(
            serde_json::from_str::<Value>(data).expect("JSON")["said"],
            "</script><script>alert(1)</script><!--"
        );
    }

    #[test]
    fn the_page_names_no_other_place_to_load_anything_from() {
        let page = of(&json!({}));
        for word in ["http:", "https:", "src=", "@import", "url("] {
            let found: Vec<_> = page.match_indices(word).map(|(at, _)| &page[at..page.len().min(at + 60)]).collect();
            assert!(found.iter().all(|found| found.starts_with("http://www.w3.org/")), "{word}: {found:?}");
        }
    }

    #[test]
    fn every_section_has_its_text_in_both_languages() {
        for section in &crate::sections::SECTIONS {
            let name = format!("{}.html", section.name);
            let (_, text) = TEXTS.iter().find(|(found, _)| *found == name).unwrap_or_else(|| panic!("{name}"));
            let count = |what: &str| text.matches(what).count();
            assert!(count("lang=\"en\"") > 0 && count("lang=\"en\"") == count("lang=\"zh\""), "{name}");
        }
    }
}
