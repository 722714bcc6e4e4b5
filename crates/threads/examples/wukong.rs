//! Notes 9: a function as a thread, which works inside main's process.

use std::thread;
use std::time::Duration;

use killproof::interrupt::sleep;

fn task(name: &str) -> Result<(), killproof::Error> {
    println!("{name}: task begins in process {}", std::process::id());
    sleep(Duration::from_millis(300))?;
    println!("{name}: task done");
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let t = thread::spawn(|| task("Wukong"));
    println!("main thread in process {}", std::process::id());
    t.join().expect("the task does not panic")?; // without this line the thread ends with main, its task half done
    Ok(())
}
