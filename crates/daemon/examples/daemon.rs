//! Notes 4: a daemon, which ends with its parent.

use std::time::Duration;

use killproof::interrupt::sleep;
use killproof::process::Process;

fn task(name: &str) -> Result<(), killproof::Error> {
    println!("{name} is still alive");
    sleep(Duration::from_millis(300))?;
    println!("{name} dies a natural death");
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let p = Process::new("Daji", || task("Daji"));
    let p = p.daemon(); // without this line Daji outlives King Zhou
    let _p = p.start()?;
    sleep(Duration::from_millis(100))?;
    println!("King Zhou has died");
    Ok(())
}
