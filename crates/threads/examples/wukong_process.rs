//! Notes 9: the same function as a process, which is one of its own.

use std::time::Duration;

use killproof::interrupt::sleep;
use killproof::process::Process;

fn task(name: &str) -> Result<(), killproof::Error> {
    println!("{name}: task begins in process {}", std::process::id());
    sleep(Duration::from_millis(300))?;
    println!("{name}: task done");
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let mut t = Process::new("Wukong", || task("Wukong")).start()?; // another process
    println!("main thread in process {}", std::process::id());
    t.join()?;
    Ok(())
}
