//! What each scene must show, and where the answer is: in what the scene returned, or in its record.

use common::claims::{Claims, Record};
use common::report::{Expect, Is, Observed};
use common::words::Text;

use crate::words;

/// Of the pid of the process.
pub(crate) fn function() -> Claims<i32> {
    let main = main_pid();
    Claims::<i32>::new()
        .claim(words::thread_is_in_main(), Is(main), |_, record| worker(record, 0).map(|worker| worker.pid))
        .claim(words::process_is_not(), Is(true), move |child, record| {
            worker(record, 1).is_some_and(|worker| worker.pid == *child && worker.pid != main)
        })
        .claim(words::main_goes_on(), Is(2), |_, record| tasks_done_after_main_spoke(record))
}

pub(crate) fn object() -> Claims<()> {
    let main = main_pid();
    let place =
        move |record: &Record, nth| Observed::text_or_nothing(worker(record, nth).map(|worker| worker.place(main)));
    Claims::<()>::new()
        .claim(words::called(), Is(words::mains_thread(main)), move |(), record| place(record, 0))
        .claim(words::as_thread(), Is(words::own_thread()), move |(), record| place(record, 1))
        .claim(words::as_process(), Is(words::own_process()), move |(), record| place(record, 2))
}

/// Of the lines alone.
pub(crate) fn order() -> Claims<()> {
    let orders_of_thread =
        || [[words::thread_first(), words::main_second()], [words::main_first(), words::thread_second()]];
    let orders_of_process = || {
        [[words::process_first(), words::main_process_second()], [words::main_process_first(), words::process_second()]]
    };
    let kept = |record: &Record, orders: [[Text; 2]; 2]| {
        orders.iter().filter(|[first, second]| record.said_before(first, second)).count()
    };
    Claims::<()>::new()
        .claim(words::threads_do_both(), Is(2), move |(), record| kept(record, orders_of_thread()))
        .claim(words::processes_do_both(), Is(2), move |(), record| kept(record, orders_of_process()))
}

/// Of what main sees after the write of a thread, of a process, and of a process to shared memory.
pub(crate) fn memory() -> Claims<[u32; 3]> {
    Claims::<[u32; 3]>::new()
        .claim(words::sees_write_of_thread(), Is(1), |seen, _| seen[0])
        .claim(words::sees_no_write_of_process(), Is(1), |seen, _| seen[1])
        .claim(words::sees_write_to_shared_memory(), Is(3), |seen, _| seen[2])
}

/// Of how many times as much memory a process takes as a thread.
pub(crate) fn cost() -> Claims<f64> {
    Claims::<f64>::new().claim(words::process_takes_more(), Expect::Above(1.0), |ratio, _| *ratio)
}

/// Where a task worked.
struct Worker {
    pid: i32,
    tid: i32,
}

impl Worker {
    fn place(&self, main: i32) -> Text {
        match *self {
            Self { pid, tid } if pid == main && tid == main => words::mains_thread(main),
            Self { pid, .. } if pid == main => words::own_thread(),
            Self { .. } => words::own_process(),
        }
    }
}

/// Where the tasks of a scene worked, in the order of their first words.
fn worker(record: &Record, nth: usize) -> Option<Worker> {
    record.said_as("task_begins").nth(nth).map(|event| Worker { pid: event.pid, tid: event.tid })
}

/// How many tasks were done after a word of main that was not there when the task before was done.
fn tasks_done_after_main_spoke(record: &Record) -> usize {
    let (mut spoke, mut tasks) = (false, 0);
    for event in record.events() {
        match event.key() {
            Some("main_line") => spoke = true,
            Some("task_done") => tasks += usize::from(std::mem::take(&mut spoke)),
            _ => {}
        }
    }
    tasks
}

fn main_pid() -> i32 {
    std::process::id().cast_signed()
}
