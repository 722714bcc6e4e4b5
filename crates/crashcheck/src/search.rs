//! One execution after the other: depth first through all choices within the bounds, or at random.
//!
//! A search begins with assumptions that make executions cheap and few: that nothing asks what happened before what, and
//! that no access is contended. An execution may show an assumption to be wrong. Then the search begins again.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::bounds::{Bounds, Limits};
use crate::choices::{Beyond, Choices, Path};
use crate::execution::{Course, Looks};
use crate::exploration::{Ended, Plot, labels, run};
use crate::learned::Learned;
use crate::report::{Report, Violation};
use crate::sampling::Sampling;
use crate::visited::{self, Visited};

/// Within what a search stays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) bounds: Bounds,
    pub(crate) limits: Limits,
    pub(crate) time: Option<Duration>,
    /// The search ends after this number of executions.
    pub(crate) executions: u64,
}

const NOT_THE_SAME: &str = "the actors do not do the same when they run again: what else do they depend on?";

/// Searches for a broken promise.
pub(crate) fn search<C>(plot: &Plot<'_, C>, terms: Terms, sampling: Option<Sampling>) -> Report {
    let mut search = Search {
        plot,
        terms,
        labels: labels(plot),
        deadline: terms.time.map(|most| Instant::now() + most),
        learned: known_at_first(terms, sampling.is_some()),
        sampling,
        report: Report::default(),
    };
    while !search.goes_through() {
        search.learned.begin_again();
    }
    search.report
}

fn known_at_first(terms: Terms, is_sampled: bool) -> Learned {
    let Terms { bounds, limits, .. } = terms;
    let is_small = bounds.ahead == 0 && bounds.stale.is_none_or(|stale| stale <= visited::MOST_STALE);
    let is_counted = bounds.preemptions.is_none_or(|preemptions| preemptions <= visited::MOST_PREEMPTIONS);
    let remembers = limits.remembers && is_small && is_counted && !is_sampled;
    let reduces = remembers && limits.reduces && bounds.preemptions.is_some();
    Learned { visited: remembers.then(Visited::default), contended: reduces.then(HashMap::new), ..Learned::default() }
}

struct Search<'a, C> {
    plot: &'a Plot<'a, C>,
    terms: Terms,
    labels: Rc<[String]>,
    deadline: Option<Instant>,
    learned: Learned,
    sampling: Option<Sampling>,
    report: Report,
}

impl<C> Search<'_, C> {
    /// Goes through all executions, or as far as the terms allow. False if an assumption was wrong.
    fn goes_through(&mut self) -> bool {
        let looks = Looks::default();
        let mut next = Some(Path::default());
        // How many executions there were, and until the last one that showed an access to be contended.
        let (mut executions, mut until_news) = (0_u64, 0);
        while let Some(path) = next.take() {
            let knew = self.learned.news;
            let mut ended = self.run(path, &looks);
            self.learned = std::mem::take(&mut ended.learned);
            self.report.executions += 1;
            executions += 1;
            if self.learned.is_surprised {
                return false;
            }
            if ended.is_look {
                let is_sampled = self.sampling.is_some();
                next = Some(if is_sampled { Path::default() } else { ended.choices.into_path() });
                continue;
            }
            assert!(!ended.choices.differs, "{NOT_THE_SAME}");
            self.count(&ended);
            if ended.is_broken() {
                self.report.violation = Some(self.broken(ended, looks));
                return true;
            }
            if self.is_late() {
                return true;
            }
            if self.learned.news > knew {
                until_news = executions;
            }
            // To begin again is to lose what was searched: only when little more seems to be learned.
            if self.learned.news > 0 && executions > 2 * until_news + 100 {
                return false;
            }
            next = match &mut self.sampling {
                None => ended.choices.into_next(),
                Some(sampling) => sampling.advance(&ended.choices).then(Path::default),
            };
        }
        let is_right = self.learned.news == 0;
        self.report.is_exhausted = is_right && self.sampling.is_none();
        is_right
    }

    fn run(&mut self, path: Path, looks: &Looks) -> Ended {
        let beyond = self.sampling.as_ref().map_or(Beyond::First, Sampling::beyond);
        let choices = Choices::new(path, beyond);
        let learned = std::mem::take(&mut self.learned);
        let course = Course { choices, looks: looks.clone(), learned, records: false };
        run(self.plot, &self.labels, course, self.terms.bounds, self.terms.limits)
    }

    /// Runs an execution that breaks a promise again, with its events and with all choices.
    fn broken(&self, ended: Ended, looks: Looks) -> Violation {
        let Terms { bounds, limits, .. } = self.terms;
        let choices = Choices::new(ended.choices.into_path(), Beyond::First).keeping_all();
        let course = Course { choices, looks, learned: Learned::default(), records: true };
        run(self.plot, &self.labels, course, bounds, limits).violation(bounds).expect(NOT_THE_SAME)
    }

    fn is_late(&self) -> bool {
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() > deadline);
        is_late || self.report.executions >= self.terms.executions
    }

    fn count(&mut self, ended: &Ended) {
        let report = &mut self.report;
        report.steps = report.steps.max(ended.steps);
        report.states = self.learned.visited.as_ref().map_or(0, |visited| visited.len() as u64);
        let counted = if ended.is_seen {
            &mut report.seen
        } else if ended.is_redundant {
            &mut report.redundant
        } else if ended.is_consistent {
            &mut report.complete
        } else {
            &mut report.inconsistent
        };
        *counted += 1;
    }
}
