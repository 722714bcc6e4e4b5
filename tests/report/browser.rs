//! A headless Chromium with a profile of its own, and its end: no process of it outlives the tests.

use std::env;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use url::{ParseError, Url};

/// The same browser and driver have other names elsewhere.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVERS: [&str; 2] = ["chromedriver", "chromium.chromedriver"];
/// Every process of the browser inherits it: it is how they are found again.
const MARK: &str = "REPORT_TESTS_PROFILE";
/// Far longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The colours of a part of a canvas, for every script. Read from a copy: the page's own canvas is made to
/// be written.
const PIXELS: &str = "
    const pixels = (canvas, left = 0, top = 0, width = canvas.width, height = canvas.height) => {
        const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
        copy.drawImage(canvas, -left, -top);
        return copy.getImageData(0, 0, width, height).data;
    };";

/// Where a browser and its driver are, if this machine has them.
pub(crate) struct Found {
    browser: PathBuf,
    driver: PathBuf,
}

impl Found {
    /// Looks for them in `PATH`; `CHROMEWEBDRIVER` is where some build machines keep the driver.
    pub(crate) fn look() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<_> = env::split_paths(&path).collect();
        folders.extend(env::var_os("CHROMEWEBDRIVER").map(PathBuf::from));
        let find = |names: &[&str]| {
            let mut places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
            places.find(|place| place.is_file())
        };
        Some(Self { browser: find(&BROWSERS)?, driver: find(&DRIVERS)? })
    }
}

/// A browser with one page. Dropping it ends all of its processes.
pub(crate) struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
    profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one.
    pub(crate) fn start(found: &Found) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut driver = Command::new(&found.driver);
        driver.arg("--port=0").env(MARK, profile.path()).process_group(0);
        driver.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = driver.spawn().expect("a driver");
        let port = port_of(&mut driver);
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut browser = Self { runtime, client: None, driver, profile };
        let mut wanted = ClientBuilder::new(HttpConnector::new());
        let capabilities = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "binary": found.browser, "args": arguments(browser.profile.path()) },
        });
        wanted.capabilities(capabilities.as_object().expect("an object").clone());
        let address = format!("http://127.0.0.1:{port}");
        browser.client = Some(browser.runtime.block_on(wanted.connect(&address)).expect("a session"));
        browser
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("a session, until it is dropped")
    }

    /// Opens a file, at a place in it.
    pub(crate) fn open(&self, file: &Path, hash: &str) {
        // By way of nothing: another hash of the same file would load nothing.
        self.visit("about:blank");
        self.visit(&format!("file://{}#{hash}", file.display()));
        self.until("the page is there", "return document.documentElement.dataset.ready === 'true'");
        self.settle();
    }

    /// Goes to an address.
    pub(crate) fn visit(&self, address: &str) {
        self.runtime.block_on(self.client().goto(address)).expect("a page");
    }

    /// Forgets what the reader has chosen so far.
    pub(crate) fn forget(&self) {
        self.ask("try { localStorage.clear(); } catch { /* no page is open yet */ }");
    }

    /// What a piece of JavaScript returns.
    pub(crate) fn ask(&self, script: &str) -> Value {
        let asked = self.runtime.block_on(self.client().execute(&format!("{PIXELS}{script}"), vec![]));
        asked.unwrap_or_else(|error| panic!("{error}:\n{script}"))
    }

    /// Waits until a piece of JavaScript returns true.
    pub(crate) fn until(&self, what: &str, script: &str) {
        let began = Instant::now();
        while self.ask(script) != true {
            assert!(began.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}: {script}");
            thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// Waits until what was asked for is drawn: two frames later.
    pub(crate) fn settle(&self) {
        let script = "requestAnimationFrame(() => requestAnimationFrame(() => arguments[0](true)))";
        let settled = self.runtime.block_on(self.client().execute_async(script, vec![]));
        settled.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Presses a key, as the keyboard does.
    pub(crate) fn press(&self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            self.tell("Input.dispatchKeyEvent", &json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code }));
        }
        self.settle();
    }

    /// Moves, presses or turns the mouse: `mouseMoved`, `mousePressed`, `mouseReleased`, `mouseWheel`.
    pub(crate) fn mouse(&self, kind: &str, (x, y): (f64, f64), wheel: f64) {
        let button = if kind == "mouseMoved" || kind == "mouseWheel" { "none" } else { "left" };
        let keys = json!({
            "type": kind, "x": x, "y": y, "button": button, "clickCount": 1, "deltaX": 0, "deltaY": wheel,
            "buttons": i32::from(kind == "mousePressed"),
        });
        self.tell("Input.dispatchMouseEvent", &keys);
        self.settle();
    }

    /// A screen of this size.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.tell("Emulation.setDeviceMetricsOverride", &screen);
        self.settle();
    }

    /// A reader who prefers light or dark.
    pub(crate) fn prefer(&self, scheme: &str) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tell("Emulation.setEmulatedMedia", &media);
        self.settle();
    }

    /// Prints the page; the PDF in base 64.
    pub(crate) fn print(&self) -> String {
        let printed = self.tell("Page.printToPDF", &json!({ "printBackground": false }));
        printed["data"].as_str().unwrap_or_default().to_owned()
    }

    /// What the browser complained about since it was asked last.
    pub(crate) fn complaints(&self) -> Vec<Value> {
        let log = self.issue("se/log", json!({ "type": "browser" }));
        log.as_array().cloned().unwrap_or_default()
    }

    /// A command of Chromium's own protocol.
    fn tell(&self, command: &str, keys: &Value) -> Value {
        self.issue("goog/cdp/execute", json!({ "cmd": command, "params": keys }))
    }

    fn issue(&self, path: &'static str, body: Value) -> Value {
        let command = Chromium { path, body };
        let done = self.runtime.block_on(self.client().issue_cmd(command));
        done.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        let began = Instant::now();
        // Every process with the mark is killed, until there is none.
        loop {
            let _ = self.driver.try_wait();
            let left = marked(self.profile.path());
            if left.is_empty() {
                break;
            }
            for pid in left {
                let _ = kill(pid, Signal::SIGKILL);
            }
            assert!(began.elapsed() < PATIENCE, "the browser does not end");
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// Processes of this browser, but for zombies, which have no environment.
fn marked(profile: &Path) -> Vec<Pid> {
    let mark = format!("{MARK}={}", profile.display());
    let has_mark = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    let entries = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(has_mark).map(Pid::from_raw).collect()
}

fn arguments(profile: &Path) -> Vec<String> {
    let fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--window-size=1280,900",
    ];
    fixed.map(str::to_owned).into_iter().chain([format!("--user-data-dir={}", profile.display())]).collect()
}

/// The free port that the driver has found, and says.
fn port_of(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let told = lines.find_map(|line| line.rsplit_once("successfully on port ").map(|(_, port)| port.to_owned()));
    // What it says from now on is thrown away, so that it never waits for a reader.
    thread::spawn(move || lines.for_each(drop));
    told.and_then(|port| port.trim_end_matches('.').parse().ok()).expect("the driver says its port")
}

/// What the protocol of all browsers does not have.
struct Chromium {
    path: &'static str,
    body: Value,
}

impl fmt::Debug for Chromium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.body)
    }
}

impl WebDriverCompatibleCommand for Chromium {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
