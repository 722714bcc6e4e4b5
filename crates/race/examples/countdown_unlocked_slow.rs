//! Notes 11: 180 threads take 1 each from 180, with a pause between the read and the write, and no lock.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::{thread, time::Duration};

use killproof::interrupt::sleep;

static NUM: AtomicI64 = AtomicI64::new(180);

fn task() -> Result<(), killproof::Error> {
    let temp = NUM.load(Relaxed);
    sleep(Duration::from_millis(5))?; // meanwhile every other thread reads the same number
    NUM.store(temp - 1, Relaxed);
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let threads: Vec<_> = (0..180).map(|_| thread::spawn(task)).collect();
    for t in threads {
        t.join().expect("no panic")?;
    }
    println!("{}", NUM.load(Relaxed));
    Ok(())
}
