//! A journal, read as what it claims to be: what each actor did, from when to when.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// What an actor did for a while.
#[derive(Clone, Debug)]
pub struct Span {
    /// Process id and thread id of the actor.
    pub who: (i64, i64),
    /// Its name.
    pub actor: String,
    /// What it did: `hold-lock`.
    pub doing: String,
    /// On what: `mutex 1`.
    pub on: String,
    /// From when, in nanoseconds since the run began.
    pub from: u64,
    /// To when: where its end is not recorded, to the actor's death or the end of the record.
    pub to: u64,
    /// The actor did not end it.
    pub cut: bool,
    /// How it ended, if it is said.
    pub how: Option<String>,
    /// Others may hold the same at the same time.
    pub shared: bool,
}

/// A whole journal that keeps its promises.
#[derive(Debug)]
pub struct Record {
    /// All spans, in the order in which they began.
    pub spans: Vec<Span>,
    /// All marks, as they stand in the journal.
    pub marks: Vec<Value>,
    /// The names of all who were born, in this order, and how they ended.
    pub born: Vec<(String, String)>,
}

type Who = (i64, i64);

impl Record {
    /// Reads the events of a run from its first to its last.
    ///
    /// # Panics
    ///
    /// If the journal breaks a promise: the times of an actor rise; its spans nest; who ends by itself
    /// leaves none open; an actor that was born ends, and does nothing afterwards, nor after it said that it exits;
    /// a lock has one holder at a time; what a section's code made names the line that made it; a thread of main that
    /// has something to say has a name of its own.
    #[track_caller]
    #[must_use]
    pub fn of(events: &[Value]) -> Self {
        its_own_word_is_its_last(events);
        let last = events.iter().map(|event| number(&event["t"])).max().unwrap_or(0);
        let deaths = deaths(events);
        let mut seen: HashMap<Who, u64> = HashMap::new();
        let mut open: HashMap<Who, Vec<(u64, usize)>> = HashMap::new();
        let (mut spans, mut marks) = (Vec::<Span>::new(), Vec::new());
        for event in events {
            let (who, t) = (who(event, "pid", "tid"), number(&event["t"]));
            let before = seen.insert(who, t).unwrap_or(0);
            assert!(before <= t, "an actor's times rise: {before} before {event}");
            assert!(deaths.get(&who).is_none_or(|death| t <= death.t), "the dead do nothing: {event}");
            match event["kind"].as_str() {
                Some("begin") => {
                    open.entry(who).or_default().push((number(&event["span"]), spans.len()));
                    let death = deaths.get(&who).map_or(last, |death| death.t);
                    spans.push(begun(event, who, t, death));
                }
                Some("end") => {
                    let (span, index) = open.get_mut(&who).and_then(Vec::pop).unwrap_or_else(|| panic!("{event}"));
                    assert_eq!(number(&event["span"]), span, "spans nest: {event} ends {:?}", spans[index]);
                    let span = &mut spans[index];
                    (span.to, span.cut) = (t, false);
                    span.how = event["how"].as_str().map(str::to_owned);
                }
                Some("mark") => marks.push(event.clone()),
                _ => {}
            }
        }
        let mut born = Vec::new();
        for event in events.iter().filter(|event| event["kind"] == "born") {
            let death = deaths.get(&self::who(event, "child_pid", "child_tid"));
            let death = death.unwrap_or_else(|| panic!("an actor that is born ends: {event}"));
            born.push((event["child"].as_str().unwrap_or_default().to_owned(), death.exit.clone()));
        }
        for span in spans.iter().filter(|span| span.cut) {
            let killed = deaths.get(&span.who).is_some_and(Death::is_by_signal);
            assert!(killed, "who ends by itself leaves nothing open: {span:?}");
        }
        one_holder_at_a_time(&spans);
        lines_are_those_that_made_them(events);
        no_thread_is_called_main(events);
        Self { spans, marks, born }
    }

    /// How many were born.
    #[must_use]
    pub fn births(&self) -> usize {
        self.born.len()
    }

    /// The spans of one kind.
    pub fn doing<'a>(&'a self, doing: &'a str) -> impl Iterator<Item = &'a Span> {
        self.spans.iter().filter(move |span| span.doing == doing)
    }

    /// The marks of one kind.
    pub fn marked<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a Value> {
        self.marks.iter().filter(move |mark| mark["what"] == what)
    }
}

struct Death {
    t: u64,
    exit: String,
}

impl Death {
    fn is_by_signal(&self) -> bool {
        self.exit.starts_with("signal ")
    }
}

/// Which actor ended, when that was noticed, and whether it was killed.
fn deaths(events: &[Value]) -> HashMap<Who, Death> {
    let ended = events.iter().filter(|event| event["kind"] == "ended");
    let death = |event: &Value| {
        let exit = event["exit"].as_str().unwrap_or_else(|| panic!("{event}")).to_owned();
        (who(event, "child_pid", "child_tid"), Death { t: number(&event["t"]), exit })
    };
    ended.map(death).collect()
}

fn begun(event: &Value, who: Who, from: u64, death: u64) -> Span {
    let text = |key: &str| event[key].as_str().unwrap_or_else(|| panic!("no {key} in {event}")).to_owned();
    let shared = event["shared"] == true;
    let (actor, doing, on) = (text("actor"), text("doing"), text("on"));
    Span { who, actor, doing, on, from, to: death, cut: true, how: None, shared }
}

/// A process that says that it exits does nothing more, and its reaper hears the same code.
#[track_caller]
fn its_own_word_is_its_last(events: &[Value]) {
    let mut exited: HashMap<Who, &Value> = HashMap::new();
    for event in events {
        if event["kind"] == "ended" {
            let own = exited.remove(&who(event, "child_pid", "child_tid"));
            // Where the kernel reaps, the parent never learns the code.
            let agree = |own: &Value| own["exit"] == event["exit"] || event["exit"] == "unknown";
            assert!(own.is_none_or(agree), "{own:?} and {event}");
        }
        let own = exited.get(&who(event, "pid", "tid"));
        assert!(own.is_none(), "after {own:?} comes {event}");
        if event["what"] == "exits" {
            exited.insert(who(event, "pid", "tid"), event);
        }
    }
}

/// The journal's own proof of mutual exclusion. Where a holder was killed, the kernel gave the lock to
/// the next one before the death was written down: only what holders said themselves counts.
#[track_caller]
fn one_holder_at_a_time(spans: &[Span]) {
    let mut held: Vec<_> = spans.iter().filter(|span| span.doing == "hold-lock" && !span.shared && !span.cut).collect();
    held.sort_by_key(|span| (&span.on, span.from));
    for pair in held.windows(2).filter(|pair| pair[0].on == pair[1].on) {
        assert!(pair[0].to <= pair[1].from, "two hold one lock: {pair:?}");
    }
}

/// In a picture it would be a second lane of that name.
#[track_caller]
fn no_thread_is_called_main(events: &[Value]) {
    let Some(main) = events.first() else { return };
    let is_main = |event: &Value, key: &str| event[key] == main["pid"];
    let mut of_threads = events.iter().filter(|event| is_main(event, "pid") && !is_main(event, "tid"));
    let called_main = of_threads.find(|event| event["actor"] == main["actor"]);
    assert!(called_main.is_none(), "a thread has the name of main: {called_main:?}");
}

/// Waits with words of their own on their line.
const WAITS: [&str; 6] = ["wait-event", "wait-barrier", "wait-child", "wait-thread", "wait-io", "wait-disk"];

/// Every event that only a section's code can make names its line, and on each line that is named stands
/// what makes such an event.
#[track_caller]
fn lines_are_those_that_made_them(events: &[Value]) {
    let mut files: HashMap<&str, Vec<String>> = HashMap::new();
    for event in events {
        let kind = event["kind"].as_str().unwrap_or_default();
        let Some((file, line)) = event["at"].as_str().and_then(|at| at.rsplit_once(':')) else {
            let must = ["say", "ready", "claim", "check", "figure", "pause", "born"].contains(&kind);
            assert!(!must, "the line that made it is missing: {event}");
            continue;
        };
        let code = files.entry(file).or_insert_with(|| lines_of(file));
        let number: usize = line.parse().unwrap_or_else(|error| panic!("{error}: {event}"));
        let words: &[&str] = match kind {
            "born" => &["process(", "thread(", "thread_by(", "follow(", "follow_as("],
            "begin" if event["doing"].as_str().is_some_and(|doing| WAITS.contains(&doing)) => {
                &["wait", "join", "watch"]
            }
            "mark" if event["what"] == "read" || event["what"] == "write" => &["read", "write", "restock"],
            // The line of a table of claims makes the claim, and the check.
            "figure" => &["figure", "compare"],
            "begin" | "mark" => &["lock", "get", "put", "join", "accept", "serve", "serving", "close"],
            "check" => &["check", "claim"],
            kind => &[kind],
        };
        let makes_one = code.get(number - 1).is_some_and(|line| words.iter().any(|word| line.contains(word)));
        assert!(makes_one, "{file}:{line} makes no {kind}: {event}");
    }
}

fn lines_of(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(str::to_owned).collect()
}

fn who(event: &Value, pid: &str, tid: &str) -> Who {
    (event[pid].as_i64().unwrap_or_else(|| panic!("{event}")), event[tid].as_i64().unwrap_or_else(|| panic!("{event}")))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("a number was expected, not {value}"))
}
