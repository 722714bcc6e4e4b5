//! Notes 9: a type as a thread. Its `run` is a method like any other; `spawn` starts the thread.

use std::thread;
use std::time::Duration;

use killproof::interrupt::sleep;

struct MyThread(&'static str);

impl MyThread {
    fn run(self) -> Result<(), killproof::Error> {
        println!("{}: task begins in process {}", self.0, std::process::id());
        sleep(Duration::from_millis(300))?;
        println!("{}: task done", self.0);
        Ok(())
    }
}

fn main() -> Result<(), killproof::Error> {
    let t = MyThread("Wukong");
    let t = thread::spawn(|| t.run()); // a thread of the same process
    println!("main thread in process {}", std::process::id());
    t.join().expect("the task does not panic")
}
