//! Notes 7: a value goes from one process to another.

use killproof::process::Process;
use killproof::queue::Queue;

fn task1(q: &Queue<String>) -> Result<(), killproof::Error> {
    q.put("kung pao chicken".to_owned())?;
    Ok(())
}

fn task2(q: &Queue<String>) -> Result<(), killproof::Error> {
    println!("{}", q.get()?);
    Ok(())
}

fn main() -> Result<(), killproof::Error> {
    let q = Queue::new(6)?; // in memory that both processes share
    let mut p1 = Process::new("task1", || task1(&q)).start()?;
    let mut p2 = Process::new("task2", || task2(&q)).start()?;
    p1.join()?;
    p2.join()?;
    Ok(())
}
