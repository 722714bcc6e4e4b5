//! Predict, then run: the answer is where the help and the report say that it is seen.

use support::serde_json::{self, Value};
use support::{Signal, program, tempfile};

/// The data of the report of a whole tour.
fn report() -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tour.html");
    // Without a Python, which takes its time.
    let tour = program!().args(["--speed", "inf", "--report"]).arg(&path).env("PATH", "").run();
    tour.expect_code(0);
    let page = std::fs::read_to_string(&path).expect("a report");
    let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("its data");
    serde_json::from_str(data).expect("JSON")
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item.as_str().expect("a string")).collect()
}

/// What the command's run wrote, event by event, and its report as the last.
fn journal(command: &[&str]) -> Vec<Value> {
    let program = program!().args(command).args(["--format", "jsonl", "--lang", "en"]).env("PATH", "");
    let server = || program!().args(["tcp-server", "--port", "0", "--quiet"]).start();
    let ended = match command[0] {
        "tcp-server" => {
            let mut server = program.start();
            server.line_with("listening on");
            server.signal(Signal::SIGINT);
            server.wait()
        }
        "tcp-client" => {
            let mut server = server();
            let listening = server.line_with("listening on ");
            let port = listening.rsplit(':').next().expect("a port").trim();
            let client = program.args(["--port", port]).run();
            server.signal(Signal::SIGINT);
            server.wait().expect_code(0);
            client
        }
        _ => program.run(),
    };
    ended.expect_code(0);
    ended.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn every_answer_is_where_the_help_and_the_report_say_that_it_is() {
    let report = report();
    let sections = report["sections"].as_array().expect("the sections");
    assert_eq!(sections.len(), super::names().len());
    for section in sections {
        let name = section["name"].as_str().expect("a name");
        let predictions = section["predictions"].as_array().expect("a list");
        assert!(!predictions.is_empty(), "{name} has nothing to predict");
        for prediction in predictions {
            for lang in ["en", "zh"] {
                let help = program!().args([name, "--lang", lang, "--help"]).env("COLUMNS", "100").run();
                // A line of the help may be broken, and the spaces with it.
                let bare = |text: &str| text.split_whitespace().collect::<String>();
                let help = bare(&help.expect_code(0).stdout());
                for line in [&prediction["question"][lang], &prediction["typed"], &prediction["seen"][lang]] {
                    let line = line.as_str().expect("a text");
                    assert!(help.contains(&bare(line)), "the help of {name} lacks: {line}");
                }
            }
            let events = journal(&strings(&prediction["command"]));
            let scenes = events.last().expect("a report")["scenes"].as_array().expect("its scenes");
            let scene = scenes.iter().find(|scene| scene["scene"] == prediction["scene"]).expect("the scene");
            for answer in prediction["answers"].as_array().expect("a list") {
                let is_there = match answer["list"].as_str() {
                    Some("figures") => scene["figures"].get(answer["name"].as_str().expect("a name")).is_some(),
                    _ => scene["checks"].as_array().expect("a list").iter().any(|check| check["key"] == answer["name"]),
                };
                assert!(is_there, "{name}: {answer} is not in {scene}");
                let is_printed = events.iter().any(|event| event["text"] == answer["words"]["en"]);
                assert!(is_printed, "{name}: no line says {answer}");
            }
        }
    }
}
