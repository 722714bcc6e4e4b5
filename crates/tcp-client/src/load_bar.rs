//! The progress bar of a load, on standard error if that is a terminal.

use std::time::Duration;

use common::lang::Lang;
use common::progress::ProgressBar;
use load::{Phase, Plan, Progress, Until};

use crate::words;

/// The bar disappears from the terminal when this is dropped.
pub(crate) struct LoadBar {
    lang: Lang,
    connections: usize,
    until: Until,
    bar: ProgressBar,
}

impl LoadBar {
    pub(crate) fn new(lang: Lang, plan: &Plan) -> Self {
        let length = match plan.until {
            Until::Elapsed(duration) => millis(duration),
            Until::RoundTrips(count) => count.saturating_mul(plan.connections as u64),
        };
        let bar = ProgressBar::new(length, "{bar:30} {wide_msg}");
        Self { lang, connections: plan.connections, until: plan.until, bar }
    }

    pub(crate) fn show(&self, progress: Progress) {
        if self.bar.is_hidden() {
            return;
        }
        let Progress { phase, connected, answered, elapsed } = progress;
        let message = match phase {
            Phase::Connecting | Phase::Idle => words::connected_so_far(connected, self.connections),
            Phase::Talking => words::answered_so_far(connected, self.connections, answered),
            Phase::Closing => words::closing(connected),
        };
        self.bar.set_message(message.in_lang(self.lang));
        if phase == Phase::Talking {
            self.bar.set_position(match self.until {
                Until::Elapsed(_) => millis(elapsed),
                Until::RoundTrips(_) => answered,
            });
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
