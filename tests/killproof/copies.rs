//! What is of one process and is copied by a fork: a child's copy changes nothing for its parent.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use killproof::Error;
use killproof::process::{Child, Exit, OnEnd, Process, RestartLimit, Supervisor, WatchError, end_all};
use killproof::queue::{Delivery, JoinableQueue};
use killproof::shared::Shared;
use killproof::sync::Event;
use support::Signal;

use crate::PATIENCE;

thread_local! {
    static DELIVERY: RefCell<Option<Delivery<u32>>> = const { RefCell::new(None) };
    static SUPERVISOR: RefCell<Option<Supervisor<'static>>> = const { RefCell::new(None) };
}

/// Runs `work` in a process of its own, which ends in time.
#[track_caller]
fn succeeds(name: &str, work: impl FnOnce() + Send) {
    let mut child = Process::new(name, work).kill_on_drop().start().expect("a process");
    assert_eq!(child.join_timeout(PATIENCE / 2).expect("a wait"), Some(Exit::Code(0)), "{name}");
}

/// Runs `work` in a child of a child.
#[track_caller]
fn succeeds_in_a_grandchild(work: impl FnOnce() + Send) {
    succeeds("child", || succeeds("grandchild", work));
}

fn sleeper() -> Process<'static> {
    Process::new("sleeper", || Event::new().and_then(|never| never.wait(PATIENCE)))
}

fn copy() -> Delivery<u32> {
    DELIVERY.take().expect("a delivery")
}

pub(crate) fn a_delivery_is_of_the_process_that_got_it() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    queue.put(1).expect("room");
    let holds = || {
        DELIVERY.set(Some(queue.get().expect("a value")));
        succeeds("done in a child", || assert!(!copy().done(), "the holder has it"));
        succeeds("dropped in a child", || drop(copy()));
        succeeds_in_a_grandchild(|| assert!(!copy().done()));
        let panics = Process::new("panics", || -> u8 {
            let _copy = copy();
            panic!("on purpose, with a copy")
        });
        assert_eq!(panics.start().and_then(|mut child| child.join()).expect("its end"), Exit::Code(101));
        let leases = queue.leases();
        assert_eq!((leases.len(), leases[0].pid.cast_unsigned(), leases[0].deaths), (1, std::process::id(), 0));
        assert!(queue.try_get().is_err() && queue.unfinished() == 1);
    };
    succeeds("done by its holder", || {
        holds();
        assert!(copy().done());
    });
    assert_eq!(queue.join_timeout(Duration::ZERO).map(|joined| joined.dead_letters), Ok(0));

    queue.put(2).expect("room");
    succeeds("ends with it", holds);
    let item = queue.get_timeout(PATIENCE).expect("what the dead one held");
    assert_eq!((*item, item.attempt(), item.done()), (2, 2, true));
}

pub(crate) fn a_dead_letter_is_decided_about_once() {
    let queue = JoinableQueue::<u32>::builder(4).max_deaths(1).build().expect("memory");
    (1..=2).for_each(|value| queue.put(value).expect("room"));
    crate::queue_kills::kill_holders(&queue, 2);
    let letters = || queue.dead_letters().expect("no lock is kept").into_iter();
    while letters().len() < 2 {
        assert!(queue.get_timeout(Duration::from_millis(1)).is_err());
    }
    let ours: Vec<_> = letters().collect();
    succeeds("decides", || {
        let [first, second] = letters().collect::<Vec<_>>().try_into().expect("both");
        assert!(first.discard() && second.retry());
    });
    assert!(ours.into_iter().all(|letter| !letter.discard()));
    let item = queue.get_timeout(PATIENCE).expect("it is tried again");
    assert_eq!((*item, item.deaths(), item.done()), (2, 0, true));
}

/// Counts the ends that hooks learn of: 1 for one whose exit is known, 100 for another.
static ENDS: OnceLock<Shared<AtomicU32>> = OnceLock::new();

pub(crate) fn a_hook_at_the_end_is_called_by_the_parent_alone() {
    let ends = ENDS.get_or_init(|| Shared::new(AtomicU32::new(0)).expect("memory"));
    let hooked = || {
        let count = |exit: Option<Exit>| _ = ends.fetch_add(if exit.is_some() { 1 } else { 100 }, Ordering::AcqRel);
        sleeper().daemon().on_start(move |_, _| -> OnEnd { Box::new(count) }).start().expect("a process")
    };
    let mut lives = hooked();
    let kept = Mutex::new(Some(hooked()));
    succeeds("ends a copy", || end_all(kept.lock().expect("one thread").take()));
    succeeds("waits for a copy", || {
        assert_eq!(lives.join_timeout(Duration::ZERO).expect("it lives"), None);
        lives.kill().expect("a signal to a process of this user");
        lives.wait_ended().expect("its end");
        let error = lives.join().expect_err("it is no child of this process");
        assert_eq!(error.to_string(), "cannot wait for sleeper: no child processes");
    });
    assert_eq!(ends.load(Ordering::Acquire), 0, "neither was reaped");
    assert_eq!(lives.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    let kept = kept.into_inner().expect("one thread").expect("its own handle");
    assert!(kept.is_alive());
    drop(kept);
    assert_eq!(ends.load(Ordering::Acquire), 2);
}

pub(crate) fn a_supervisor_is_of_the_process_that_made_it() {
    succeeds("owner", || {
        let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per: PATIENCE });
        supervisor.start(sleeper).expect("a process");
        SUPERVISOR.set(Some(supervisor));
        let pid = || SUPERVISOR.with_borrow(|own| own.as_ref().and_then(|own| own.children().next().map(Child::pid)));
        let worker = pid();
        succeeds("drops a copy", || drop(SUPERVISOR.take()));
        succeeds("watches a copy", || {
            SUPERVISOR.with_borrow_mut(|copy| {
                let copy = copy.as_mut().expect("a copy");
                assert_eq!(copy.watch(Duration::ZERO).expect("no worker has ended"), []);
                copy.children().try_for_each(Child::kill).expect("a signal to a process of this user");
                let refused = copy.watch(PATIENCE).expect_err("it has no workers of its own");
                assert!(matches!(refused, WatchError::Failed(Error::Refused { .. })), "{refused:?}");
                assert_eq!(refused.to_string(), "cannot wait for sleeper: no child processes");
            });
        });
        assert_eq!(pid(), worker);
        let mut supervisor = SUPERVISOR.take().expect("its own");
        let restarted = supervisor.watch(PATIENCE).expect("a restart");
        assert_eq!(restarted.iter().map(|one| Some(one.died.pid)).collect::<Vec<_>>(), [worker]);
    });
}
