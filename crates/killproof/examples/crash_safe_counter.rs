//! A process is killed in the middle of an update of shared memory. The next one learns of it and repairs.

use std::time::Duration;

use killproof::mutex::{LockError, SharedMutex};
use killproof::{Error, process::Process, sync::Event};

killproof::shm_struct! {
    #[derive(Debug)]
    struct Sold { tickets: u64, euros: u64 } // 10 euros for each ticket
}

fn main() -> Result<(), Error> {
    let counter = SharedMutex::new(Sold { tickets: 0, euros: 0 })?;
    let (halfway, never) = (Event::new()?, Event::new()?);
    let sell_halfway = || -> Result<(), Error> {
        let mut sold = counter.lock()?;
        sold.tickets += 1;
        halfway.set();
        never.wait(Duration::MAX) // it is killed here, before it counts the money
    };
    let sell = || -> Result<(), Error> {
        let mut sold = match counter.lock() {
            Err(LockError::OwnerDied(died)) => {
                println!("{} died inside and left {:?}", died.holder().name, died.value());
                died.repair(|sold| sold.euros = 10 * sold.tickets)
            }
            lock => lock?,
        };
        *sold = Sold { tickets: sold.tickets + 1, euros: sold.euros + 10 };
        Ok(())
    };
    let mut victim = Process::new("clerk 1", sell_halfway).start()?;
    halfway.wait(Duration::from_mins(1))?;
    victim.kill()?;
    println!("clerk 1 ends with {}", victim.join()?);
    (2..=4).try_for_each(|i| Process::new(format!("clerk {i}"), sell).start()?.join().map(drop))?;
    println!("{:?}", *counter.lock()?);
    Ok(())
}
