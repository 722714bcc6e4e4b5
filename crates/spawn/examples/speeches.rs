//! Notes 1: three tasks of 1, 2 and 3 tenths of a second, and a join inside the loop.

use std::time::{Duration, Instant};

use killproof::interrupt::sleep;
use killproof::process::Process;

fn func(name: &str, i: u64) -> Result<(), killproof::Error> {
    println!("{name}: process begins");
    sleep(Duration::from_millis(100 * i))?;
    println!("{name}: task done");
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let start = Instant::now();
    let mut list = Vec::new();
    for i in 1..=3 {
        let mut process = Process::new("speech", move || func(&format!("speech {i}"), i)).start()?;
        process.join()?; // without this line the three work at the same time
        list.push(process);
    }
    for process in &mut list {
        process.join()?;
    }
    println!("main process, after {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
