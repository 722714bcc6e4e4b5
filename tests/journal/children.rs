//! What waits for the end of children write into the journal by themselves.

use std::time::Duration;

use journal::{Event, Journal, Kind, Recording, Show};
use killproof::process::{Process, RestartLimit, Supervisor};
use killproof::sync;

use crate::{PATIENCE, wait_until};

const MOMENT: Duration = Duration::from_millis(1);

fn watched() -> (Journal, Recording) {
    let journal = Journal::new().expect("memory");
    let recording = journal::watch(&journal, "main", Show::default()).expect("memory");
    (journal, recording)
}

/// What main writes, in short.
fn of_main(journal: &Journal) -> Vec<String> {
    let events = journal.events_since(0).expect("a record");
    let key = |event: &Event, key: &str| event.data.get(key).and_then(|value| value.as_str()).unwrap_or("-").to_owned();
    let short = |event: &Event| match event.kind {
        Kind::Begin => format!("begin {} {}", key(event, "doing"), key(event, "on")),
        Kind::End => format!("end {}", key(event, "how")),
        kind => format!("{kind:?}"),
    };
    events.iter().filter(|event| event.actor == "main").map(short).collect()
}

/// An event that a helper process sets as soon as main has written this line.
fn set_when(journal: &Journal, line: &'static str, set: &sync::Event) -> killproof::process::Child {
    let wait_and_set = move || {
        wait_until(line, || of_main(journal).iter().any(|known| known == line));
        set.set();
    };
    Process::new("helper", wait_and_set).start().expect("a process")
}

pub(crate) fn a_wait_for_a_child_is_a_span_with_its_name_and_its_pid() {
    let release = sync::Event::new().expect("memory");
    let (journal, _recording) = watched();
    let mut child = Process::new("child", || release.wait(PATIENCE)).start().expect("a process");
    let mut helper = set_when(&journal, "begin wait-child child", &release);
    child.join().expect("its end");
    assert_eq!(of_main(&journal), ["begin wait-child child", "end -"]);
    let events = journal.events_since(0).expect("a record");
    let begins = events.iter().find(|event| event.kind == Kind::Begin).expect("a span");
    assert_eq!(begins.data["child_pid"], child.pid());
    // A child that has ended is not waited for.
    wait_until("the end of the helper", || !helper.is_alive());
    let before = of_main(&journal).len();
    helper.join().expect("its end");
    assert_eq!(of_main(&journal).len(), before);
}

pub(crate) fn a_wait_for_a_child_that_is_given_up_says_so_and_one_without_patience_is_none() {
    let release = sync::Event::new().expect("memory");
    let (journal, _recording) = watched();
    let mut child = Process::new("child", || release.wait(PATIENCE)).start().expect("a process");
    assert_eq!(child.join_timeout(Duration::ZERO).expect("a look"), None);
    assert!(child.is_alive());
    assert_eq!(of_main(&journal), [""; 0]);
    assert_eq!(child.join_timeout(MOMENT).expect("a wait"), None);
    assert_eq!(of_main(&journal), ["begin wait-child child", "end timed out"]);
    release.set();
}

pub(crate) fn a_destructor_that_waits_for_a_child_says_so() {
    let release = sync::Event::new().expect("memory");
    let (journal, _recording) = watched();
    let child = Process::new("child", || release.wait(PATIENCE)).start().expect("a process");
    let _helper = set_when(&journal, "begin wait-child child", &release);
    drop(child);
    assert_eq!(of_main(&journal), ["begin wait-child child", "end -"]);
}

pub(crate) fn a_supervisor_waits_for_the_child_that_ends_first() {
    let release = sync::Event::new().expect("memory");
    let (journal, _recording) = watched();
    let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per: PATIENCE });
    for name in ["first", "second"] {
        let release = &release;
        supervisor.start(move || Process::new(name, || release.wait(PATIENCE))).expect("a process");
    }
    let _helper = set_when(&journal, "begin wait-child ", &release);
    supervisor.watch(PATIENCE).expect("an end");
    assert_eq!(of_main(&journal)[..2], ["begin wait-child ", "end -"]);
}
