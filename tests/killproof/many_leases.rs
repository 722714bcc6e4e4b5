//! A consumer that died with very many leases.

use std::time::{Duration, Instant};

use killproof::process::{Child, Exit, Process};
use killproof::queue::JoinableQueue;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::PATIENCE;
use crate::holders::{holder, kill, leak};

/// How long a process waits that has much to do on a machine that is busy with other work: only one that hangs takes
/// as long.
pub(crate) const FOR_EVER: Duration = PATIENCE.saturating_mul(20);

/// How long the processors worked for this process.
fn processor_time() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("the kernel counts");
    let times = [usage.user_time(), usage.system_time()];
    times.map(|time| Duration::from_micros(time.num_microseconds().unsigned_abs())).iter().sum()
}

pub(crate) fn the_leases_of_a_dead_consumer_come_back_in_linear_time() {
    const COUNT: u32 = 100_000;
    let queue = JoinableQueue::<u32>::builder(COUNT as usize).max_message(8).build().expect("memory");
    (0..COUNT).for_each(|value| queue.put(value).expect("room"));
    // Several of them: what one held is merged with what the others held.
    let takes = || (1..COUNT / 4).for_each(|_| leak(queue.get().expect("a value")));
    let holders: Vec<Child> = (0..4).map(|_| holder(&queue, takes)).collect();
    assert!(queue.is_empty());
    holders.into_iter().for_each(kill);
    let work = || {
        let began = Instant::now();
        while queue.len() < COUNT as usize {
            let _ = queue.join_timeout(Duration::ZERO);
            assert!(began.elapsed() < FOR_EVER, "the return of all leases");
        }
        for expected in 0..COUNT {
            let item = queue.get_timeout(FOR_EVER).expect("they come back");
            assert_eq!((*item, item.attempt()), (expected, 2));
            assert!(item.done());
        }
        // A machine that is busy with other work makes it last longer, but gives it no more to do.
        assert!(processor_time() < PATIENCE / 2, "{:?}", processor_time());
    };
    let mut works = Process::new("works", work).kill_on_drop().start().expect("a process");
    assert_eq!(works.join_timeout(FOR_EVER * 2).expect("a wait"), Some(Exit::Code(0)));
}
