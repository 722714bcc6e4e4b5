//! The picture itself, at every width and in every look; and what it must never do.

use unicode_width::UnicodeWidthChar;

use super::*;
use crate::lanes::synthetic::{Script, everything};

const PLAIN: Look = Look { columns: 80, colour: false, ascii: false };

/// Every snapshot with how it is made. A picture that changes shows the new one in the failure.
const SNAPSHOTS: [(&str, Look, &str); 10] = [
    ("en", Look { columns: 40, ..PLAIN }, include_str!("snapshots/en-40.txt")),
    ("en", Look { columns: 80, ..PLAIN }, include_str!("snapshots/en-80.txt")),
    ("en", Look { columns: 120, ..PLAIN }, include_str!("snapshots/en-120.txt")),
    ("zh", Look { columns: 40, ..PLAIN }, include_str!("snapshots/zh-40.txt")),
    ("zh", Look { columns: 80, ..PLAIN }, include_str!("snapshots/zh-80.txt")),
    ("zh", Look { columns: 120, ..PLAIN }, include_str!("snapshots/zh-120.txt")),
    ("en", Look { columns: 80, colour: true, ascii: false }, include_str!("snapshots/en-80-colour.txt")),
    ("zh", Look { columns: 40, colour: true, ascii: false }, include_str!("snapshots/zh-40-colour.txt")),
    ("en", Look { columns: 40, colour: false, ascii: true }, include_str!("snapshots/en-40-dumb.txt")),
    ("zh", Look { columns: 80, colour: false, ascii: true }, include_str!("snapshots/zh-80-dumb.txt")),
];

fn picture(run: &Run, look: Look) -> String {
    draw(run, look).join("\n") + "\n"
}

/// Without the escape sequences.
fn bare(line: &str) -> String {
    let mut bare = String::new();
    let mut in_escape = false;
    for letter in line.chars() {
        match letter {
            '\u{1b}' => in_escape = true,
            'm' if in_escape => in_escape = false,
            _ if in_escape => {}
            _ => bare.push(letter),
        }
    }
    bare
}

#[test]
fn a_fixed_run_is_drawn_like_this() {
    for (lang, look, expected) in SNAPSHOTS {
        let drawn = picture(&everything(lang), look);
        assert!(drawn == expected, "{lang}, {look:?}: this was drawn\n{drawn}\ninstead of\n{expected}");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (lang, look, _) in SNAPSHOTS {
        // A crowd, too, in a record that was full and has lines that are none.
        let mut run = everything(lang);
        let lanes = &mut run.scenes[0].lanes;
        lanes.extend(std::iter::repeat_n(lanes[1].clone(), 2 * MOST_LANES));
        (run.skipped, run.full_at) = (3, Some(1_234_567));
        for columns in LEAST_COLUMNS..=130 {
            for line in draw(&run, Look { columns, ..look }) {
                let width = bare(&line).width();
                assert!(width <= columns, "{width} of {columns} columns: {line}");
            }
        }
    }
}

#[test]
fn colours_say_nothing_that_glyphs_do_not() {
    for lang in ["en", "zh"] {
        let coloured = draw(&everything(lang), Look { colour: true, ..PLAIN });
        let bare: Vec<_> = coloured.iter().map(|line| bare(line)).collect();
        assert_eq!(bare, draw(&everything(lang), PLAIN));
        assert!(coloured.iter().any(|line| line.contains('\u{1b}')));
    }
}

#[test]
fn lanes_begin_in_one_column_whatever_the_width_of_the_names() {
    // All actors are there from the beginning, so each row has its first sign in the same column.
    let run =
        Script::new("zh").born(0, 9, "用户1").born(0, 10, "Ann").born(0, 11, "中华小当家").say(100, 1, "x").read();
    let lines = draw(&run, PLAIN);
    let columns: Vec<_> = lines[1..5].iter().map(|line| line.split('├').next().expect("a name").width()).collect();
    assert_eq!(columns, [11, 11, 11, 11]);
}

#[test]
fn every_glyph_is_one_column_wide_and_stands_for_one_thing() {
    for ascii in [false, true] {
        let mut letters: Vec<_> = Glyph::all().map(|glyph| glyph.letter(ascii)).collect();
        assert!(letters.iter().all(|letter| letter.width() == Some(1) && (!ascii || letter.is_ascii())));
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), Glyph::all().count());
    }
}

#[test]
fn a_dumb_terminal_gets_ascii_and_no_escape() {
    let drawn = picture(&everything("en"), Look { ascii: true, ..PLAIN });
    assert!(drawn.chars().all(|letter| letter == '\n' || letter.is_ascii_graphic() || letter == ' '), "{drawn}");
}

#[test]
fn of_very_many_actors_the_notable_are_drawn_and_the_others_counted() {
    let mut script = Script::new("en");
    for pid in 10..190 {
        script = script.born(1, pid, &format!("thread {pid}x"));
    }
    let lines = draw(&script.ended(9, 189, "signal SIGKILL").read(), PLAIN);
    assert!(lines.contains(&"141 more lanes are not shown; --trace FILE has all".to_owned()), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("thread 189") && line.contains('✗')));
    assert_eq!(lines.iter().filter(|line| line.contains('├')).count(), MOST_LANES + 1); // and the legend
}

/// A hundred threads that are born one after the other, wait until the middle, and end one after the other; one is killed.
fn crowd(lang: &str) -> crate::lanes::Run {
    let (mut script, name) = (Script::new(lang), if lang == "zh" { "线程" } else { "thread " });
    for number in 0..100 {
        let (pid, at) = (10 + i32::try_from(number).expect("few"), 4 * number);
        script = script.born(at, pid, &format!("{name}{}", number + 1)).begin(at, pid, 1, "wait-lock", "a");
        script = script.end(500, pid, 1).ended(600 + at, pid, if number == 99 { "signal SIGKILL" } else { "code 0" });
    }
    script.say(1000, 1, "end").read()
}

#[test]
fn a_crowd_is_as_high_at_each_moment_as_there_are_lanes_in_a_state() {
    let lines = draw(&crowd("en"), PLAIN);
    let panel: Vec<_> = lines.iter().map(String::as_str).collect();
    assert!(panel[1].starts_with("main") && panel[1].contains('├'), "{lines:#?}");
    assert_eq!(panel[2], "thread ×100, at most 100 at once");
    assert!(panel[3].starts_with("  ─ ≤100 ") && panel[4].starts_with("  ░ ≤100 "), "{lines:#?}");
    let signs = |line: &str| line.chars().skip(9).collect::<Vec<_>>();
    let (running, waiting) = (signs(panel[3]), signs(panel[4]));
    let middle = (PLAIN.columns - 9) / 2;
    assert!(waiting[0] == '▁' && waiting[middle - 2] == '█' && waiting.len() <= middle + 1, "{lines:#?}");
    assert!(running[..middle - 1].iter().all(|sign| *sign == ' '), "{lines:#?}");
    assert!(running[middle + 2] == '█' && running.last() == Some(&'▁'), "{lines:#?}");
    assert!(waiting[..middle - 1].is_sorted() && running[middle + 2..].iter().rev().is_sorted(), "{lines:#?}");
    assert_eq!(panel[6], "✗ thread 100: SIGKILL, 996 ms", "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("not shown")), "all of them are in it: {lines:#?}");
}

#[test]
fn a_crowd_fits_every_terminal() {
    for lang in ["en", "zh"] {
        let run = crowd(lang);
        for columns in (16..30).chain((30..120).step_by(13)) {
            for ascii in [false, true] {
                let lines = draw(&run, Look { columns, ascii, ..PLAIN });
                assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {lines:#?}");
                assert!(!ascii || lang == "zh" || lines.iter().all(|line| line.is_ascii()), "{lines:#?}");
            }
        }
    }
}

#[test]
fn a_name_that_is_too_long_is_cut_and_one_that_moves_the_cursor_does_not() {
    let run = Script::new("en").born(0, 9, "中华小当家和神厨小福贵的第一位徒弟").born(0, 10, "\u{1b}[2J");
    let lines = draw(&run.born(0, 11, "\u{9b}2J\u{202e}\u{2028}").read(), Look { columns: 40, ..PLAIN });
    assert!(lines[2].starts_with("中华小当…  ├"), "{}", lines[2]);
    assert!(lines[3].starts_with("?[2J") && lines[4].starts_with("?2J??"), "{lines:#?}");
    assert_eq!(wrapped("held by a\nb\u{202e}c", 80), ["held by a?b?c"]);
}

#[test]
fn a_run_of_no_length_and_an_empty_one_are_drawn() {
    assert!(!draw(&Script::new("en").read(), PLAIN).is_empty());
    assert!(!draw(&crate::lanes::read_lines(b"\n"), PLAIN).is_empty());
}

#[test]
fn every_axis_has_a_time_on_it() {
    for (millis, columns) in [(1, 16), (445, 29), (445, 40), (7, 80), (9_999, 20), (1_000, 16)] {
        let lines = draw(&Script::new("en").say(millis, 1, "end").read(), Look { columns, ..PLAIN });
        assert!(lines[2].contains('╵') && lines[2].width() <= columns, "{millis} ms, {columns} columns: {lines:#?}");
    }
}

#[test]
fn a_long_line_is_broken_and_nothing_of_it_is_lost() {
    assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    assert_eq!(wrapped("日志中有 3 行", 5), ["日志", "中有", "3 行"]);
    assert_eq!(wrapped("extraordinary", 5), ["extra", "ordin", "ary"]);
}

#[test]
fn chinese_is_broken_between_any_two_characters_but_not_before_a_comma() {
    assert_eq!(wrapped("race 丢失更新", 8), ["race 丢", "失更新"]);
    assert_eq!(wrapped("有锁,不丢失。", 4), ["有", "锁,", "不丢", "失。"]);
    assert_eq!(wrapped("看见“最后”一次(死信)", 6), ["看见", "“最后”", "一次", "(死信)"]);
    for columns in 6..40 {
        let lines = wrapped("记录在 1.2 s 写满;之后的事情(没有画出)、“被杀”的进程,都不在里面。", columns);
        assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {lines:#?}");
        assert!(!lines.iter().any(|line| line.starts_with([',', ';', ')', '、', '”', '。'])), "{columns}: {lines:#?}");
        assert!(!lines.iter().any(|line| line.ends_with(['(', '“'])), "{columns}: {lines:#?}");
    }
}

#[test]
fn lines_that_could_not_be_used_are_told() {
    let lines = draw(&Script::new("en").torn().torn().read(), PLAIN);
    assert_eq!(lines.last().map(String::as_str), Some("2 lines of the journal could not be used"));
}
