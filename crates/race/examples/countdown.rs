//! Notes 11: 180 threads take 1 each from 180, under a lock.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::{thread, time::Duration};

use killproof::interrupt::sleep;

static NUM: AtomicI64 = AtomicI64::new(180);
static MUTEX: Mutex<()> = Mutex::new(());

fn task() -> Result<(), killproof::Error> {
    let _held = MUTEX.lock(); // without this line nearly every update is lost
    let temp = NUM.load(Relaxed);
    sleep(Duration::from_millis(5))?;
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
