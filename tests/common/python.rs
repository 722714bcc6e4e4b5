//! `common::python`: a script, its arguments, its lines and its end.

use common::process::Exit;
use common::python::{Lines, Script, is_missing};

use super::PATIENCE;

/// What a script writes, and how it ends. `None` if there is no `python3` to run it.
fn run(script: Script<'_>) -> Option<(Vec<String>, Exit)> {
    let (process, mut output) = script.process().expect("a pipe");
    let mut python = process.daemon().start().expect("a process");
    let lines = std::iter::from_fn(|| next(&mut output)).collect();
    let exit = python.join_timeout(PATIENCE).expect("a child").expect("an end");
    if is_missing(exit) {
        eprintln!("skipped: no python3");
        return None;
    }
    Some((lines, exit))
}

fn next(lines: &mut Lines) -> Option<String> {
    lines.next_line(Some(PATIENCE)).expect("a pipe")
}

pub(crate) fn a_script_has_its_arguments_and_no_input() {
    let text = "import sys\nprint(sys.argv[1:])\nprint(repr(sys.stdin.read()))";
    let Some((lines, exit)) = run(Script::new(text).args(["two words"]).args(["7"])) else { return };
    assert_eq!((lines, exit), (vec!["['two words', '7']".to_owned(), "''".to_owned()], Exit::Code(0)));
}

pub(crate) fn a_script_that_fails_ends_with_its_code_and_what_it_wrote() {
    let Some((lines, exit)) = run(Script::new("print('begun')\nraise ValueError")) else { return };
    assert_eq!((lines, exit), (vec!["begun".to_owned()], Exit::Code(1)));
}

pub(crate) fn a_script_imports_the_standard_library_alone() {
    let text = "import sys\nprint(sys.flags.isolated, sys.flags.no_site)";
    let Some((lines, exit)) = run(Script::new(text)) else { return };
    assert_eq!((lines, exit), (vec!["1 1".to_owned()], Exit::Code(0)));
}
