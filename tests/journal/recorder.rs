//! What locks, queues and gates write into the journal by themselves.

use std::sync::Mutex;
use std::time::Duration;

use journal::{Event, Journal, Kind, Recording, Show};
use killproof::file_lock::FileLock;
use killproof::mutex::{LockError, SharedMutex};
use killproof::process::{Child, Process};
use killproof::queue::{JoinTimeoutError, JoinableQueue, Queue};
use killproof::sync::{self, Barrier};
use nix::sys::signal::{Signal, raise};
use support::{forking, tempfile};

use crate::PATIENCE;

const MOMENT: Duration = Duration::from_millis(1);

fn watched() -> (Journal, Recording) {
    let journal = Journal::new().expect("memory");
    let recording = journal::watch(&journal, "main", Show::default()).expect("memory");
    (journal, recording)
}

/// An event in short: who, what, on what.
fn short(event: &Event) -> String {
    let key = |key: &str| event.data.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    match event.kind {
        Kind::Begin => format!("{}: begin {} {}", event.actor, key("doing"), key("on")),
        Kind::End => format!("{}: end {}", event.actor, key("how")).trim_end().to_owned(),
        Kind::Mark => format!("{}: {} {}", event.actor, key("what"), key("on")),
        kind => format!("{}: {kind:?}", event.actor),
    }
}

fn all(journal: &Journal) -> Vec<String> {
    journal.events_since(0).expect("a record").iter().map(short).collect()
}

/// What one actor did, up to its end.
fn of(journal: &Journal, actor: &str) -> Vec<String> {
    let its = |line: &String| line.starts_with(&format!("{actor}: ")) && !line.contains(": exits");
    all(journal).into_iter().filter(its).collect()
}

/// Waits until this child has done what the line says.
#[track_caller]
fn wait_for(journal: &Journal, child: &Child, line: &str) {
    forking::wait_for(child, line, || all(journal).iter().any(|known| known == line));
}

fn key(event: &Event, key: &str) -> i64 {
    event.data[key].as_i64().expect("a number")
}

pub(crate) fn a_process_says_with_which_code_it_ends_unless_it_is_killed() {
    let (journal, _recording) = watched();
    let mut ended = Process::new("by itself", || 7_u8).start().expect("a process");
    ended.join().expect("its end");
    let mut panicked = Process::new("panics", || -> u8 { panic!("on purpose") }).start().expect("a process");
    panicked.join().expect("its end");
    let mut killed = Process::new("killed", || u8::from(raise(Signal::SIGKILL).is_ok())).start().expect("a process");
    killed.join().expect("its end");
    let events = journal.events_since(0).expect("a record");
    let marks = events.iter().filter(|event| event.kind == Kind::Mark);
    let told: Vec<_> = marks.map(|event| (short(event), event.data["exit"].as_str())).collect();
    let expected = [("by itself: exits ".to_owned(), Some("code 7")), ("panics: exits ".to_owned(), Some("code 101"))];
    assert_eq!(told, expected);
}

pub(crate) fn nobody_records_unasked_and_it_costs_no_memory() {
    let journal = Journal::new().expect("memory");
    let (mutex, queue) = (SharedMutex::new(0).expect("memory"), Queue::new(1).expect("memory"));
    let (gate, work) = (sync::Event::new().expect("memory"), JoinableQueue::new(1).expect("memory"));
    gate.set();
    let everything = || {
        *mutex.lock().expect("a free mutex") += 1;
        queue.put(7).expect("room");
        assert_eq!(queue.get(), Ok(7));
        work.put(7).expect("room");
        assert!(work.get().expect("a value").done());
        assert!(work.join().is_ok());
        gate.wait(PATIENCE).expect("it is open");
    };
    // What a thread keeps for all its messages, and what it knows of itself, it makes once.
    everything();
    let allocated = allocation_counter::measure(everything);
    assert_eq!(allocated.count_total, 0, "{allocated:?}");
    // Made while nothing is recorded, a primitive is never recorded, whether it blocks or not.
    let recording = journal::watch(&journal, "main", Show::default()).expect("memory");
    everything();
    assert!(queue.get_timeout(MOMENT).is_err());
    drop(recording);
    assert_eq!(journal.offset(), 0);
}

pub(crate) fn what_does_not_block_is_no_wait() {
    let (journal, _recording) = watched();
    let mutex = SharedMutex::new(0).expect("memory");
    let queue = Queue::new(1).expect("memory");
    drop(mutex.lock().expect("a free mutex"));
    queue.put(1).expect("room");
    assert!(queue.try_put(2).is_err());
    assert_eq!(queue.get(), Ok(1));
    assert!(queue.try_get().is_err());
    assert_eq!(all(&journal), ["main: begin hold-lock mutex 1", "main: end", "main: handed over queue 1"]);
}

pub(crate) fn a_waiter_says_so_before_it_holds_and_holds_after() {
    let held = sync::Event::new().expect("memory"); // not recorded
    let (journal, _recording) = watched();
    let (_other, mutex) = (SharedMutex::new(0).expect("memory"), SharedMutex::new(0).expect("memory"));
    let waits = || held.wait(PATIENCE).map(|()| drop(mutex.lock()));
    let mut waiter = Process::new("waiter", waits).start().expect("a process");
    let guard = mutex.lock().expect("a free mutex");
    held.set();
    wait_for(&journal, &waiter, "waiter: begin wait-lock mutex 2");
    drop(guard);
    assert!(waiter.join().expect("its end").success());
    let told = ["waiter: begin wait-lock mutex 2", "waiter: end", "waiter: begin hold-lock mutex 2", "waiter: end"];
    assert_eq!(of(&journal, "waiter"), told);
    let events = journal.events_since(0).expect("a record");
    let held: Vec<_> = events.iter().filter(|event| event.kind == Kind::End && event.actor == "main").collect();
    let then = events.iter().find(|event| short(event) == "waiter: begin hold-lock mutex 2").expect("a holder");
    assert!(held[0].t <= then.t, "one holder at a time");
}

pub(crate) fn a_wait_that_is_given_up_says_how() {
    let held = sync::Event::new().expect("memory"); // not recorded
    let (journal, _recording) = watched();
    let mutex = SharedMutex::new(0).expect("memory");
    let queue = JoinableQueue::new(1).expect("memory");
    let gate = sync::Event::new().expect("memory");
    let gives_up = || {
        held.wait(PATIENCE).expect("it is held soon");
        assert!(mutex.lock_timeout(MOMENT).is_err());
        assert!(queue.get_timeout(MOMENT).is_err());
        queue.put(1).expect("room");
        assert!(queue.put_timeout(2, MOMENT).is_err());
        assert!(matches!(queue.join_timeout(MOMENT), Err(JoinTimeoutError::TimedOut { .. })));
        assert!(gate.wait(MOMENT).is_err());
        assert!(Barrier::new(2).expect("memory").wait(MOMENT).is_err());
    };
    let mut child = Process::new("x", gives_up).start().expect("a process");
    let guard = mutex.lock().expect("a free mutex");
    held.set();
    assert!(child.join().expect("its end").success());
    drop(guard);
    let spans =
        ["wait-lock mutex 1", "wait-get queue 1", "wait-put queue 1", "wait-join queue 1", "wait-event event 1"];
    let spans = spans.into_iter().chain(["wait-barrier barrier 1"]);
    let told: Vec<_> = spans.flat_map(|span| [format!("x: begin {span}"), "x: end timed out".to_owned()]).collect();
    assert_eq!(of(&journal, "x"), told);
}

pub(crate) fn a_dead_holders_span_stays_open_and_the_next_one_tells_of_it() {
    let (journal, _recording) = watched();
    let mutex = SharedMutex::new(0).expect("memory");
    let dies = || {
        let _guard = mutex.lock().expect("a free mutex");
        raise(Signal::SIGKILL).expect("a signal to itself");
    };
    let mut child = Process::new("dies", dies).start().expect("a process");
    child.join().expect("its end");
    let Err(LockError::OwnerDied(news)) = mutex.lock() else { panic!("the death is not reported") };
    drop(news.repair(|_| {}));
    let events = journal.events_since(0).expect("a record");
    let of_mutex: Vec<_> =
        events.iter().filter(|event| event.data.get("on").is_some_and(|on| on == "mutex 1")).collect();
    let told = ["dies: begin hold-lock mutex 1", "main: begin hold-lock mutex 1", "main: owner died mutex 1"];
    assert!(of_mutex.iter().map(|event| short(event)).eq(told), "{events:?}");
    assert_eq!(all(&journal).last().map(String::as_str), Some("main: end"));
    assert_eq!(key(of_mutex[2], "from_pid"), i64::from(child.pid()));
}

pub(crate) fn work_is_recorded_from_the_hand_over_to_its_end() {
    let (journal, _recording) = watched();
    let queue = JoinableQueue::builder(4).max_message(64).max_deaths(2).build().expect("memory");
    queue.put(1).expect("room");
    drop(queue.get().expect("a value"));
    assert!(queue.get().expect("a value").done());
    let returned = ["handed over queue 1", "begin work queue 1", "end returned", "redelivered queue 1"];
    let told: Vec<_> =
        returned.into_iter().chain(["begin work queue 1", "end"]).map(|line| format!("main: {line}")).collect();
    assert_eq!(all(&journal), told);

    let before = journal.offset();
    queue.put(2).expect("room");
    let dies = || {
        let _held = queue.get();
        raise(Signal::SIGKILL).expect("a signal to itself");
    };
    let mut pids = Vec::new();
    for name in ["first", "second"] {
        let mut child = Process::new(name, dies).start().expect("a process");
        child.join().expect("its end");
        pids.push(i64::from(child.pid()));
    }
    assert_eq!(queue.join().expect("nothing is unfinished").dead_letters, 1);
    let events = journal.events_since(before).expect("a record");
    let marks: Vec<_> = events.iter().filter(|event| event.kind == Kind::Mark).collect();
    let told = ["first: handed over queue 1", "second: redelivered queue 1", "main: dead letter queue 1"];
    assert!(marks.iter().map(|mark| short(mark)).eq(told), "{marks:?}");
    assert_eq!((key(marks[1], "from_pid"), key(marks[2], "from_pid")), (pids[0], pids[1]));
}

pub(crate) fn a_file_lock_is_called_by_its_file_and_shared_ones_say_so() {
    let (journal, _recording) = watched();
    let folder = tempfile::tempdir().expect("a folder");
    let lock = FileLock::new(folder.path().join("a \"b\".lock"));
    drop(lock.lock().expect("a free lock"));
    drop(lock.try_lock_shared().expect("a free lock"));
    let guard = lock.lock().expect("a free lock");
    let other = lock.clone();
    let waits = move || drop(other.lock().expect("a free lock"));
    let mut waiter = Process::new("waiter", waits).start().expect("a process");
    wait_for(&journal, &waiter, "waiter: begin wait-lock a \"b\".lock");
    drop(guard);
    assert!(waiter.join().expect("its end").success());
    let held = "begin hold-lock a \"b\".lock";
    assert_eq!(
        of(&journal, "waiter")[1..],
        ["waiter: end".to_owned(), format!("waiter: {held}"), "waiter: end".to_owned()]
    );
    let events = journal.events_since(0).expect("a record");
    let shared: Vec<_> = events.iter().filter(|event| short(event) == format!("main: {held}")).collect();
    assert!(shared.iter().map(|event| event.data.get("shared").is_some()).eq([false, true, false]));
}

pub(crate) fn each_actor_has_its_own_name_and_numbers_are_the_runs() {
    let (journal, _recording) = watched();
    let touch = || drop(SharedMutex::new(0).expect("memory").lock());
    touch();
    let in_threads = || {
        touch();
        std::thread::scope(|scope| {
            let named = std::thread::Builder::new().name("thread".to_owned()).spawn_scoped(scope, touch);
            named.expect("a thread").join().expect("its end");
        });
    };
    assert!(Process::new("child", in_threads).start().expect("a process").join().expect("its end").success());
    touch();
    let mut events = journal.events_since(0).expect("a record");
    events.retain(|event| event.kind == Kind::Begin && event.data["doing"] == "hold-lock");
    let told = ["main: begin hold-lock mutex 1", "child: begin hold-lock mutex 2", "thread: begin hold-lock mutex 3"];
    let told = told.into_iter().chain(["main: begin hold-lock mutex 4"]);
    assert!(events.iter().map(short).eq(told), "{events:?}");
    assert_eq!(events[1].pid, events[2].pid);
    assert_ne!(events[1].tid, events[2].tid);
}

pub(crate) fn a_younger_recording_outlives_an_older_one() {
    let (older, recording) = watched();
    let (younger, _recording) = watched();
    drop(recording);
    drop(SharedMutex::new(0).expect("memory").lock());
    assert_eq!(all(&older), [""; 0]);
    assert_eq!(all(&younger), ["main: begin hold-lock mutex 1", "main: end"]);
}

pub(crate) fn one_that_has_ended_leaves_its_journal_open_in_no_thread() {
    let open = || {
        let files = std::fs::read_dir("/proc/self/fd").expect("/proc").flatten();
        let targets = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("/memfd:killproof")).count()
    };
    let before = open();
    let (journal, recording) = watched();
    drop(SharedMutex::new(0).expect("memory").lock());
    assert_eq!((open(), all(&journal).len()), (before + 1, 2));
    drop(recording);
    drop(journal);
    assert_eq!(open(), before);
}

pub(crate) fn one_that_a_child_drops_goes_on_in_its_parent() {
    let (journal, recording) = watched();
    let copy = Mutex::new(Some(recording));
    let drops = || {
        drop(copy.lock().expect("one thread").take());
        drop(SharedMutex::new(0).expect("memory").lock().expect("free"));
    };
    assert!(Process::new("drops", drops).start().expect("a process").join().expect("its end").success());
    drop(SharedMutex::new(0).expect("memory").lock().expect("free"));
    assert_eq!(of(&journal, "drops"), [""; 0], "the child records nothing any more");
    assert!(all(&journal).iter().any(|line| line == "main: begin hold-lock mutex 1"));
}
