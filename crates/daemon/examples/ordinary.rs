//! Notes 4: an ordinary child, which its parent joins at the end.

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
    let _p = Process::new("Daji", || task("Daji")).start()?; // no daemon: she lives to her own end
    sleep(Duration::from_millis(100))?;
    println!("King Zhou has died");
    Ok(())
}
