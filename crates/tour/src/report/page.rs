//! The page: its files below `report/`, and the data, in one.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::sections::SECTIONS;

/// The modules of the page, each under its name. `build/` lists them.
pub(super) static SCRIPTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scripts.rs"));

const PAGE: &str = include_str!("../../report/page.html");
const STYLE: &str = include_str!("../../report/style.css");

/// The whole page. It loads nothing: every script is a URL that contains the script.
pub(super) fn of(data: &Value) -> String {
    let imports = SCRIPTS.iter().map(|(name, code)| ((*name).to_owned(), json!(url(code))));
    let imports = json!({ "imports": imports.collect::<serde_json::Map<_, _>>() });
    let texts = SECTIONS.iter().map(|section| {
        let (name, text) = (section.name, section.page);
        format!("<template id=\"text-{name}\">\n{text}</template>\n")
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

/// JSON inside of HTML: no text in it may end the element around it.
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
    use common::lang::Lang;

    use super::*;

    #[test]
    fn the_page_has_a_place_for_each_of_its_parts_in_this_order() {
        let places = ["<!--style-->", "<!--modules-->", "<!--texts-->", "<!--data-->"].map(|place| PAGE.find(place));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    }

    #[test]
    fn a_text_cannot_end_the_script_around_it() {
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

    /// The languages of a page's parts: how many parts each has of this kind.
    fn parts(page: &str, kind: &str) -> Vec<usize> {
        let tags: Vec<_> = page.split('<').filter(|tag| tag.contains(kind)).collect();
        let marked = |lang: &Lang| format!("lang=\"{}\"", lang.code());
        let counts = Lang::ALL.iter().map(|lang| tags.iter().filter(|tag| tag.contains(&marked(lang))).count());
        counts.collect()
    }

    fn values(page: &str, attribute: &str) -> Vec<String> {
        let begins = format!("{attribute}=\"");
        page.split(&begins).skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
    }

    #[test]
    fn every_section_has_its_lesson_its_notes_and_each_of_its_scenes_in_every_language() {
        for section in SECTIONS {
            let name = section.name;
            for kind in ["class=\"lesson\"", "class=\"notes\""] {
                assert!(parts(section.page, kind).iter().all(|count| *count == 1), "{name}: {kind}");
            }
            for class in ["title", "legend-words", "data-scene"] {
                let counts = parts(section.page, class);
                assert!(counts.iter().all(|count| *count == counts[0]), "{name}: {class} {counts:?}");
            }
            let known: Vec<_> = section.scenes.iter().map(|code| code.scene.to_owned()).collect();
            assert!(values(section.page, "data-scene").iter().all(|scene| known.contains(scene)), "{name}: {known:?}");
            let known: Vec<_> = Lang::ALL.iter().map(|lang| lang.code().to_owned()).collect();
            assert!(values(section.page, "lang").iter().all(|lang| known.contains(lang)), "{name}: {known:?}");
        }
    }
}
