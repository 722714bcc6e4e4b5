//! What the pages for readers say of files is true, and the front page is short.

use super::finding::{Finding, assert_none, places};
use super::folder::{Folder, extension, root};
use super::packages::without_steps_up;

const FRONT_PAGE: &str = "README.md";
const MOST_LINES: usize = 170;
const MOST_COLUMNS: usize = 100;

#[test]
fn a_page_names_files_that_exist() {
    let folder = Folder::of_the_workspace();
    let pages = pages(&folder);
    assert!(pages.iter().any(|page| page.starts_with("crates/")), "the crates have pages");
    assert_none(missing_files(&folder, &pages, &|path| root().join(path).exists()));
}

#[test]
fn the_front_page_has_170_lines_of_100_columns_at_most() {
    let text = Folder::of_the_workspace().text(FRONT_PAGE).expect("the front page").to_owned();
    assert_none(beyond_the_size(&text));
}

/// The front page, the guide, the map, the pages of each crate, and its design notes.
fn pages(folder: &Folder) -> Vec<&str> {
    let all = [FRONT_PAGE, ".github", "crates"].into_iter().flat_map(|place| folder.below(place));
    all.map(|(path, _)| path).filter(|path| extension(path) == "md").collect()
}

/// Links to files that are not there, and names of sources that no file has.
fn missing_files(folder: &Folder, pages: &[&str], exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in pages {
        let home = page.rsplit_once('/').map_or("", |(home, _)| home);
        for (at, line) in folder.text(page).unwrap_or_default().lines().enumerate() {
            let target = |link: &str| without_steps_up(format!("{home}/{link}").trim_start_matches('/'));
            let dead = links(line).filter(|link| !exists(&target(link)));
            findings.extend(dead.map(|link| Finding::new(page, at + 1, format!("{link}: there is no such file"))));
            let unknown = sources(line).filter(|name| !is_a_source(folder, home, name));
            findings.extend(unknown.map(|name| Finding::new(page, at + 1, format!("no file is called {name}"))));
        }
    }
    findings
}

/// The targets of a line's links, but for other sites and places on the same page.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

/// The sources that a line names, but for those of any crate: `tests/NAME.rs`.
fn sources(line: &str) -> impl Iterator<Item = &str> {
    // Every second part of a line is in backticks.
    let names = line.split('`').skip(1).step_by(2);
    names.filter(|name| extension(name) == "rs" && !name.contains([' ', '*', '<']) && !name.contains("NAME"))
}

/// Whether a file ends with this path: one of the crate whose page it is, or any by its path from `crates/` or the root.
fn is_a_source(folder: &Folder, home: &str, name: &str) -> bool {
    let ends = format!("/{name}");
    let crate_of = |path: &str| path.splitn(3, '/').take(2).map(str::to_owned).collect::<Vec<_>>();
    let is_of_a_crate = home.starts_with("crates/");
    let is_here = |path: &str| !is_of_a_crate || crate_of(path) == crate_of(home);
    folder.has(name)
        || folder.has(&format!("crates/{name}"))
        || folder.rust_below("crates").any(|(path, _)| path.ends_with(&ends) && is_here(path))
}

fn beyond_the_size(text: &str) -> Vec<Finding> {
    let lines = text.lines().count();
    let advice = |lines| format!("{lines} lines, {MOST_LINES} at most: the rest belongs to the page of a crate");
    let mut findings: Vec<_> =
        (lines > MOST_LINES).then(|| Finding::new(FRONT_PAGE, lines, advice(lines))).into_iter().collect();
    let wide = text.lines().enumerate().filter(|(_, line)| columns(line) > MOST_COLUMNS);
    let advice = format!("more than {MOST_COLUMNS} columns");
    findings.extend(wide.map(|(at, _)| Finding::new(FRONT_PAGE, at + 1, advice.clone())));
    findings
}

/// A Chinese character, or a mark of Chinese punctuation, takes two.
fn columns(line: &str) -> usize {
    line.chars().map(|letter| if matches!(letter, '\u{2e80}'..='\u{ffef}') { 2 } else { 1 }).sum()
}

#[test]
fn a_page_that_names_no_file_is_found() {
    let page = "[a](src/lib.rs) [b](gone.md) [c](https://d.rs) [e](#f) [g](../../README.md#h)\n\
                `ring.rs`, `queue/ring.rs`, `line.rs`, `tests/x.rs`, `tests/NAME.rs`\n\
                `y/src/other.rs` and `other.rs`";
    let folder = Folder::of([
        ("README.md", ""),
        ("crates/x/README.md", page),
        ("crates/x/src/lib.rs", ""),
        ("crates/x/src/queue/README.md", "`lib.rs`, `ring.rs`, `y/src/other.rs`, `other.rs`"),
        ("crates/x/src/queue/ring.rs", ""),
        ("crates/y/src/other.rs", ""),
        ("tests/x.rs", ""),
    ]);
    assert_eq!(pages(&folder), ["README.md", "crates/x/README.md", "crates/x/src/queue/README.md"]);
    let of = |page| missing_files(&folder, &[page], &|path| folder.has(path));
    assert_eq!(places(&of("crates/x/src/queue/README.md")), ["crates/x/src/queue/README.md:1"]);
    let found = of("crates/x/README.md");
    assert_eq!(
        found.iter().map(|finding| finding.advice.as_str()).collect::<Vec<_>>(),
        ["gone.md: there is no such file", "no file is called line.rs", "no file is called other.rs",]
    );
    assert_eq!(places(&found), [1, 2, 3].map(|line| format!("crates/x/README.md:{line}")));
}

#[test]
fn a_front_page_that_is_too_large_is_found() {
    let (line, chinese) = ("x".repeat(MOST_COLUMNS), "笔".repeat(MOST_COLUMNS / 2));
    let text = format!("{line}\n{chinese}\n{line}x\n{chinese}记\n{}", "\n".repeat(MOST_LINES - 4));
    assert_eq!(places(&beyond_the_size(&text)), ["README.md:3", "README.md:4"]);
    assert_eq!(places(&beyond_the_size(&"\n".repeat(MOST_LINES + 1))), ["README.md:171"]);
}
