//! A program is killed while it holds a lock between programs. The lock is free again at once.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, stdin};
use std::process::{Command, Stdio};

use killproof::file_lock::FileLock;

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        Some(path) => hold(&FileLock::new(path)),
        None => wait_for_another(),
    }
}

/// `lock_between_programs FILE`, in as many terminals as you like: holds the lock until the input ends.
fn hold(lock: &FileLock) -> Result<(), Box<dyn Error>> {
    let _held = lock.lock()?;
    println!("program {} holds {}", std::process::id(), lock.path().display());
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn wait_for_another() -> Result<(), Box<dyn Error>> {
    let lock = FileLock::new(std::env::temp_dir().join(format!("killproof-{}.lock", std::process::id())));
    let mut other = Command::new(std::env::current_exe()?);
    let mut other = other.arg(lock.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut said = String::new();
    BufReader::new(other.stdout.take().ok_or("no pipe")?).read_line(&mut said)?;
    print!("{said}");
    println!("is the lock free? {}", lock.try_lock()?.is_some());
    other.kill()?; // std's kill sends SIGKILL
    println!("the other program ends with {}", other.wait()?);
    let held = lock.lock()?;
    println!("program {} holds {}", std::process::id(), lock.path().display());
    drop(held);
    Ok(std::fs::remove_file(lock.path())?) // no other program uses it
}
