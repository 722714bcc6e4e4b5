//! Which line of a section's code made an event.

use std::panic::Location;

/// Where a function was called, as `#[track_caller]` hands it on: a constant, until somebody records.
pub(crate) type At = &'static Location<'static>;

/// A line of a section's code as the workspace names it: `crates/race/src/lib.rs:123`.
///
/// `None` for what `common` does by itself, and for code from elsewhere: no reader of the workspace
/// finds anything there.
pub(super) fn of(at: At) -> Option<(&'static str, u32)> {
    Some((in_workspace(at.file())?, at.line()))
}

/// A path from `crates/` on: what stands before it is the machine on which the program was built.
fn in_workspace(path: &str) -> Option<&str> {
    let path = if path.starts_with("crates/") { path } else { &path[path.rfind("/crates/")? + 1..] };
    let mut parts = path.split('/').skip(1);
    let (name, folder) = (parts.next()?, parts.next()?);
    (name != "common" && folder == "src").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_from_the_root_of_the_workspace_and_only_if_it_is_a_sections() {
        let cases = [
            ("crates/race/src/lib.rs", Some("crates/race/src/lib.rs")),
            ("/home/a/crates/x/crates/race/src/deep/er.rs", Some("crates/race/src/deep/er.rs")),
            ("crates/common/src/gate.rs", None),
            ("crates/common/../../tests/common/lock.rs", None),
            ("/home/a/.cargo/registry/src/some-1.0/src/lib.rs", None),
            ("src/main.rs", None),
        ];
        for (path, named) in cases {
            assert_eq!(in_workspace(path), named, "{path}");
        }
    }
}
