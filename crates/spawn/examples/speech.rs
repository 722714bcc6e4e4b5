//! Notes 1: a function as a process. Main goes on while its child works.

use std::time::Duration;

use killproof::interrupt::sleep;
use killproof::process::Process;

fn func(name: &str) -> Result<(), killproof::Error> {
    println!("{name}: process begins");
    sleep(Duration::from_millis(500))?;
    println!("{name}: task done");
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let mut process = Process::new("speech", || func("write a speech")).start()?; // main goes on meanwhile
    println!("main process");
    process.join()?;
    Ok(())
}
