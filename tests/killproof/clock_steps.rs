//! Waits while the time of day is set back: no test may set it, so the wait until a time of day is replaced.

use std::process::Command;
use std::time::Duration;

use killproof::Error;
use killproof::mutex::{LockTimeoutError, SharedMutex};
use killproof::process::{Exit, Process};
use killproof::sync::Event;
use support::tempfile::tempdir;

use crate::{PATIENCE, fresh};

/// A caller that waits until a time of day waits an hour longer: the clock is set back by an hour as soon as
/// it waits.
const SET_BACK: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
    int (*next)(pthread_mutex_t *, const struct timespec *) = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
    struct timespec later = *until;
    later.tv_sec += 3600;
    return next(mutex, &later);
}
"#;

pub(crate) fn lock_timeout_keeps_its_time_while_the_clock_is_set_back() {
    if fresh::argument().is_some() {
        return wait_for_a_held_mutex();
    }
    let folder = tempdir().expect("a temporary folder");
    let library = fresh::compile(folder.path(), SET_BACK);
    let preload = |command: &mut Command| {
        command.env("LD_PRELOAD", &library);
    };
    let trial = "clock_steps::lock_timeout_keeps_its_time_while_the_clock_is_set_back";
    let mut child = fresh::run(trial, "preloaded".into(), preload).start().expect("a process");
    let ended = child.join_timeout(PATIENCE / 2).expect("a wait");
    assert!(ended.is_some_and(Exit::success), "{ended:?}");
}

fn wait_for_a_held_mutex() {
    let mutex = SharedMutex::new(0_u32).expect("memory");
    let (inside, looked) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let holds = || -> Result<(), Error> {
        let _guard = mutex.lock()?;
        inside.set();
        looked.wait(PATIENCE)
    };
    let mut child = Process::new("holds", holds).daemon().linked().start().expect("a process");
    inside.wait(PATIENCE).expect("it is inside");
    assert!(matches!(mutex.lock_timeout(Duration::from_millis(50)), Err(LockTimeoutError::TimedOut)));
    looked.set();
    assert!(child.join().expect("its end").success());
}
