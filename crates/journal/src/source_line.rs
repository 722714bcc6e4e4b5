//! Which line of a section's code made an event.
use killproof::observe::Location;

/// Crates whose own lines are no part of a lesson: what they do by themselves has no source line.
const LIBRARIES: [&str; 5] = ["killproof", "journal", "timeline", "common", "load"];

/// A line of a section's code as an event has it; `None` if no section's code is there.
#[must_use]
pub fn at(location: Location) -> Option<String> {
    of(location).map(|(path, number)| format!("{path}:{number}"))
}

/// A line of a section's code as the workspace names it: `crates/race/src/lib.rs:123`.
///
/// `None` for what the libraries do by themselves, and for code from elsewhere: a reader of the
/// workspace finds nothing there.
pub(crate) fn of(at: Location) -> Option<(&'static str, u32)> {
    Some((in_workspace(at.file())?, at.line()))
}

/// A path from `crates/` on: what stands before it is the machine on which the program was built.
fn in_workspace(path: &str) -> Option<&str> {
    let path = if path.starts_with("crates/") { path } else { &path[path.rfind("/crates/")? + 1..] };
    let mut parts = path.split('/').skip(1);
    let (name, folder) = (parts.next()?, parts.next()?);
    (!LIBRARIES.contains(&name) && folder == "src").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_from_the_root_of_the_workspace_and_only_if_it_is_a_sections() {
        let cases = [
            ("crates/race/src/lib.rs", Some("crates/race/src/lib.rs")),
            ("/home/a/crates/x/crates/race/src/deep/er.rs", Some("crates/race/src/deep/er.rs")),
            ("crates/killproof/src/sync/event.rs", None),
            ("crates/killproof/../../tests/killproof/file_lock.rs", None),
            ("/home/a/.cargo/registry/src/some-1.0/src/lib.rs", None),
            ("src/main.rs", None),
        ];
        for (path, named) in cases {
            assert_eq!(in_workspace(path), named, "{path}");
        }
    }
}
