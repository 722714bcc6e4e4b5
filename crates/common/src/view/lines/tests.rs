//! Lines as a reader sees them, without a terminal.

use serde_json::json;

use super::*;
use crate::report::{Expect, Is, SceneReport};
use crate::words::Text;

const EN: Lines = Lines { colour: false, bare: false, lang: Lang::En };
const ZH: Lines = Lines { colour: false, bare: false, lang: Lang::Zh };

/// A line of an actor, with further keys.
fn event(kind: &str, actor: &str, text: &str, keys: &Value) -> Event {
    let mut event = json!({ "t": 1, "pid": 1, "tid": 1, "actor": actor, "kind": kind, "text": text });
    event.as_object_mut().expect("an object").extend(keys.as_object().expect("an object").clone());
    serde_json::from_value(event).expect("an event")
}

/// What is printed 12 ms after the run began.
fn printed(lines: Lines, event: &Event, room: Option<usize>) -> String {
    let mut bytes = Vec::new();
    let line = lines.of(event, room).expect("a line");
    line.write(Duration::from_millis(12), &mut bytes);
    String::from_utf8(bytes).expect("text")
}

fn said(actor: &str, text: &str) -> String {
    printed(EN, &event("say", actor, text, &json!({ "key": "words", "args": { "name": "a name" } })), None)
}

#[test]
fn an_actor_that_says_its_own_name_is_named_once() {
    assert_eq!(said("Bajie", "Bajie ate rice 0"), "   0.012s Bajie ate rice 0\n");
    assert_eq!(said("八戒", "八戒吃了佛跳墙0"), "   0.012s 八戒吃了佛跳墙0\n");
    assert_eq!(
        said("user 3", "no tickets left, user 3 bought none"),
        "   0.012s no tickets left, user 3 bought none\n"
    );
    assert_eq!(said("speech 1'", "speech 1: task done"), "   0.012s speech 1: task done\n");
    assert_eq!(said("main", "every dish is eaten"), "   0.012s main         every dish is eaten\n");
}

#[test]
fn a_part_of_a_longer_name_is_no_name() {
    assert_eq!(said("user 1", "user 12 queries"), "   0.012s user 1       user 12 queries\n");
    assert_eq!(said("task", "tasks begin"), "   0.012s task         tasks begin\n");
    assert_eq!(said("用户1", "用户12查询余票"), "   0.012s 用户1        用户12查询余票\n");
    assert_eq!(said("main", "main's pid"), "   0.012s main's pid\n");
}

#[test]
fn a_text_that_only_mentions_its_speaker_has_the_name_before_it() {
    let text = "forced: no task ends before main has spoken";
    let line = printed(EN, &event("say", "main", text, &json!({ "key": "forced" })), None);
    assert_eq!(line, format!("   0.012s main         {text}\n"));
    let line = printed(EN, &event("say", "main", "main process", &json!({ "key": "main_line" })), None);
    assert_eq!(line, "   0.012s main process\n");
}

#[test]
fn what_a_client_sends_never_hides_the_clients_name() {
    let line = printed(EN, &event("say", "client 7", "client 7 is admin", &json!({})), None);
    assert_eq!(line, "   0.012s client 7     client 7 is admin\n");
}

#[test]
fn in_a_narrow_terminal_a_line_goes_on_below_its_text() {
    let event = |kind| event(kind, "main", "forced: no eater finishes a meal", &json!({ "number": 1, "key": "k" }));
    let said = "   0.012s main         forced: no eater\n                       finishes a meal\n";
    assert_eq!(printed(EN, &event("say"), Some(40)), said);
    assert_eq!(printed(EN, &event("claim"), Some(30)), "  ? 1. forced: no eater\n       finishes a meal\n");
    assert_eq!(printed(EN, &event("say"), None).lines().count(), 1);
}

fn check(claim: &str, expect: &Expect, observed: impl Into<Value>, lang: Lang) -> Check {
    Check::new(&Text::from(claim.to_owned()), lang, expect, &crate::report::Observed::Value(observed.into()))
}

#[test]
fn a_claim_that_held_is_its_number_and_what_was_observed() {
    let checks = |lang| {
        [
            check("five buyers get a ticket", &Is(5), 5, lang),
            check("main speaks first", &Is(true), true, lang),
            check("the pauses add up, in s", &Expect::AtLeast(0.9), 1.0, lang),
            check("it ends well", &Is("code 0"), "code 0", lang),
        ]
    };
    let line = "  ✓ 1 (5)  ✓ 2  ✓ 3 (1.00, expected >= 0.9)  ✓ 4 (code 0)";
    assert_eq!(EN.results(&checks(Lang::En), 80, None), [line]);
    assert_eq!(ZH.results(&checks(Lang::Zh), 80, None), ["  ✓ 1 (5)  ✓ 2  ✓ 3 (1.00,预期 >= 0.9)  ✓ 4 (code 0)"]);
    let folded = ["  ✓ 1 (5)  ✓ 2", "  ✓ 3 (1.00, expected >= 0.9)", "  ✓ 4 (code 0)"];
    assert_eq!(EN.results(&checks(Lang::En), 35, None), folded);
}

#[test]
fn a_claim_that_did_not_hold_is_printed_again() {
    let checks = [check("five are sold", &Is(5), 8, Lang::En), check("none is left", &Is(0), 0, Lang::En)];
    assert_eq!(EN.results(&checks, 80, None), ["  ✓ 2 (0)", "  ✗ 1. five are sold: expected 5, observed 8"]);
    let open = checks[0].clone().without_verdict(Lang::En, &Text::from("this machine was busy".to_owned()));
    let line = "  – 1. five are sold: expected 5, observed 8: no verdict, this machine was busy";
    assert_eq!(EN.results(&[open], 80, None), [line]);
    let unseen = [check("it is seen", &Is(true), Value::Null, Lang::En)];
    assert_eq!(EN.results(&unseen, 80, None), ["  ✗ 1. it is seen: expected true, observed nothing"]);
}

#[test]
fn a_run_without_checks_does_not_claim_that_all_held() {
    let report = |checks| Report {
        section: "demo".to_owned(),
        seed: 1,
        held: true,
        no_verdict: 0,
        elapsed_ms: 1500.0,
        scenes: vec![SceneReport { scene: "one".to_owned(), checks, figures: Vec::new() }],
    };
    assert_eq!(EN.verdict(&report(vec![check("it is 5", &Is(5), 5, Lang::En)])), "held: 1 of 1 check, 1.50 s");
    assert_eq!(EN.verdict(&report(Vec::new())), "nothing was claimed, 1.50 s");
    assert_eq!(ZH.verdict(&report(Vec::new())), "没有断言,1.50 秒");
}

#[test]
fn one_thing_has_the_unit_of_one() {
    let figure = |value: Value, unit: &str| {
        let (name, unit) = ("n".to_owned(), unit.to_owned());
        let (words, unit_words) = (name.clone(), unit.clone());
        EN.figure(&Figure { name, words, value, unit, unit_words, is_in_table: false }, 1, None)
    };
    assert_eq!(figure(json!(1), "dishes"), "  · n  1 dish");
    assert_eq!(figure(json!(2), "dishes"), "  · n  2 dishes");
    assert_eq!(figure(json!(1.0), "times"), "  · n  1.00 times");
}

#[test]
fn a_figure_for_which_a_terminal_is_too_narrow_stands_below_its_name() {
    let figure = |words: &str, unit: &str| Figure {
        name: words.to_owned(),
        words: words.to_owned(),
        value: 203_182.into(),
        unit: unit.to_owned(),
        unit_words: unit.to_owned(),
        is_in_table: false,
    };
    let lost = figure("lost by load and store", "of the measured operations");
    let short = figure("left", "tickets");
    let line = "  · lost by load and store  203182 of the measured operations";
    assert_eq!(EN.figure(&lost, 22, None), line);
    assert_eq!(EN.figure(&lost, 22, Some(61)), line);
    assert_eq!(EN.figure(&lost, 22, Some(60)), "  · lost by load and store\n      203182 of the measured operations");
    assert_eq!(EN.figure(&short, 22, Some(60)), "  · left                    203182 tickets");
}
