//! What goes wrong in a Chinese run is said in Chinese: operation, object, cause.

use std::net::TcpListener;

use support::chinese::expect_no_english;
use support::{Program, program, tempfile};

use crate::chinese::typed;

#[test]
fn a_wrong_option_is_explained_in_chinese() {
    let cases: [(&[&str], &str); 7] = [
        (&["race", "--threads", "x"], "race: '--threads <N>' 的值 'x' 无效:不是整数;用法见 --help"),
        (&["race", "--threads", "0"], "race: '--threads <N>' 的值 '0' 无效:0 小于 1;用法见 --help"),
        (&["race", "--thread", "3"], "race: 没有 '--thread' 这个参数;也许是想用 '--threads';用法见 --help"),
        (&["race", "--speed", "0"], "race: '--speed <N>' 的值 '0' 无效:速度是不小于 0.01 的数,或者 inf;用法见 --help"),
        (&["race", "--scene"], "race: '--scene <名称>' 需要一个值,却没有给出;用法见 --help"),
        (
            &["tcp-server", "--drain-timeout", "x"],
            "tcp-server: '--drain-timeout <秒>' 的值 'x' 无效:超时是 0.001 到 1000000 之间的秒数;用法见 --help",
        ),
        (&["ticket-mutex", "buy"], "ticket-mutex: 缺少参数:--user <名称>;用法见 --help"),
    ];
    for (arguments, expected) in cases {
        let ended = program!().args(arguments).env("LC_ALL", "zh_CN.UTF-8").run();
        assert_eq!((ended.code(), ended.stderr().trim_end()), (Some(2), expected), "{arguments:?}");
    }
}

/// The line of an error of a section in Chinese, without the paths and addresses in it.
#[track_caller]
fn error_of(program: Program, code: i32, foreign: &[&str]) -> String {
    let ended = program.env("LC_ALL", "zh_CN.UTF-8").run();
    let line = foreign.iter().fold(ended.expect_code(code).stderr(), |line, part| line.replace(part, ""));
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[track_caller]
fn expect_chinese(arguments: &[&str], code: i32, foreign: &[&str]) {
    let line = error_of(program!().args(arguments), code, foreign);
    expect_no_english(&arguments.join(" "), &line, &typed(""));
}

#[test]
fn options_that_do_not_fit_together_are_refused_in_chinese() {
    for arguments in [
        &["race", "--scene", "7"][..],
        &["spawn", "--timeline", "--format", "json"],
        &["spawn", "--svg", "7", "--trace", "7"],
        &["ticket-mutex", "--timeline", "query"],
        &["ticket-mutex", "--lock", "none", "--scene", "locked"],
        &["prod-cons", "--kill-every", "5", "--scene", "feast"],
        &["tcp-server", "--workers", "2"],
        &["tcp-client", "--count", "0"],
        &["tcp-client", "--rate", "5"],
        &["tcp-client", "--connections", "0"],
        &["tcp-client", "--connections", "9999999", "--count", "1"],
        &["tcp-client", "--message", ""],
        &["tcp-client", "--scene", "load"],
        &["--only", "7"],
        &["--only", "race", "--skip", "race"],
        &["--seed", "7", "race"],
    ] {
        expect_chinese(
            arguments,
            2,
            &["unlocked", "locked", "pool", "events", "ulimit", "feast", "mutex", "slow", "atomic", "none"],
        );
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named_in_chinese() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let [own, file, missing] = [folder.path().display().to_string(), path("1.json"), path("2/1.json")];
    for picture in [&own, &missing, &path("")] {
        expect_chinese(&["spawn", "--svg", picture], 2, &[&own]);
    }
    expect_chinese(&["--export", &missing], 2, &[&own]);
    expect_chinese(&["--report", &missing], 2, &[&own]);
    expect_chinese(&["tcp-client", "--message-file", &missing], 2, &[&own]);
    expect_chinese(&["ticket-mutex", "--file", &missing, "query"], 2, &[&own, "restock"]);
    expect_chinese(&["ticket-mutex", "--file", &missing, "restock", "5"], 2, &[&own]);
    expect_chinese(&["ticket-mutex", "--file", &own, "query"], 2, &[&own]);
    for content in ["", "{}", "\u{1}", "{\"tickets_num\": -1}", "{\"tickets_num\": 1, \"tickets_num\": 2}"] {
        std::fs::write(&file, content).expect("a file");
        // Why it is no JSON is said by a library, in English.
        let foreign = [&own, "tickets_num", "expected value at line column"];
        let line = error_of(program!().args(["ticket-mutex", "--file", &file, "query"]), 2, &foreign);
        let line = line.split_once("JSON").map_or(line.as_str(), |(before, _)| before);
        expect_no_english(content, line, &typed(""));
    }
}

#[test]
fn what_the_system_refuses_is_said_in_chinese() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    expect_chinese(&["tcp-server", "--port", &port], 3, &["ss -tlnp 'sport"]);
    expect_chinese(&["tcp-client", "--port", "1", "--count", "1"], 3, &[]);
    expect_chinese(&["tcp-client", "--port", "1", "--count", "1", "--connections", "2"], 3, &[]);
    expect_chinese(&["tcp-client", "--host", "0.0.0.0.0"], 2, &[]);
    expect_chinese(&["ticket-mutex", "--buyers", "4194304", "--file", "7"], 3, &["kernel.pid_max", "kernel.threads"]);
    let full = "exec \"$0\" spawn --scene pids > /dev/full";
    let spawn = support::assert_cmd::cargo::cargo_bin!().display().to_string();
    let line = error_of(Program::new("sh").args(["-c", full, &spawn]), 3, &[]);
    assert_eq!(line.trim_end(), "spawn: 无法写入标准输出:设备上没有空间");
}
