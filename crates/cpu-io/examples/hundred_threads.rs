//! Notes 12: a hundred tasks that compute, each in a thread.

use std::hint::black_box;
use std::thread::{self, JoinHandle};
use std::time::Instant;

fn task() {
    let mut res = 0_u64;
    for i in 0..100_000 {
        res = black_box(res + i);
    }
}

fn main() {
    let mut l: Vec<JoinHandle<()>> = Vec::new();
    let start = Instant::now();
    for _ in 0..100 {
        let p = thread::spawn(task);
        l.push(p); // without this line the list stays empty, as in the notes, and its join waits for none
    }
    let started = l.len();
    for p in l {
        p.join().expect("a task does not panic");
    }
    println!("joined {started} of 100 threads: {:.4} s", start.elapsed().as_secs_f64());
}
