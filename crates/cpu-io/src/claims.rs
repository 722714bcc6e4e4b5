//! What each scene must show, and where the answer is: in what the scene returned.

use common::claims::Claims;
use common::pace::Speed;
use common::report::{Expect, Is};

use crate::rounds::ROUNDS;
use crate::table::cores;
use crate::{Cpu, Io, Options, words};

/// In fewer iterations than this, all tasks together, the start of a thread may decide.
const TELLING_ITERATIONS: u64 = 100_000_000;
/// The same for waits, in seconds.
const TELLING_WAIT: f64 = 0.1;

pub(crate) fn cpu(options: &Options) -> Claims<Cpu> {
    let (tasks, work) = (options.tasks, options.work);
    let all = 3 * u64::from(tasks) * ROUNDS as u64;
    let claims = Claims::<Cpu>::new()
        .claim(words::no_thread_is_done(tasks), Is(0), |cpu, _| cpu.clock.threads_done)
        .claim(words::no_process_is_done(tasks), Is(0), |cpu, _| cpu.clock.processes_done)
        .claim(words::all_are_done_when_joined(), Is(2 * u64::from(tasks)), |cpu, _| cpu.clock.done_when_joined)
        .claim(words::notes_sums_are_right(tasks), Is(all), |cpu, _| cpu.right_at_notes_size)
        .claim(words::sums_are_right(work, tasks), Is(all), |cpu, _| cpu.right);
    if cores() < 2 || tasks < 2 || u64::from(tasks).saturating_mul(work) < TELLING_ITERATIONS {
        return claims;
    }
    let doubt = |cpu: &Cpu, _: &_| cpu.threads.1.clone();
    claims
        .claim_of_measurement(words::threads_compute_faster(cores()), Expect::Above(1.0), doubt, |cpu, _| cpu.threads.0)
}

pub(crate) fn io(options: &Options, speed: Speed) -> Claims<Io> {
    let (tasks, delay) = (options.tasks, options.delay(speed));
    let least = (delay * tasks).as_secs_f64();
    let claims = Claims::<Io>::new()
        .claim(words::one_waits_at_a_time(), Is(1), |io, _| io.at_once[0])
        .claim_if(!delay.is_zero(), words::waits_add_up(least), Expect::AtLeast(least), |io, _| io.serial_wall)
        .claim(words::all_threads_wait_at_once(), Is(tasks), |io, _| io.at_once[1])
        .claim(words::all_processes_wait_at_once(), Is(tasks), |io, _| io.at_once[2]);
    if tasks < 2 || (delay * tasks).as_secs_f64() < TELLING_WAIT {
        return claims;
    }
    let doubt = |io: &Io, _: &_| io.threads.1.clone();
    claims.claim_of_measurement(words::threads_wait_faster(), Expect::Above(1.0), doubt, |io, _| io.threads.0)
}
