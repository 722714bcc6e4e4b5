//! The examples: each kills a process of its own, and shows that the others went on.

use support::listing;

pub(crate) fn the_counter_is_right_after_a_kill_in_the_middle_of_an_update() {
    let run = listing!("crash_safe_counter").run();
    run.expect_code(0);
    let printed = run.stdout();
    let lines: Vec<_> = printed.lines().collect();
    let expected = [
        "clerk 1 ends with signal SIGKILL",
        "clerk 1 died inside and left Sold { tickets: 1, euros: 0 }",
        "Sold { tickets: 4, euros: 40 }",
    ];
    assert_eq!(lines, expected);
}

pub(crate) fn killed_workers_are_replaced_and_every_job_is_done() {
    let run = listing!("supervised_workers").run();
    run.expect_code(0);
    let printed = run.stdout();
    let replaced = printed.lines().filter(|line| line.contains("ended with signal SIGKILL, and is replaced by pid"));
    assert_eq!(replaced.count(), 2, "{printed}");
    assert_eq!(printed.lines().last(), Some("jobs that are not done: 0"));
}

pub(crate) fn the_job_of_a_killed_worker_is_done_by_another_one_first() {
    let run = listing!("work_queue").run();
    run.expect_code(0);
    let printed = run.stdout();
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[..2], ["worker 1 takes job 1", "worker 1 ends with signal SIGKILL"]);
    let done = (1..=5).map(|job| format!("worker 2 does job {job}, attempt {}", if job == 1 { 2 } else { 1 }));
    assert_eq!(lines[2..7], done.collect::<Vec<_>>());
    assert_eq!(lines[7..], ["all jobs are done, and 0 given up"]);
}

pub(crate) fn a_task_runs_again_when_its_worker_is_killed_and_fails_alone_the_third_time() {
    let run = listing!("pool").run();
    run.expect_code(0);
    let printed = run.stdout();
    let lines: Vec<_> = printed.lines().collect();
    let squares: [&str; 4] = [
        "0 squared is 0, attempt 1",
        "1 squared is 1, attempt 1",
        "2 squared is 4, attempt 2",
        "3 squared is 9, attempt 1",
    ];
    assert_eq!(lines[..4], squares);
    assert!(lines[4].starts_with("task 4 killed 3 workers: worker "), "{printed}");
    assert_eq!(lines[4].matches("ended with signal SIGKILL at attempt ").count(), 3, "{printed}");
    assert_eq!(lines[5..], ["5 squared is 25, attempt 1"]);
}

pub(crate) fn a_lock_between_programs_is_free_after_the_kill_of_its_holder() {
    let run = listing!("lock_between_programs").run();
    run.expect_code(0);
    let printed = run.stdout();
    let lines: Vec<_> = printed.lines().collect();
    let [first, free, end, second] = lines[..] else { panic!("{printed}") };
    assert_eq!(free, "is the lock free? false");
    assert_eq!(end, "the other program ends with signal: 9 (SIGKILL)");
    let (first, second) = (first.split(' ').collect::<Vec<_>>(), second.split(' ').collect::<Vec<_>>());
    let (program, path) = (1, 3);
    assert!(first[program] != second[program] && first[path] == second[path], "{printed}");
    assert!(!std::path::Path::new(second[path]).exists(), "the file of the lock is left");
}
