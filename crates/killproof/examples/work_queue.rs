//! A worker is killed with a job in its hands. The queue gives the job to another worker, first of all.

use std::time::Duration;

use killproof::Error;
use killproof::process::Process;
use killproof::queue::JoinableQueue;
use killproof::sync::Event;

fn main() -> Result<(), Error> {
    let jobs = JoinableQueue::<u32>::new(16)?;
    let (taken, never) = (Event::new()?, Event::new()?);
    let hang = || -> Result<(), Error> {
        let job = jobs.get()?;
        println!("worker 1 takes job {}", *job);
        taken.set();
        never.wait(Duration::MAX)?; // it is killed here
        job.done();
        Ok(())
    };
    let work = || {
        while let Ok(job) = jobs.get() {
            println!("worker 2 does job {}, attempt {}", *job, job.attempt());
            job.done();
        }
    };
    for job in 1..=5 {
        jobs.put(job)?;
    }
    let mut victim = Process::new("worker 1", hang).start()?;
    taken.wait(Duration::from_mins(1))?;
    victim.kill()?;
    println!("worker 1 ends with {}", victim.join()?);
    let _daemon = Process::new("worker 2", work).daemon().start()?;
    let joined = jobs.join()?;
    println!("all jobs are done, and {} given up", joined.dead_letters);
    Ok(())
}
