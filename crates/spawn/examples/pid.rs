//! Notes 2: a process and its parent, by their pids.

use std::time::Duration;

use killproof::interrupt::sleep;
use killproof::process::Process;

fn task() -> Result<(), killproof::Error> {
    println!("task {} at work, its parent is {}", std::process::id(), std::os::unix::process::parent_id());
    sleep(Duration::from_millis(500))
}

fn main() -> Result<(), killproof::Error> {
    let mut process = Process::new("task", task).start()?; // the task has a pid of its own
    println!("main process {} started {}", std::process::id(), process.pid());
    process.join()?;
    Ok(())
}
