//! Notes 8: two producers, two consumers, and a queue that knows when all work is done.

use killproof::{Error, interrupt::sleep, process::Process, queue::JoinableQueue};

fn main() -> Result<(), Error> {
    let q = JoinableQueue::new(4)?;
    let pause = || sleep(std::time::Duration::from_millis(rand::random_range(100..=300)));
    let producer = |name: &str, food: &str| {
        (0..8).try_for_each(|i| {
            pause()?;
            println!("{name} cooked {food} {i}");
            Ok::<(), Error>(q.put(format!("{food} {i}"))?)
        })
    };
    let consumer = |name: &str| -> Result<(), Error> {
        loop {
            let food = q.get()?;
            pause()?;
            println!("{name} ate {}", *food);
            food.done(); // without this line the dish is served again and again, and join never returns
        }
    };
    let mut p1 = Process::new("p1", || producer("Xiao Dangjia", "golden fried rice")).start()?;
    let mut p2 = Process::new("p2", || producer("Xiao Fugui", "Buddha jumps over the wall")).start()?;
    let _c1 = Process::new("c1", || consumer("Bajie")).daemon().start()?;
    let _c2 = Process::new("c2", || consumer("Wukong")).daemon().start()?;
    p1.join()?;
    p2.join()?;
    Ok(q.join().map(drop)?)
}
