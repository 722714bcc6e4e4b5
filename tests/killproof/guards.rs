//! Guards of the shared mutex where they must not be: in a child, in an ended thread, in too great a number.

use std::cell::RefCell;
use std::panic;
use std::sync::atomic::{AtomicU32, Ordering};

use killproof::Error;
use killproof::mutex::{LockError, LockTimeoutError, MAX_HELD, SharedMutex, SharedMutexGuard, TryLockError};
use killproof::process::{Exit, Process, reap_all};
use killproof::sync::Event;
use support::Signal;

use crate::PATIENCE;

/// Runs `test` in a process of its own: what it forgets stays forgotten for as long as that process lives.
fn in_a_process(test: impl FnOnce() + Send) -> Exit {
    let mut child = Process::new("forgets", test).start().expect("a process");
    child.join().expect("its end")
}

/// A mutex that lives as long as its process, with a guard that is never dropped.
fn forgotten() -> (&'static SharedMutex<u32>, &'static mut u32) {
    let mutex: &SharedMutex<u32> = Box::leak(Box::new(SharedMutex::new(0).expect("memory")));
    let guard = Box::leak(Box::new(mutex.lock().expect("free")));
    (mutex, &mut **guard)
}

fn refusal(start: Result<impl Sized, Error>) -> u32 {
    match start {
        Err(Error::GuardHeld { guards, .. }) => guards,
        Err(error) => panic!("{error}"),
        Ok(_) => 0,
    }
}

pub(crate) fn start_is_refused_while_the_caller_holds_a_guard() {
    let (first, second) = (SharedMutex::new(0_u32).expect("memory"), SharedMutex::new(0_u32).expect("memory"));
    let mut guard = first.lock().expect("free");
    let value = &mut *guard;
    assert_eq!(refusal(Process::new("inside", || *value += 1).start()), 1);
    let other = second.try_lock().expect("free");
    assert_eq!(refusal(Process::new("inside", || ()).start()), 2);
    drop(guard); // not the last one that was taken
    assert_eq!(refusal(Process::new("inside", || ()).start()), 1);
    drop(other);
    assert!(Process::new("outside", || ()).start().expect("no guard is held").join().expect("its end").success());
    assert_eq!(*first.lock().expect("free"), 0);
}

pub(crate) fn start_is_refused_while_the_caller_may_repair_a_value() {
    let mutex = SharedMutex::new(0_u32).expect("memory");
    let dies = || {
        let _guard = mutex.lock().expect("free");
        nix::sys::signal::raise(Signal::SIGKILL).expect("a signal to itself");
    };
    assert_eq!(in_a_process(dies), Exit::Signal(Signal::SIGKILL));
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
    let value = died.value();
    assert_eq!(refusal(Process::new("inside", || assert_eq!(*value, 0)).start()), 1);
    let guard = died.repair(|_| ());
    assert_eq!(refusal(Process::new("inside", || ()).start()), 1);
    drop(guard);
    assert_eq!(in_a_process(|| ()), Exit::Code(0));
}

pub(crate) fn a_forgotten_guard_refuses_every_later_start() {
    let forgets = || {
        let (_, value) = forgotten();
        assert_eq!(refusal(Process::new("inside", || *value += 1).start()), 1);
        assert_eq!(refusal(Process::new("inside", || ()).start()), 1);
    };
    assert_eq!(in_a_process(forgets), Exit::Code(0));
}

pub(crate) fn a_guard_that_an_ended_thread_forgot_keeps_the_mutex_locked() {
    let forgets = || {
        let (mutex, value) = std::thread::spawn(forgotten).join().expect("no panic");
        assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)), "two are inside");
        *value += 1;
        assert_eq!(refusal(Process::new("inside", || *value += 1).start()), 1);
    };
    assert_eq!(in_a_process(forgets), Exit::Code(0));
}

pub(crate) fn a_guard_in_a_thread_local_is_dropped_with_its_thread() {
    thread_local! {
        static GUARD: RefCell<Option<SharedMutexGuard<'static, u32>>> = const { RefCell::new(None) };
    }
    let keeps = || {
        let mutex: &SharedMutex<u32> = Box::leak(Box::new(SharedMutex::new(0).expect("memory")));
        // The thread-local is there before the thread locks its first mutex, so it is dropped late.
        let keep = || GUARD.with(|guard| *guard.borrow_mut() = Some(mutex.lock().expect("free")));
        std::thread::spawn(keep).join().expect("no panic");
        assert!(mutex.lock().is_ok());
        assert_eq!(in_a_process(|| ()), Exit::Code(0));
    };
    assert_eq!(in_a_process(keeps), Exit::Code(0));
}

/// `daemon(3)` is a fork of which this crate knows nothing: the parent ends at once, the child goes on with
/// a copy of the guard.
pub(crate) fn a_guard_in_a_process_that_did_not_lock_does_nothing() {
    let mutex = SharedMutex::new(0_u32).expect("memory");
    let dropped = Event::new().expect("memory");
    let locks = || -> Result<(), Error> {
        let guard = mutex.lock()?;
        nix::unistd::daemon(true, true).map_err(|errno| Error::refused("start", "a daemon", errno))?;
        drop(guard);
        dropped.set();
        Ok(())
    };
    let mut child = Process::new("locks", locks).start().expect("a process");
    child.join().expect("its end");
    dropped.wait(PATIENCE).expect("the daemon drops its copy");
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the copy erased the record of the holder") };
    assert_eq!((died.holder().pid, died.holder().name.as_str()), (child.pid(), "locks"));
    assert_eq!(reap_all(), 1, "the daemon");
}

pub(crate) fn a_thread_that_holds_too_many_is_refused_one_more() {
    let count = usize::try_from(MAX_HELD).expect("small") + 1;
    let new = || SharedMutex::new(0_u32).expect("memory");
    let mutexes: Vec<SharedMutex<u32>> = std::iter::repeat_with(new).take(count).collect();
    let (last, others) = mutexes.split_last().expect("there are many");
    let mut guards: Vec<_> = others.iter().map(|mutex| mutex.lock().expect("free")).collect();
    assert!(matches!(last.lock(), Err(LockError::TooManyHeld)));
    assert!(matches!(last.try_lock(), Err(TryLockError::TooManyHeld)));
    assert!(matches!(last.lock_timeout(PATIENCE), Err(LockTimeoutError::TooManyHeld)));
    drop(guards.swap_remove(7));
    assert!(last.lock().is_ok());
    drop(guards);

    let dies = || {
        let _guards: Vec<_> = mutexes.iter().map_while(|mutex| mutex.lock().ok()).collect();
        nix::sys::signal::raise(Signal::SIGKILL).expect("a signal to itself");
    };
    assert_eq!(in_a_process(dies), Exit::Signal(Signal::SIGKILL));
    let is_reported = |mutex: &SharedMutex<u32>| matches!(mutex.try_lock(), Err(TryLockError::OwnerDied(_)));
    assert_eq!(mutexes.iter().filter(|mutex| is_reported(mutex)).count(), count - 1);
}

pub(crate) fn a_panic_hook_that_locks_what_the_panicking_thread_holds_gets_an_error() {
    static REFUSED: AtomicU32 = AtomicU32::new(0);
    let panics = || -> u8 {
        let mutex: &SharedMutex<u32> = Box::leak(Box::new(SharedMutex::new(0).expect("memory")));
        panic::set_hook(Box::new(|_| {
            let refused = [
                matches!(mutex.lock(), Err(LockError::AlreadyHeld)),
                matches!(mutex.try_lock(), Err(TryLockError::AlreadyHeld)),
                matches!(mutex.lock_timeout(PATIENCE), Err(LockTimeoutError::AlreadyHeld)),
            ];
            REFUSED.store(refused.into_iter().map(u32::from).sum(), Ordering::Relaxed);
        }));
        let _guard = mutex.lock().expect("free");
        panic!("on purpose, inside the mutex")
    };
    let code = in_a_process(move || {
        let panicked = panic::catch_unwind(panics).is_err();
        assert_eq!((panicked, REFUSED.load(Ordering::Relaxed)), (true, 3));
    });
    assert_eq!(code, Exit::Code(0));
}
