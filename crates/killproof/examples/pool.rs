//! Two tasks of a pool kill their workers: one the first time it runs, and one each time. All others go on.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use killproof::pool::Pool;
use killproof::shared::Shared;
use nix::sys::signal::{Signal, raise};

fn main() -> Result<(), Box<dyn Error>> {
    let attempts = Shared::new([const { AtomicU32::new(0) }; 6])?;
    let square = |n: usize| {
        let attempt = attempts[n].fetch_add(1, Relaxed) + 1;
        if n == 2 && attempt == 1 || n == 4 {
            raise(Signal::SIGKILL).expect("a signal to itself"); // as the kernel does when memory is short
        }
        (n * n, attempt)
    };
    let pool = Pool::new(2, square)?;
    for (n, result) in pool.try_map(0..6)?.into_iter().enumerate() {
        match result {
            Ok((square, attempt)) => println!("{n} squared is {square}, attempt {attempt}"),
            Err(error) => println!("{error}"),
        }
    }
    Ok(())
}
