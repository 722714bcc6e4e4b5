//! Sales of every size: each says which ticket was sold, and how often.

use support::Report;
use support::serde_json::Value;

use crate::Tickets;

fn report(lock: &str, tickets: u32, buyers: u32) -> Report {
    let (tickets, buyers) = (tickets.to_string(), buyers.to_string());
    let arguments = ["--lock", lock, "--tickets", &tickets, "--buyers", &buyers, "--speed", "inf", "--format", "json"];
    Tickets::none().program().args(arguments).run().expect_held()
}

fn figures(report: &Report, scene: &str) -> [u64; 5] {
    let figures = ["sold", "different", "sold_again", "left", "oversold"];
    figures.map(|name| report.figure(scene, name).as_u64().expect("a number"))
}

fn claims(report: &Report, scene: &str) -> Vec<String> {
    let checks = report.scene(scene)["checks"].as_array().expect("checks");
    checks.iter().map(|check| check["key"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn without_the_lock_one_ticket_is_sold_to_every_buyer_and_the_run_says_so() {
    for (tickets, buyers) in [(5, 8), (5, 3), (1, 2), (400, 3), (2, 40)] {
        let report = report("none", tickets, buyers);
        let left = tickets - 1;
        let expected = [buyers, 1, buyers - 1, left, buyers.saturating_sub(tickets)].map(u64::from);
        assert_eq!(figures(&report, "unlocked"), expected, "{tickets} tickets, {buyers} buyers");
        let mut claimed = vec!["same_number", "sells", "sold_times", "one_is_counted"];
        claimed.extend((buyers > tickets).then_some("oversells"));
        assert_eq!(claims(&report, "unlocked"), claimed, "{tickets} tickets, {buyers} buyers");
    }
}

#[test]
fn without_the_lock_a_single_buyer_and_a_sale_of_nothing_are_as_they_should_be() {
    for tickets in [1, 5, 400] {
        let report = report("none", tickets, 1);
        assert_eq!(figures(&report, "unlocked"), [1, 1, 0, u64::from(tickets) - 1, 0], "{tickets} tickets");
        assert_eq!(claims(&report, "unlocked"), ["sells", "sold_once", "one_is_counted"]);
    }
    for buyers in [1, 3] {
        let report = report("none", 0, buyers);
        assert_eq!(figures(&report, "unlocked"), [0; 5]);
        assert_eq!(claims(&report, "unlocked"), ["sells", "refuses", "file_says"]);
    }
}

#[test]
fn under_the_lock_no_ticket_is_sold_twice_at_any_size() {
    for (tickets, buyers) in [(0, 3), (1, 1), (1, 8), (5, 3), (400, 2)] {
        let report = report("file", tickets, buyers);
        let sold = tickets.min(buyers);
        let expected = [sold, sold, 0, tickets - sold, 0].map(u64::from);
        assert_eq!(figures(&report, "locked"), expected, "{tickets} tickets, {buyers} buyers");
        let last = match sold {
            0 => None,
            1 => Some("sold_once"),
            _ => Some("each_once"),
        };
        let claimed: Vec<_> = ["sells", "refuses", "file_says"].into_iter().chain(last).collect();
        assert_eq!(claims(&report, "locked"), claimed, "{tickets} tickets, {buyers} buyers");
    }
}

#[test]
fn every_sale_names_its_ticket() {
    let sold = |lock: &str| {
        let run = Tickets::none().program().args(["--lock", lock, "--speed", "inf", "--format", "jsonl"]).run();
        let said = run.expect_code(0).journal().into_iter().filter(|event| event["key"] == "bought");
        let mut sold: Vec<_> = said.map(|event| (event["args"]["ticket"].clone(), event["text"].clone())).collect();
        sold.sort_by_key(|(ticket, _)| ticket.as_u64());
        for (ticket, text) in &sold {
            let said = text.as_str().expect("a text");
            assert!(said.ends_with(&format!("bought ticket {ticket}")), "{said}");
        }
        sold.into_iter().map(|(ticket, _)| ticket).collect::<Vec<_>>()
    };
    assert_eq!(sold("file"), [1, 2, 3, 4, 5].map(Value::from));
    assert_eq!(sold("none"), vec![Value::from(5); 8]);
}
