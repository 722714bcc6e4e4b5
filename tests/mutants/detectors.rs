//! What may notice a mutant: a scenario of `just prove` within bounds, or a test of killproof. Each is run without a
//! mutant first, and tells which places it comes to: a mutant of another place cannot change it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::serde_json::{self, Value, json};

use super::mutant::{Change, Mutant};
use super::trial::{self, Ending, Role};

/// What the scenarios are explored within.
const LADDER: [&str; 10] =
    ["p0d0s0", "p0d1s0", "p1d0s0", "p0d1s1", "p1d0s1", "p1d1s0", "p0d0s2", "p2d0s0", "p1d1s1", "p2d0s1"];

const TOO_LONG: Duration = Duration::from_secs(15);

/// Tests that build programs of the sources as they are.
const OF_OTHER_SOURCES: [&str; 2] = ["examples::", "outside::"];

/// The programs in which all mutants are.
pub(crate) struct Programs {
    pub(crate) prove: PathBuf,
    pub(crate) tests: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detector {
    Scenario { name: String, bounds: String },
    Test { name: String },
}

/// A detector without a mutant.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) detector: Detector,
    pub(crate) time: Duration,
    /// The numbers of the mutants whose places it comes to.
    pub(crate) places: BTreeSet<usize>,
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario { name, bounds } => write!(f, "{name} {bounds}"),
            Self::Test { name } => write!(f, "test {name}"),
        }
    }
}

impl Detector {
    /// Whether it can tell the mutant from the sources, if it comes to its place.
    pub(crate) fn can_notice(&self, mutant: &Mutant) -> bool {
        match (self, &mutant.change) {
            // Without a stale value every load sees the newest store, whatever the orderings say.
            (Self::Scenario { bounds, .. }, Change::Weaker { .. }) => !bounds.contains("s0"),
            // The same instructions are made of it.
            (Self::Test { .. }, Change::Weaker { .. }) => !cfg!(target_arch = "x86_64"),
            _ => true,
        }
    }

    pub(crate) fn is_test(&self) -> bool {
        matches!(self, Self::Test { .. })
    }

    pub(crate) fn run(&self, programs: &Programs, role: Role<'_>, limit: Duration, stop: &AtomicBool) -> Ending {
        match self {
            Self::Scenario { name, bounds } => {
                let arguments = ["--first", "--scenario", name, "--bounds", bounds];
                trial::run(&programs.prove, &arguments, role, limit, stop)
            }
            Self::Test { name } => trial::run(&programs.tests, &["--exact", name], role, limit, stop),
        }
    }
}

/// All detectors, measured; those of an earlier run if the sources are the same. `None`: this run is asked to end.
///
/// # Errors
///
/// If their file cannot be written.
///
/// # Panics
///
/// If one of them fails without a mutant.
pub(crate) fn measured(
    programs: &Programs,
    fingerprint: u64,
    folder: &Path,
    stop: &AtomicBool,
) -> io::Result<Option<Vec<Measured>>> {
    let file = folder.join("detectors.json");
    if let Some(measured) = fs::read_to_string(&file).ok().and_then(|text| read(&text, fingerprint)) {
        return Ok(Some(measured));
    }
    let detectors = all(programs, stop);
    let (next, measured) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for worker in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (next, measured, detectors) = (&next, &measured, &detectors);
            let reached = folder.join(format!("reached.{worker}"));
            scope.spawn(move || {
                while let Some(detector) = detectors.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let one = measure(detector, programs, &reached, stop);
                    measured.lock().unwrap_or_else(PoisonError::into_inner).extend(one);
                }
            });
        }
    });
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let mut measured = measured.into_inner().unwrap_or_else(PoisonError::into_inner);
    measured.sort_by_key(|one| one.time);
    fs::write(&file, written(&measured, fingerprint))?;
    Ok(Some(measured))
}

fn all(programs: &Programs, stop: &AtomicBool) -> Vec<Detector> {
    let lines = |program: &Path| match trial::run(program, &["--list"], Role::Nothing, Duration::from_mins(1), stop) {
        Ending::Clean(text) => text.lines().map(str::to_owned).collect::<Vec<_>>(),
        Ending::Interrupted => Vec::new(),
        other => panic!("{} has no list: {other:?}", program.display()),
    };
    let names = lines(&programs.prove);
    let scenarios = LADDER.iter().flat_map(|bounds| {
        let of = |name: &String| Detector::Scenario { name: name.clone(), bounds: (*bounds).to_owned() };
        names.iter().map(of).collect::<Vec<_>>()
    });
    let tests = lines(&programs.tests);
    let tests = tests.iter().filter_map(|line| line.strip_suffix(": test"));
    let tests = tests.filter(|name| !OF_OTHER_SOURCES.iter().any(|module| name.starts_with(module)));
    scenarios.chain(tests.map(|name| Detector::Test { name: name.to_owned() })).collect()
}

/// `None`: it takes too long to be asked for every mutant, or this run is asked to end.
fn measure(detector: &Detector, programs: &Programs, reached: &Path, stop: &AtomicBool) -> Option<Measured> {
    let _ = fs::remove_file(reached);
    let began = Instant::now();
    match detector.run(programs, Role::Notes(reached), TOO_LONG, stop) {
        Ending::Clean(_) => {}
        Ending::Late(_) | Ending::Interrupted => return None,
        other @ Ending::Found(_) => panic!("without a mutant {detector} is not clean: {other:?}"),
    }
    let time = began.elapsed();
    let text = fs::read_to_string(reached).unwrap_or_default();
    let _ = fs::remove_file(reached);
    Some(Measured { detector: detector.clone(), time, places: text.lines().filter_map(|n| n.parse().ok()).collect() })
}

fn written(measured: &[Measured], fingerprint: u64) -> String {
    let one = |one: &Measured| {
        let (name, bounds) = match &one.detector {
            Detector::Scenario { name, bounds } => (name, Some(bounds)),
            Detector::Test { name } => (name, None),
        };
        json!({ "name": name, "bounds": bounds, "seconds": one.time.as_secs_f64(), "places": one.places })
    };
    json!({ "fingerprint": fingerprint, "detectors": measured.iter().map(one).collect::<Vec<_>>() }).to_string()
}

fn read(text: &str, fingerprint: u64) -> Option<Vec<Measured>> {
    let file: Value = serde_json::from_str(text).ok()?;
    let one = |one: &Value| {
        let name = one["name"].as_str()?.to_owned();
        let detector = match one["bounds"].as_str() {
            Some(bounds) => Detector::Scenario { name, bounds: bounds.to_owned() },
            None => Detector::Test { name },
        };
        let time = Duration::try_from_secs_f64(one["seconds"].as_f64()?).ok()?;
        let places = one["places"].as_array()?.iter().filter_map(|place| usize::try_from(place.as_u64()?).ok());
        Some(Measured { detector, time, places: places.collect() })
    };
    (file["fingerprint"].as_u64() == Some(fingerprint))
        .then(|| file["detectors"].as_array())??
        .iter()
        .map(one)
        .collect()
}
