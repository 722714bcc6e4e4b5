//! Unsafe code is written in one fenced place, and every other crate forbids it.

use std::str::FromStr;

use proc_macro2::{LexError, TokenStream, TokenTree};

use super::finding::{Finding, assert_none, places};
use super::folder::Folder;

/// The files and folders that may have unsafe code.
const FENCED: [&str; 4] = [
    "crates/killproof/src/sys.rs",
    "crates/killproof/src/sys",
    "crates/crashcheck/src/sys.rs",
    "crates/killproof-postgres/src/sys.rs",
];

#[test]
fn unsafe_code_is_written_in_sys_alone() {
    assert_none(outside_of_sys(&Folder::of_the_workspace()));
}

#[test]
fn every_crate_without_a_sys_forbids_unsafe_code() {
    assert_none(not_forbidden(&Folder::of_the_workspace()));
}

/// Reads tokens: the compiler's lint looks at no macro's definition, and a search of the text finds comments, too.
fn outside_of_sys(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    let files = folder.rust_below("crates").chain(folder.rust_below("tests"));
    for (path, text) in files.filter(|(path, _)| !is_fenced(path)) {
        match lines_with(text, "unsafe") {
            Ok(lines) => findings.extend(lines.into_iter().map(|line| {
                let advice = "unsafe code outside of sys: give killproof's sys a safe function for it, and call that";
                Finding::new(path, line, advice)
            })),
            Err(error) => findings.push(Finding::new(path, error.span().start().line, error.to_string())),
        }
    }
    findings
}

fn is_fenced(path: &str) -> bool {
    FENCED.iter().any(|place| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn not_forbidden(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for root in folder.roots() {
        let (home, _) = root.rsplit_once('/').unwrap_or_default();
        let has_sys = FENCED.iter().any(|place| place.rsplit_once('/').is_some_and(|(of, _)| of == home));
        if !has_sys && !forbids(folder.text(&root).unwrap_or_default()) {
            findings.push(Finding::new(&root, 1, "add #![forbid(unsafe_code)] below the crate's documentation"));
        }
        if has_sys {
            let open = folder.rust_below(home).filter(|(path, _)| !is_fenced(path));
            let exceptions = open.flat_map(|(path, text)| {
                lines_with(text, "unsafe_code").unwrap_or_default().into_iter().map(move |line| (path, line))
            });
            // The first one is at `mod sys`.
            findings.extend(exceptions.skip(1).map(|(path, line)| {
                Finding::new(path, line, "a second exception to the lint unsafe_code: sys alone may have one")
            }));
        }
    }
    findings
}

/// Whether the attributes of a whole file forbid unsafe code.
fn forbids(text: &str) -> bool {
    let attributes = syn::parse_file(text).map(|file| file.attrs).unwrap_or_default();
    let mut forbidden = attributes.iter().filter(|attribute| attribute.path().is_ident("forbid"));
    forbidden.any(|attribute| attribute.parse_args::<syn::Ident>().is_ok_and(|lint| lint == "unsafe_code"))
}

/// The lines of a file on which the code has this word.
fn lines_with(text: &str, word: &str) -> Result<Vec<usize>, LexError> {
    let mut lines = Vec::new();
    collect(TokenStream::from_str(text)?, word, &mut lines);
    Ok(lines)
}

fn collect(tokens: TokenStream, word: &str, lines: &mut Vec<usize>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) if name == word => lines.push(name.span().start().line),
            TokenTree::Group(group) => collect(group.stream(), word, lines),
            _ => {}
        }
    }
}

/// The lines outside of sys on which made-up files have unsafe code.
fn unsafe_places(files: &[(&str, &str)]) -> Vec<String> {
    places(&outside_of_sys(&Folder::of(files.iter().copied())))
}

#[test]
fn unsafe_code_outside_of_sys_is_found() {
    let text = "// unsafe\nfn f() {\n    unsafe { g() }\n}\nunsafe impl Send for X {}\nconst T: &str = \"unsafe\";";
    assert_eq!(
        unsafe_places(&[("crates/killproof/src/queue.rs", text)]),
        ["crates/killproof/src/queue.rs:3", "crates/killproof/src/queue.rs:5"]
    );
    let text = "macro_rules! m {\n    () => { unsafe { f() } };\n}";
    assert_eq!(unsafe_places(&[("tests/spawn.rs", text)]), ["tests/spawn.rs:2"]);
    assert_eq!(unsafe_places(&[("crates/x/src/sys.rs", "unsafe fn f() {}")]), ["crates/x/src/sys.rs:1"]);
    let fenced = [("crates/killproof/src/sys/fork.rs", text), ("crates/killproof/src/sys.rs", text)];
    assert_eq!(unsafe_places(&fenced), [""; 0]);
    assert_eq!(unsafe_places(&[("crates/killproof/src/system.rs", text)]), ["crates/killproof/src/system.rs:2"]);
}

#[test]
fn a_crate_that_does_not_forbid_unsafe_code_is_found() {
    let places_of =
        |text: &str| places(&not_forbidden(&Folder::of([("crates/x/Cargo.toml", ""), ("crates/x/src/main.rs", text)])));
    assert_eq!(places_of("//! X.\n\n#![forbid(unsafe_code)]\nfn main() {}"), [""; 0]);
    for text in
        ["fn main() {}", "#![deny(unsafe_code)]", "#[forbid(unsafe_code)]\nfn main() {}", "// #![forbid(unsafe_code)]"]
    {
        assert_eq!(places_of(text), ["crates/x/src/main.rs:1"]);
    }
}

#[test]
fn a_second_exception_for_unsafe_code_is_found() {
    let toolkit = |queue| {
        let root = ("crates/killproof/src/lib.rs", "#[expect(unsafe_code, reason = \"\")]\nmod sys; mod queue;");
        let sys = ("crates/killproof/src/sys.rs", "#[expect(unsafe_code)]\nfn f() {}");
        let files = [("crates/killproof/Cargo.toml", ""), root, sys, ("crates/killproof/src/queue.rs", queue)];
        places(&not_forbidden(&Folder::of(files)))
    };
    assert_eq!(toolkit("fn f() {}"), [""; 0]);
    assert_eq!(toolkit("#![allow(unsafe_code)]"), ["crates/killproof/src/queue.rs:1"]);
}
