//! The journal of a sale: which buyer held the lock, and what was said in each language.

use support::serde_json::Value;

use crate::Tickets;

#[test]
fn the_journal_proves_that_one_buyer_at_a_time_held_the_lock() {
    let tickets = Tickets::none();
    let run = tickets.program().args(["--speed", "100", "--format", "jsonl"]).run();
    run.expect_code(0);
    let record = run.record();
    let held: Vec<_> = record.doing("hold-lock").filter(|span| span.actor.starts_with("user ")).collect();
    assert_eq!(held.len(), 8);
    assert!(held.iter().all(|span| span.on == "tickets.json" && !span.cut), "{held:?}");
    // Each waited for the lock before it held it, if it had to.
    for wait in record.doing("wait-lock") {
        assert!(held.iter().any(|span| span.who == wait.who && span.from >= wait.to), "{wait:?}");
    }
}

#[test]
fn without_the_lock_the_journal_keeps_its_promises_and_no_buyer_holds_a_lock() {
    let record = Tickets::none().program().args(["--lock", "none", "--speed", "100"]).record();
    assert_eq!(record.births(), 8);
    assert!(record.doing("hold-lock").all(|span| !span.actor.starts_with("user ")), "{:?}", record.spans);
}

#[test]
fn the_journal_has_every_claim_in_the_other_language_too() {
    let [english, chinese] = ["en", "zh"].map(|lang| {
        let run = Tickets::none().program().args(["--lang", lang, "--speed", "inf", "--format", "jsonl"]).run();
        run.expect_code(0).journal()
    });
    let told = |journal: &[Value], kind: &str, keys: [&str; 2]| -> Vec<_> {
        let of_kind = journal.iter().filter(|event| event["kind"] == kind);
        let pair =
            |event: &Value| keys.map(|key| event.pointer(key).and_then(Value::as_str).unwrap_or_default().to_owned());
        let mut told: Vec<_> = of_kind.map(pair).collect();
        told.sort();
        told
    };
    for (kind, text) in [("claim", "/text"), ("check", "/text"), ("born", "/child")] {
        let pairs = told(&english, kind, [text, "/words/zh"]);
        assert_eq!(pairs, told(&chinese, kind, ["/words/en", text]), "{kind}");
        assert!(!pairs.is_empty() && pairs.iter().flatten().all(|text| !text.is_empty()), "{kind}: {pairs:?}");
    }
    let said = told(&english, "say", ["/text", "/words/zh"]);
    let sold =
        |[english, chinese]: &[String; 2]| english.contains("bought ticket ") && chinese.contains("买票成功,票号");
    assert_eq!(said.iter().filter(|said| sold(said)).count(), 5, "{said:?}");
}
