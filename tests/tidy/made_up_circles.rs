//! The check for circles, held against small made-up crates.

use super::circles::circles;
use super::finding::places;
use super::folder::Folder;

/// The places in a crate `x` that are part of a circle, as `module.rs:line`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let paths: Vec<_> = files.iter().map(|(path, _)| format!("crates/x/src/{path}")).collect();
    let sources = paths.iter().map(String::as_str).zip(files.iter().map(|(_, text)| *text));
    let folder = Folder::of(sources.chain([("crates/x/Cargo.toml", "")]));
    let strip = |place: String| place.trim_start_matches("crates/x/src/").to_owned();
    places(&circles(&folder)).into_iter().map(strip).collect()
}

const ROOT: (&str, &str) = ("lib.rs", "mod a; mod b; mod c; pub use a::A;");
const C: (&str, &str) = ("c.rs", "pub struct C;");

#[test]
fn imports_to_one_side_are_no_circle() {
    assert_eq!(
        found(&[ROOT, C, ("a.rs", "use crate::b::B;\npub struct A;"), ("b.rs", "use crate::c::C;\npub struct B;")]),
        [""; 0]
    );
}

#[test]
fn two_modules_that_import_each_other_are_found() {
    let a = ("a.rs", "//! A.\n\nuse crate::b::B;\npub struct A;");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "use super::a::A;\npub struct B;")]), ["a.rs:3", "b.rs:1"]);
}

#[test]
fn a_circle_of_three_modules_is_found() {
    let a = ("a.rs", "use crate::b::B;\npub struct A;");
    let b = ("b.rs", "use crate::c::C;\npub struct B;");
    assert_eq!(found(&[ROOT, a, b, ("c.rs", "use crate::a::A;\npub struct C;")]), ["a.rs:1", "b.rs:1", "c.rs:1"]);
}

#[test]
fn groups_globs_and_other_names_are_imports() {
    let a = ("a.rs", "use crate::{\n    b::{self as other, B as Bee},\n    c::*,\n};\npub struct A;");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "use crate::a::*;\npub struct B;")]), ["a.rs:2", "a.rs:2", "b.rs:1"]);
    let c = ("c.rs", "use crate::{a::A as Ay};\npub struct C;");
    assert_eq!(found(&[ROOT, a, ("b.rs", "pub struct B;"), c]), ["a.rs:3", "c.rs:1"]);
}

#[test]
fn a_path_within_the_code_is_an_import() {
    let a = ("a.rs", "pub struct A;\nfn f() -> crate::b::B {\n    crate::b::make()\n}");
    let b = ("b.rs", "pub struct B;\npub fn make() -> B {\n    self::super::a::f(); B\n}");
    assert_eq!(found(&[ROOT, C, a, b]), ["a.rs:2", "a.rs:3", "b.rs:3"]);
    let b =
        ("b.rs", "pub struct B;\nimpl<T: crate::a::Trait> B {}\nfn g(x: u8) { match x { crate::a::K => {} _ => {} } }");
    assert_eq!(found(&[ROOT, C, a, b]), ["a.rs:2", "a.rs:3", "b.rs:2", "b.rs:3"]);
}

#[test]
fn a_path_that_begins_with_an_imported_module_is_an_import() {
    let a = ("a.rs", "pub struct A;\nuse crate::b;\nfn f() { b::g() }");
    assert_eq!(
        found(&[ROOT, C, a, ("b.rs", "use crate::a as other;\npub fn g() { other::f() }")]),
        ["a.rs:2", "b.rs:1"]
    );
}

#[test]
fn a_crate_that_calls_itself_by_its_own_name_hides_no_import() {
    let root = ("lib.rs", "extern crate self as me; mod a; mod b;");
    let a = ("a.rs", "use me::b::B;\npub struct A;");
    assert_eq!(found(&[root, a, ("b.rs", "use crate::a::A;\npub struct B;")]), ["a.rs:1", "b.rs:1"]);
}

#[test]
fn a_re_export_of_the_root_hides_no_import() {
    let a = ("a.rs", "use crate::b::B;\npub struct A;");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "use crate::A;\npub struct B;")]), ["a.rs:1", "b.rs:1"]);
    let root = ("lib.rs", "mod a; mod b; mod c; pub use a::*;");
    assert_eq!(found(&[root, C, a, ("b.rs", "use super::A;\npub struct B;")]), ["a.rs:1", "b.rs:1"]);
}

#[test]
fn a_re_export_of_another_module_is_an_import_of_that_module() {
    let a = ("a.rs", "pub use crate::c::C;\npub struct A;");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "use crate::a::C;\npub struct B;")]), [""; 0]);
    let c = ("c.rs", "use crate::b::B;\npub struct C;");
    assert_eq!(found(&[ROOT, c, a, ("b.rs", "use crate::a::C;\npub struct B;")]), ["a.rs:1", "b.rs:1", "c.rs:1"]);
}

#[test]
fn the_arguments_of_a_macro_are_read() {
    let a = ("a.rs", "pub struct A;\nfn f() {\n    assert!(!crate::b::is_so(), \"{}\", 1);\n}");
    let b = ("b.rs", "pub fn is_so() -> bool {\n    vec![1, crate::a::N].len() != 1\n}");
    assert_eq!(found(&[ROOT, C, a, b]), ["a.rs:3", "b.rs:2"]);
    let b = ("b.rs", "some_items! {\n    use crate::{c::C, a::A};\n}");
    assert_eq!(found(&[ROOT, C, a, b]), ["a.rs:3", "b.rs:2"]);
}

#[test]
fn the_body_and_the_use_of_a_macro_are_imports() {
    let a = ("a.rs", "macro_rules! of_b {\n    () => { $crate::b::f() };\n}\npub(crate) use of_b;");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "fn f() {}\nfn g() { crate::a::of_b!() }")]), ["a.rs:2", "b.rs:2"]);
    let a = ("a.rs", "#[macro_export]\nmacro_rules! of_b {\n    () => { $crate::b::f() };\n}");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "fn f() {}\nfn g() { of_b!() }")]), ["a.rs:3", "b.rs:2"]);
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "fn f() {}\nfn g() { crate::of_b!() }")]), ["a.rs:3", "b.rs:2"]);
    let b = ("b.rs", "fn f() {}\nfn write() { write!(x, \"\").ok(); }");
    assert_eq!(found(&[ROOT, C, ("a.rs", "use crate::b::f;\nfn write() {}"), b]), [""; 0]);
}

#[test]
fn an_exported_macro_may_name_its_own_module_by_a_public_re_export() {
    let a = "#[macro_export]\nmacro_rules! of_a {\n    () => { $crate::b::A };\n}\npub struct A;";
    let b = ("b.rs", "pub use crate::a::A;\npub struct B;");
    assert_eq!(found(&[ROOT, C, ("a.rs", a), b]), [""; 0]);
    assert_eq!(found(&[ROOT, C, ("a.rs", &a.replace("::A", "::B")), b]), ["a.rs:3", "b.rs:1"]);
    assert_eq!(found(&[ROOT, C, ("a.rs", &a.replace("#[macro_export]", "")), b]), ["a.rs:3", "b.rs:1"]);
}

#[test]
fn code_for_tests_is_left_out() {
    let a = ("a.rs", "use crate::b::B;\npub struct A;");
    let b = "pub struct B;\n#[cfg(test)]\nmod tests { use crate::a::A; }\n#[cfg(all(unix, test))]\nuse crate::a::A;";
    assert_eq!(found(&[ROOT, C, a, ("b.rs", b)]), [""; 0]);
    let b = "pub struct B;\n#[cfg(any(unix, test))]\nuse crate::a::A;";
    assert_eq!(found(&[ROOT, C, a, ("b.rs", b)]), ["a.rs:1", "b.rs:3"]);
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "#[cfg(test)]\nmod tests;"), ("b/tests.rs", "use crate::a::A;")]), [""; 0]);
}

#[test]
fn a_module_and_the_one_above_it_may_use_each_other() {
    let root = ("lib.rs", "mod a; use a::below::X; const N: u8 = 1;");
    let a = ("a.rs", "mod below;\npub use below::X;\npub struct Y;");
    let below = ("a/below.rs", "use super::Y;\nuse crate::N;\npub struct X;");
    assert_eq!(found(&[root, a, below]), [""; 0]);
}

#[test]
fn modules_below_one_module_are_held_against_each_other() {
    let files = [("lib.rs", "mod a;"), ("a.rs", "mod one; mod two; pub use one::One;")];
    let one = ("a/one.rs", "use super::two::Two;\npub struct One;");
    assert_eq!(
        found(&[files.as_slice(), &[one, ("a/two.rs", "use super::One;\npub struct Two;")]].concat()),
        ["a/one.rs:1", "a/two.rs:1"]
    );
    assert_eq!(found(&[files.as_slice(), &[one, ("a/two.rs", "pub struct Two;")]].concat()), [""; 0]);
}

#[test]
fn a_module_counts_with_all_that_is_below_it() {
    let root = ("lib.rs", "mod a; mod b;");
    let a = [("a.rs", "mod one; mod two;"), ("a/one.rs", "use crate::b::B;"), ("a/two.rs", "pub struct Two;")];
    let b = ("b.rs", "use crate::a::two::Two;\npub struct B;");
    assert_eq!(found(&[&[root], a.as_slice(), &[b]].concat()), ["a/one.rs:1", "b.rs:1"]);
}

#[test]
fn a_module_within_a_file_counts_as_that_file() {
    let a = ("a.rs", "pub mod inner {\n    use super::super::b::B;\n    pub struct A;\n}");
    assert_eq!(found(&[ROOT, C, a, ("b.rs", "use crate::a::inner::A;\npub struct B;")]), ["a.rs:2", "b.rs:1"]);
}

#[test]
fn a_module_whose_file_is_missing_is_found() {
    assert_eq!(found(&[ROOT, C, ("a.rs", "")]), ["lib.rs:1"]);
}
