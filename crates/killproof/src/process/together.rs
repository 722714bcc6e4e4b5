//! Processes that are ended together.

use std::time::Instant;

use super::Child;
use super::grace::GRACE;

/// Ends processes together: asks all of them by SIGTERM, kills those that have not ended after half a second, and
/// reaps all.
///
/// Handles that are dropped one by one, as those of a `Vec` are, end one after the other. Each process that has to
/// be killed halves the time that the next one has, so that they take a second or two together and not half a
/// second each. This gives all of them the whole half second at the same time.
///
/// ```
/// use killproof::process::{self, Process};
/// use killproof::sync::Event;
///
/// let never = Event::new()?;
/// let start = |i| Process::new(format!("worker {i}"), || never.wait(std::time::Duration::MAX)).start();
/// let workers = (0..10).map(start).collect::<Result<Vec<_>, _>>()?;
/// process::end_all(workers);
/// # Ok::<(), killproof::Error>(())
/// ```
pub fn end_all(children: impl IntoIterator<Item = Child>) {
    let mut children: Vec<_> = children.into_iter().collect();
    children.iter().for_each(Child::ask_to_end);
    let deadline = Instant::now() + GRACE;
    for child in &mut children {
        child.end_before(deadline);
    }
}
