//! Notes 12: a hundred tasks that compute, each in a process.

use std::hint::black_box;
use std::time::Instant;

use killproof::process::{Child, Process};

fn task() {
    let mut res = 0_u64;
    for i in 0..100_000 {
        res = black_box(res + i);
    }
}

fn main() -> Result<(), killproof::Error> {
    let mut l: Vec<Child> = Vec::new();
    let start = Instant::now();
    for _ in 0..100 {
        let p = Process::new("task", task).start()?;
        l.push(p); // without this line the list stays empty, as in the notes, and its join waits for none
    }
    let started = l.len();
    for mut p in l {
        p.join()?;
    }
    println!("joined {started} of 100 processes: {:.4} s", start.elapsed().as_secs_f64());
    Ok(())
}
