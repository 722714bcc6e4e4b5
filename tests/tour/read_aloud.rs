//! What a section prints, as a reader meets it: no name, no claim and no result twice.

use std::collections::HashSet;

use support::{Program, program};

/// Options with which a section is done in a moment.
const QUICK: [(&str, &[&str]); 2] =
    [("cpu-io", &["--tasks", "4", "--work", "1000"]), ("race", &["--rounds", "3", "--threads", "20"])];

/// Every section that needs no other one, in both languages: the language, and what it prints.
fn printed() -> Vec<(&'static str, String)> {
    let alone = support::sections().into_iter().filter(|section| !section.name.starts_with("tcp-"));
    let run = |name: &str, lang: &'static str| {
        let quick = QUICK.iter().find(|(section, _)| *section == name).map_or(&[][..], |(_, options)| options);
        let section: Program = program!().arg(name).args(["--speed", "inf", "--lang", lang]).args(quick);
        (lang, section.env("PATH", "").run().expect_code(0).stdout())
    };
    alone.flat_map(|section| ["en", "zh"].map(|lang| run(&section.name, lang))).collect()
}

#[test]
fn a_section_prints_each_claim_once_and_no_name_twice() {
    for (lang, printed) in printed() {
        let mut claims = HashSet::new();
        for line in printed.lines() {
            if line.starts_with("── ") {
                claims.clear();
            }
            if let Some((_, claim)) = line.strip_prefix("  ? ").and_then(|claim| claim.split_once(". ")) {
                assert!(claims.insert(claim.to_owned()), "{line:?} stands twice in\n{printed}");
            }
            let again = claims.iter().find(|claim| line.contains(claim.as_str()));
            assert!(again.is_none() || !line.starts_with("  ✓ "), "{line:?} is a claim again in\n{printed}");
            // The name, in a column of its own, and what the actor says.
            let said = line.split_once("s ").filter(|(time, _)| time.trim().parse::<f64>().is_ok());
            if let Some((name, text)) = said.and_then(|(_, said)| said.split_once("  ")) {
                assert!(!text.trim().starts_with(&format!("{name} ")), "the name stands twice: {line:?}");
            }
        }
        assert!(!printed.contains("true, ") && !printed.contains("(true"), "{printed}");
        let unit = if lang == "en" { "checks, " } else { "条断言中" };
        assert!(printed.lines().last().is_some_and(|verdict| verdict.contains(unit)), "{printed}");
    }
}
