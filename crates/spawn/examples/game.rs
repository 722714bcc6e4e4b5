//! Notes 1: a type as a process. `run` is a method like any other; `start` starts a process.

use std::time::Duration;

use killproof::interrupt::sleep;
use killproof::process::{Process, Task};

struct MyProcess(&'static str);

impl Task for MyProcess {
    type Output = Result<(), killproof::Error>;

    fn name(&self) -> String {
        self.0.to_owned()
    }

    fn run(self) -> Self::Output {
        println!("{}: task begins in process {}", self.0, std::process::id());
        sleep(Duration::from_millis(300))?;
        println!("task done");
        Ok(())
    }
}

fn main() -> Result<(), killproof::Error> {
    println!("main is process {}", std::process::id());
    MyProcess("play a game").run()?; // as in the notes: no process is started
    Process::from_task(MyProcess("play a game")).start()?.join()?;
    Ok(())
}
