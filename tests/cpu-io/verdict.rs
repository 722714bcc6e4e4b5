//! What a busy machine measures is no verdict: not in words, not as a check, and no failure.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use support::serde_json::Value;
use support::{Ended, Program, assert_cmd};

use crate::python_that;

/// A process that computes on one core until this is dropped.
struct BusyLoop(Child);

impl BusyLoop {
    fn on(core: &str) -> Self {
        let script = "echo busy; while :; do :; done";
        // It ends by itself in case that the test is killed.
        let mut timeout = Command::new("taskset");
        timeout.args(["-c", core, "timeout", "100", "sh", "-c", script]).stdout(Stdio::piped());
        let mut busy = timeout.spawn().expect("taskset");
        let mut line = String::new();
        BufReader::new(busy.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        assert_eq!(line, "busy\n");
        Self(busy)
    }
}

impl Drop for BusyLoop {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()) && self.0.wait().is_ok());
    }
}

/// Two cores on which this process may run; the same one twice if there is no other.
fn two_cores() -> [String; 2] {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("a list of cores");
    let ranges = list.trim().split(',').map(|range| range.split_once('-').unwrap_or((range, range)));
    let ends = ranges.map(|(from, to)| [from, to].map(|core| core.parse::<usize>().expect("a number")));
    let mut cores = ends.flat_map(|[from, to]| from..=to).take(2).map(|core| core.to_string());
    let first = cores.next().expect("a core");
    let second = cores.next().unwrap_or_else(|| first.clone());
    [first, second]
}

/// Runs the scene cpu on two cores that each have another process to run.
fn beside_busy_loops(arguments: &[&str]) -> Ended {
    let cores = two_cores();
    let _busy = cores.each_ref().map(|core| BusyLoop::on(core));
    let no_python = python_that("exit 7");
    let path = env::join_paths(
        [no_python.path().to_path_buf()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    let program = Program::new("taskset").args(["-c", &cores.join(",")]).arg(assert_cmd::cargo::cargo_bin!());
    program.args(["--scene", "cpu"]).args(arguments).env("PATH", path.expect("a path")).run()
}

#[test]
fn beside_two_busy_loops_it_says_that_the_machine_was_busy_and_its_check_has_no_verdict() {
    let run = beside_busy_loops(&["--format", "jsonl"]);
    run.expect_code(0);
    let said = |key: &str| run.journal().into_iter().filter(|event| event["key"] == key).collect::<Vec<Value>>();
    let open = said("no_verdict");
    assert_eq!((open.len(), &open[0]["args"]["doubt"]["key"]), (1, &"was_busy".into()), "{open:?}");
    for verdict in ["did_best", "both_did_best", "nothing_beat_serial"] {
        assert_eq!(said(verdict), Vec::<Value>::new(), "{verdict}");
    }
    let report = run.report();
    // On a single core there is no such claim.
    let claimed = usize::from(two_cores()[0] != two_cores()[1]);
    assert_eq!((&report.0["held"], &report.0["no_verdict"]), (&true.into(), &claimed.into()), "{}", report.0);
    let checks = report.scene("cpu")["checks"].as_array().expect("checks");
    let open: Vec<_> = checks.iter().filter(|check| check["held"].is_null()).collect();
    assert!(open.iter().all(|check| check["key"] == "threads_compute_faster"), "{checks:?}");
    assert!(open.iter().all(|check| check["doubt"].as_str().is_some_and(|doubt| !doubt.is_empty())), "{checks:?}");
    assert_eq!(open.len(), claimed, "{checks:?}");
}

#[test]
fn every_way_is_measured_in_turns_and_its_rounds_are_shown() {
    let run = crate::small().args(["--scene", "cpu", "--format", "jsonl"]).run();
    run.expect_code(0);
    let journal = run.journal();
    let born = journal.iter().filter(|event| event["kind"] == "born" && event["key"] == "process");
    // The notes' clock, three rounds of the notes' size, and three of --work.
    assert_eq!(born.count(), 7 * 8);
    for way in crate::WAYS {
        let of = |measure: &str| run.report().figure("cpu", &format!("rust_{way}, {measure}")).as_f64();
        assert!(of("spread") >= Some(0.0) && of("wall_time") > Some(0.0), "{way}");
    }
}
