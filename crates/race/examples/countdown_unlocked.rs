//! Notes 11: 180 threads take 1 each from 180, without a lock and without a pause. Chance decides what is left.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;

static NUM: AtomicI64 = AtomicI64::new(180);

fn task() {
    let temp = NUM.load(Relaxed);
    NUM.store(temp - 1, Relaxed); // what another thread has written since is lost
}

fn main() {
    let threads: Vec<_> = (0..180).map(|_| thread::spawn(task)).collect();
    for t in threads {
        t.join().expect("no panic");
    }
    println!("{}", NUM.load(Relaxed));
}
