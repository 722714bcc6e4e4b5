//! Notes 3: a child that has ended is a zombie until its parent joins it.

use std::time::Duration;

use killproof::interrupt::sleep;
use killproof::process::Process;
use killproof::procfs;

fn task() -> Result<(), killproof::Error> {
    println!("task begins");
    sleep(Duration::from_millis(400))?;
    println!("task ends");
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let mut p = Process::new("task", task).start()?;
    println!("main process");
    p.wait_ended()?;
    p.join()?; // without this line the task is left as a zombie
    let states: Vec<char> = procfs::children()?.iter().map(|child| child.state).collect();
    println!("states of the children: {states:?}");
    Ok(())
}
