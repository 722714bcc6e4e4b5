//! The page of Markdown that a run prints.

use support::Program;
use support::open_folder;

use super::{cells, object, only, small};

#[test]
fn the_table_names_the_machine_and_what_was_wanted_and_whether_it_was_reached() {
    let run = only(small(), &["crossbeam"]).run();
    let table = run.expect_code(0).stdout();
    run.expect_text(&[
        " build by rustc 1.",
        "\n- Linux ",
        " core",
        "\n- tickets on ",
        "at least 0.5 ×",
        "\n- **Queue, u64, 1/1 against crossbeam-channel**: crossbeam's two ends are threads",
    ]);
    let row = cells(&table, 1);
    assert_eq!((row[1], row[3]), ("Queue, u64, 1/1", "crossbeam-channel"));
    for (column, unit) in [(2, "/s"), (4, "/s"), (5, " ×")] {
        assert!(row[column].ends_with(unit) && row[column].contains(" – "), "{row:?}");
    }
    assert!(["yes", "NO"].contains(&row[7]), "{row:?}");
}

#[test]
fn a_row_that_is_unknown_is_named_in_chinese_and_the_page_is_english_as_its_help_says() {
    let run = only(small(), &["7"]).args(["--lang", "zh"]).run();
    assert_eq!(run.expect_code(2).stderr().trim_end(), "bench: 没有一行的名称含有 '7';各行见 --list");
    let help = small().args(["--lang", "zh", "--help"]).run().expect_code(0).stdout();
    assert!(help.contains("以英语写成"), "{help}");
}

#[test]
fn a_debug_build_is_labelled() {
    let text = only(small(), &["pipes"]).run();
    let json = only(small().arg("--json"), &["pipes"]).run();
    let is_debug = text.expect_code(0).stdout().starts_with("# What it costs\n\n**DEBUG BUILD: no figure");
    assert_eq!(is_debug, cfg!(debug_assertions), "{}", text.stdout());
    let build = &object(&json.expect_code(0).stdout())["machine"]["build"];
    assert_eq!(build, if is_debug { "debug" } else { "release" });
}

#[test]
fn the_page_is_markdown_and_the_only_thing_on_standard_output() {
    let names = ["std's", "tcp events, 1 connection against tokio", "tcp pool, 1 connection against tokio"];
    let run = only(small(), &names).run();
    let page = run.expect_code(0).stdout();
    assert_eq!(run.stderr(), "");
    assert!(page.starts_with("# What it costs\n\n") && page.ends_with('\n'), "{page}");
    let blocks: Vec<Vec<&str>> = page.trim_end().split("\n\n").map(|block| block.lines().collect()).collect();
    let tables: Vec<_> = blocks.iter().filter(|block| block[0].starts_with('|')).collect();
    assert_eq!(tables.iter().map(|table| table.len() - 2).collect::<Vec<_>>(), [3, 2], "{page}");
    for table in tables {
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(table.iter().all(|line| columns(line) == columns(table[0])), "{page}");
        assert!(table[1].chars().all(|letter| "|- ".contains(letter)), "{page}");
    }
    let notes = blocks.last().expect("notes");
    assert_eq!(blocks[blocks.len() - 2], ["## Notes"]);
    assert!(notes.iter().all(|line| line.starts_with("- **")), "{page}");
    assert_eq!(notes.len(), 2, "one of them is about both rows of tcp: {page}");
    // A `<` alone would begin an HTML tag, and the reader would not see what follows.
    assert_eq!(page.matches('<').count(), page.matches("\\<").count(), "{page}");
}

#[test]
fn a_bar_shows_the_way_on_a_terminal_and_is_gone_at_the_end() {
    let folder = open_folder();
    let page = folder.path().join("page");
    let bench = support::assert_cmd::cargo::cargo_bin!().display();
    let command = format!("stty cols 120; exec '{bench}' --rounds 1 --work 0.01 --only waitid > '{}'", page.display());
    let terminal = Program::new("script").args(["-qefc", &command, "/dev/null"]).env("TERM", "xterm");
    let run = terminal.env("SHELL", "/bin/sh").run();
    let shown = run.expect_code(0).stdout();
    assert!(shown.contains("0/2 Process, start and join against fork"), "{shown:?}");
    // The last that the terminal gets is that the line of the bar is cleared.
    assert!(shown.trim_end().ends_with("\r\u{1b}[2K"), "{shown:?}");
    assert!(std::fs::read_to_string(page).is_ok_and(|page| page.starts_with("# What it costs\n")));
}
