//! Restart intensity: how many restarts a supervisor makes within a period.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use super::Exit;
use crate::error::plural;

/// How many restarts a [`Supervisor`](super::Supervisor) may make within any period of this length.
///
/// Erlang's `intensity` and `period`: the limit is shared by all workers of a supervisor, and the
/// period slides. A restart counts against it for exactly `per`, and nothing is ever reset. The
/// chapter "Supervisor Behaviour" of Erlang's documentation tells how to choose both,
/// <https://www.erlang.org/doc/system/sup_princ.html#maximum-restart-intensity>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartLimit {
    /// How many restarts; 0: the first death is the end.
    pub restarts: u32,
    /// The length of the period.
    pub per: Duration,
}

/// A process that ended when it should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// Its name.
    pub name: String,
    /// Its process id, which may name another process by now.
    pub pid: i32,
    /// How it ended; never with code 0.
    pub exit: Exit,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, pid, exit } = self;
        write!(f, "{name} (pid {pid}) ended with {exit}")
    }
}

/// The deaths of the last period, the oldest first.
#[derive(Debug)]
pub(crate) struct Deaths {
    limit: RestartLimit,
    recent: VecDeque<(Instant, Death)>,
}

impl Deaths {
    pub(crate) fn new(limit: RestartLimit) -> Self {
        Self { limit, recent: VecDeque::new() }
    }

    pub(crate) fn limit(&self) -> RestartLimit {
        self.limit
    }

    /// Adds a death, which happened `now`, and forgets those that are older than the period.
    /// One that is exactly as old still counts, as it does in Erlang.
    pub(crate) fn add(&mut self, now: Instant, death: Death) {
        let is_old = |(at, _): &(Instant, Death)| now.saturating_duration_since(*at) > self.limit.per;
        while self.recent.front().is_some_and(is_old) {
            self.recent.pop_front();
        }
        self.recent.push_back((now, death));
    }

    pub(crate) fn len(&self) -> usize {
        self.recent.len()
    }

    /// Whether the last one was one too many.
    pub(crate) fn exceed_the_limit(&self) -> bool {
        self.recent.len() > self.limit.restarts as usize
    }

    /// All of them, which begins a new count.
    pub(crate) fn take(&mut self) -> Vec<Death> {
        self.recent.drain(..).map(|(_, death)| death).collect()
    }
}

/// The most deaths that an error names, so that its line can be read.
const SUMMARISED: usize = 16;

/// The deaths in one line, the oldest first; of more than [`SUMMARISED`], the last ones.
pub(crate) fn summary(deaths: &[Death]) -> String {
    let omitted = deaths.len().saturating_sub(SUMMARISED);
    let mut parts: Vec<_> = deaths[omitted..].iter().map(Death::to_string).collect();
    if omitted > 0 {
        parts.insert(0, format!("{omitted} earlier {}", plural(omitted, "one", "ones")));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// After which of the deaths at these times, in seconds, a supervisor gives up.
    fn given_up(restarts: u32, per: Duration, times: &[f64]) -> Option<usize> {
        let mut deaths = Deaths::new(RestartLimit { restarts, per });
        let began = Instant::now();
        let mut numbered = times.iter().zip(1..);
        let given_up = numbered.find(|(seconds, number)| {
            let death = Death { name: "worker".to_owned(), pid: *number, exit: Exit::Code(1) };
            deaths.add(began + SECOND.mul_f64(**seconds), death);
            deaths.exceed_the_limit()
        });
        given_up.map(|(_, number)| number.try_into().expect("a small number"))
    }

    #[test]
    fn one_death_more_than_restarts_are_allowed_is_too_many() {
        assert_eq!(given_up(3, 5 * SECOND, &[0.0, 0.1, 0.2]), None);
        assert_eq!(given_up(3, 5 * SECOND, &[0.0, 0.1, 0.2, 0.3, 0.4]), Some(4));
        assert_eq!(given_up(0, 5 * SECOND, &[0.0]), Some(1));
    }

    #[test]
    fn the_period_slides() {
        // Never more than three within five seconds, for ever.
        let steady: Vec<_> = (0..100).map(|i| 2.0 * f64::from(i)).collect();
        assert_eq!(given_up(3, 5 * SECOND, &steady), None);
        // A count that began again every five seconds would see two and two here.
        assert_eq!(given_up(3, 5 * SECOND, &[3.0, 4.0, 6.0, 7.0]), Some(4));
        // The first one is forgotten, one by one, when its time has come.
        assert_eq!(given_up(3, 5 * SECOND, &[0.0, 4.0, 4.5, 5.5, 8.9]), Some(5));
    }

    #[test]
    fn a_death_as_old_as_the_period_still_counts() {
        assert_eq!(given_up(1, 5 * SECOND, &[0.0, 5.0]), Some(2));
        assert_eq!(given_up(1, 5 * SECOND, &[0.0, 5.001]), None);
    }

    #[test]
    fn the_summary_names_the_deaths_of_the_period_and_no_others() {
        let mut deaths = Deaths::new(RestartLimit { restarts: 1, per: SECOND });
        let began = Instant::now();
        for (seconds, pid) in [(0, 10), (5, 11), (6, 12)] {
            deaths.add(began + seconds * SECOND, Death { name: "worker".to_owned(), pid, exit: Exit::Code(101) });
        }
        assert!(deaths.exceed_the_limit());
        let line = summary(&deaths.take());
        assert_eq!(line, "worker (pid 11) ended with code 101, worker (pid 12) ended with code 101");
        assert!(!deaths.exceed_the_limit());
    }

    #[test]
    fn of_very_many_deaths_the_summary_names_the_last_ones() {
        let death = |pid| Death { name: "worker".to_owned(), pid, exit: Exit::Code(1) };
        let line = summary(&(1..=100).map(death).collect::<Vec<_>>());
        assert!(line.starts_with("84 earlier ones, worker (pid 85) ended with code 1, "), "{line}");
        assert!(line.ends_with("worker (pid 100) ended with code 1"), "{line}");
    }
}
