//! Jobs kill their workers. A supervisor starts new workers, and every job is done.

use std::error::Error;
use std::time::Duration;

use killproof::process::{Process, RestartLimit, Supervisor};
use killproof::queue::JoinableQueue;
use nix::sys::signal::{Signal, raise};

fn main() -> Result<(), Box<dyn Error>> {
    let jobs = JoinableQueue::<u32>::new(20)?;
    for job in 1..=20 {
        jobs.put(job)?;
    }
    jobs.close(); // a worker ends when all jobs are done
    let work = || -> Result<(), Box<dyn Error>> {
        while let Ok(job) = jobs.get() {
            if *job % 7 == 0 && job.attempt() == 1 {
                raise(Signal::SIGKILL)?; // jobs 7 and 14, each the first time
            }
            job.done();
        }
        Ok(())
    };
    let mut workers = Supervisor::new(RestartLimit { restarts: 5, per: Duration::from_mins(1) });
    for name in ["worker 1", "worker 2"] {
        workers.start(move || Process::new(name, work))?;
    }
    while !workers.is_empty() {
        for restart in workers.watch(Duration::from_mins(1))? {
            println!("{}, and is replaced by pid {}", restart.died, restart.pid);
        }
    }
    println!("jobs that are not done: {}", jobs.unfinished());
    Ok(())
}
