//! What each scene must show, and where the answer is: in what the scene returned.

use common::claims::Claims;
use common::pace::Speed;
use common::report::{Expect, Is};

use crate::{Cpu, Io, Options, words};

pub(crate) fn cpu(options: &Options) -> Claims<Cpu> {
    let (tasks, work) = (options.tasks, options.work);
    let all = 3 * u64::from(tasks);
    Claims::<Cpu>::new()
        .claim(words::no_thread_is_done(tasks), Is(0), |cpu, _| cpu.clock.threads_done)
        .claim(words::no_process_is_done(tasks), Is(0), |cpu, _| cpu.clock.processes_done)
        .claim(words::all_are_done_when_joined(), Is(2 * u64::from(tasks)), |cpu, _| cpu.clock.done_when_joined)
        .claim(words::notes_sums_are_right(tasks), Is(all), |cpu, _| cpu.right_at_notes_size)
        .claim(words::sums_are_right(work, tasks), Is(all), |cpu, _| cpu.right)
}

pub(crate) fn io(options: &Options, speed: Speed) -> Claims<Io> {
    let (tasks, delay) = (options.tasks, options.delay(speed));
    let sum = Expect::AtLeast((delay * tasks).as_secs_f64());
    Claims::<Io>::new()
        .claim(words::one_waits_at_a_time(), Is(1), |io, _| io.at_once[0])
        .claim_if(!delay.is_zero(), words::waits_add_up(), sum, |io, _| io.serial_wall)
        .claim(words::all_threads_wait_at_once(), Is(tasks), |io, _| io.at_once[1])
        .claim(words::all_processes_wait_at_once(), Is(tasks), |io, _| io.at_once[2])
}
