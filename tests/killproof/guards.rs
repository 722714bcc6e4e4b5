//! Guards of the shared mutex where they must not be: in a child, in an ended thread, in too great a number.

use std::cell::RefCell;
use std::fs;
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use killproof::Error;
use killproof::mutex::{LockError, LockTimeoutError, MAX_HELD, SharedMutex, SharedMutexGuard, TryLockError};
use killproof::process::{Exit, Process, adopted};
use killproof::procfs;
use killproof::shared::Shared;
use killproof::sync::rw_lock::ReadError;
use killproof::sync::{Event, RwLock};
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
    let killed = || {
        let _guard = mutex.lock().expect("free");
        nix::sys::signal::raise(Signal::SIGKILL).expect("a signal to itself");
    };
    assert_eq!(in_a_process(killed), Exit::Signal(Signal::SIGKILL));
    let Err(LockError::OwnerDied(report)) = mutex.lock() else { panic!("the death was not reported") };
    let value = report.value();
    assert_eq!(refusal(Process::new("inside", || assert_eq!(*value, 0)).start()), 1);
    let guard = report.repair(|_| ());
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
/// A process locks, and ends as the parent of a daemon, which drops the copy of the guard and ends. Returns its pid.
fn copies_into_a_daemon<G>(name: &str, lock: impl Fn() -> Result<G, Error> + Send + Sync) -> i32 {
    let dropped = Event::new().expect("memory");
    let locks = || -> Result<(), Error> {
        let guard = lock()?;
        nix::unistd::daemon(true, true).map_err(|errno| Error::refused("start", "a daemon", errno))?;
        drop(guard);
        dropped.set();
        Ok(())
    };
    let mut child = Process::new(name, locks).start().expect("a process");
    child.join().expect("its end");
    // This process has adopted it.
    let daemon = procfs::children().expect("/proc").pop().expect("a daemon").pid;
    let mut daemon = adopted(daemon, "daemon").expect("a child");
    assert_eq!(daemon.join_timeout(PATIENCE).expect("a wait"), Some(Exit::Code(0)));
    assert!(dropped.is_set());
    child.pid()
}

pub(crate) fn a_guard_in_a_process_that_did_not_lock_does_nothing() {
    let mutex = SharedMutex::new(0_u32).expect("memory");
    let pid = copies_into_a_daemon("locks", || mutex.lock().map_err(Error::from));
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the copy erased the record of the holder") };
    assert_eq!((died.holder().pid, died.holder().name.as_str()), (pid, "locks"));
    drop(died);

    let lock = RwLock::new(0_u32).expect("memory");
    let pid = copies_into_a_daemon("writes", || lock.write().map_err(Error::from));
    let Err(ReadError::WriterDied(holder)) = lock.read() else { panic!("the copy erased the record of the writer") };
    assert_eq!((holder.pid, holder.name.as_str()), (pid, "writes"));
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

type Words = Shared<[AtomicU32; 512]>;

/// Pages of zeros that no lock has any business with. One of them gets the place of a mutex that was unmapped.
fn innocent() -> Vec<Words> {
    let zeros = || std::array::from_fn(|_| AtomicU32::new(0));
    (0..8).map(|_| Shared::new(zeros()).expect("memory")).collect()
}

/// How many words are not zero after this thread has locked another mutex.
fn changed_by_a_lock(pages: &[Words]) -> usize {
    drop(SharedMutex::new(0_u32).expect("memory").lock().expect("free"));
    pages.iter().flat_map(|page| page.iter()).filter(|word| word.load(Ordering::Relaxed) != 0).count()
}

pub(crate) fn memory_that_a_forgotten_guard_locks_stays_mapped() {
    let forgets = || {
        let mutex = SharedMutex::new(0_u32).expect("memory");
        let _ = ManuallyDrop::new(mutex.lock().expect("free"));
        drop(mutex);
        assert_eq!(changed_by_a_lock(&innocent()), 0);
    };
    assert_eq!(in_a_process(forgets), Exit::Code(0));
}

pub(crate) fn memory_that_a_forgotten_guard_of_another_thread_locks_stays_mapped() {
    let forgets = || {
        let mutex = Arc::new(SharedMutex::new(0_u32).expect("memory"));
        let (say_locked, locked) = mpsc::channel();
        let (say_dropped, dropped) = mpsc::channel();
        let its_own = Arc::clone(&mutex);
        let thread = std::thread::spawn(move || {
            let _ = ManuallyDrop::new(its_own.lock().expect("free"));
            drop(its_own);
            say_locked.send(()).expect("it is waited for");
            dropped.recv().expect("it comes");
            changed_by_a_lock(&innocent())
        });
        locked.recv().expect("it comes");
        drop(Arc::into_inner(mutex).expect("the last one"));
        say_dropped.send(()).expect("it is waited for");
        assert_eq!(thread.join().expect("no panic"), 0);
    };
    assert_eq!(in_a_process(forgets), Exit::Code(0));
}

/// Mutexes that are free when they are dropped leave nothing mapped, whatever became of their holders.
pub(crate) fn memory_that_no_thread_of_this_process_locks_is_unmapped() {
    let mapped = || fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages = || mapped().split(' ').next().and_then(|pages| pages.parse::<u64>().ok()).expect("a number");
    let leave = |mutex: &SharedMutex<u32>| {
        let _ = ManuallyDrop::new(mutex.lock().expect("free"));
    };
    let use_and_drop = || {
        let mutex = SharedMutex::new(0_u32).expect("memory");
        drop(mutex.lock().expect("free"));
        assert_eq!(in_a_process(|| leave(&mutex)), Exit::Code(0));
    };
    use_and_drop();
    let before = pages();
    (0..100).for_each(|_| use_and_drop());
    assert!(pages() < before + 50, "{before} pages, then {}", pages());
}
