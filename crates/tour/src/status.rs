//! How a section ended.

use std::time::Duration;

use common::error::{NOT_HELD, SIGNALLED};
use common::process::Exit;
use nix::sys::signal::Signal;

use crate::capture::Capture;

/// How a section ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It ended with code 0, and every claim held.
    Held,
    /// It ended and reported that a claim did not hold.
    NotHeld,
    /// It was still running at its deadline, and the tour ended it.
    Hung,
    /// A signal killed it; this is its name, or its number if it has none.
    Crashed(String),
    /// It ended cleanly on a signal that another process sent.
    Stopped(Signal),
    /// It ended with this code and without a report that goes with the code.
    Failed(i32),
    /// It was not started, for this reason: the system refused, or its server did not run.
    NotStarted(String),
}

impl Status {
    /// What the end of a process means. `None`: it was still running at its deadline.
    pub(crate) fn of(exit: Option<Exit>, capture: &Capture) -> Self {
        match (exit, capture.reported_held()) {
            (None, _) => Self::Hung,
            (Some(Exit::Signal(signal)), _) => Self::Crashed(signal.to_string()),
            (Some(Exit::RealTimeSignal(number)), _) => Self::Crashed(number.to_string()),
            (Some(Exit::Code(0)), Some(true)) => Self::Held,
            (Some(Exit::Code(0)), Some(false)) => Self::NotHeld,
            (Some(Exit::Code(code)), Some(_)) if code == i32::from(NOT_HELD) => Self::NotHeld,
            (Some(Exit::Code(code)), _) => match Signal::try_from(code - i32::from(SIGNALLED)) {
                Ok(signal) => Self::Stopped(signal),
                Err(_) => Self::Failed(code),
            },
        }
    }

    /// Its name in the JSON of the tour.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::NotHeld => "not held",
            Self::Hung => "hung",
            Self::Crashed(_) => "crashed",
            Self::Stopped(_) => "stopped",
            Self::Failed(_) => "failed",
            Self::NotStarted(_) => "not started",
        }
    }
}

/// A section's run, or why there was none.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub(crate) status: Status,
    pub(crate) capture: Capture,
    pub(crate) elapsed: Duration,
}

impl RunResult {
    pub(crate) fn not_started(why: String) -> Self {
        Self { status: Status::NotStarted(why), capture: Capture::default(), elapsed: Duration::ZERO }
    }

    /// Why the section did not end well: its own last words, where it had any.
    pub(crate) fn complaint(&self) -> Option<&str> {
        match &self.status {
            Status::Held => None,
            Status::NotStarted(why) => Some(why),
            _ => self.capture.complaints.last().map(String::as_str),
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Line;

    const CLAIM: &str = r#"{"t":1,"pid":1,"tid":1,"actor":"main","kind":"claim","text":"it is 5","expected":5}"#;
    const GOOD: &str = r#"{"t":2,"pid":1,"tid":1,"actor":"main","kind":"check","text":"it is 5","expected":5,"observed":5,"held":true}"#;
    const BAD: &str = r#"{"t":2,"pid":1,"tid":1,"actor":"main","kind":"check","text":"it is 5","expected":5,"observed":4,"held":false}"#;
    const OPEN: &str = r#"{"t":2,"pid":1,"tid":1,"actor":"main","kind":"check","text":"it is 5","expected":5,"observed":4,"held":null,"doubt":"busy"}"#;
    const HELD_REPORT: &str = r#"{"section":"x","seed":1,"held":true,"elapsed_ms":1.0,"scenes":[]}"#;
    const BAD_REPORT: &str = r#"{"section":"x","seed":1,"held":false,"elapsed_ms":1.0,"scenes":[]}"#;

    fn capture(lines: &[&str]) -> Capture {
        let mut capture = Capture::default();
        for line in lines {
            capture.read(Line::of(line));
        }
        capture
    }

    #[test]
    fn a_section_held_only_if_it_ended_well_and_reported_that_every_claim_held() {
        let code = |code| Some(Exit::Code(code));
        let cases: [(&[&str], Option<Exit>, Status); 14] = [
            (&[CLAIM, GOOD, HELD_REPORT], code(0), Status::Held),
            (&[CLAIM, BAD, BAD_REPORT], code(1), Status::NotHeld),
            // A claim without a verdict neither holds nor fails.
            (&[CLAIM, GOOD, CLAIM, OPEN, HELD_REPORT], code(0), Status::Held),
            (&[CLAIM, BAD, CLAIM, OPEN, BAD_REPORT], code(1), Status::NotHeld),
            (&[CLAIM, BAD, BAD_REPORT], code(0), Status::NotHeld),
            // A report that says more than the checks do, and one of nothing at all.
            (&[CLAIM, HELD_REPORT], code(0), Status::NotHeld),
            (&[HELD_REPORT], code(0), Status::NotHeld),
            (&[CLAIM, GOOD], code(0), Status::Failed(0)),
            (&[CLAIM, GOOD], code(1), Status::Failed(1)),
            (&[CLAIM, GOOD, HELD_REPORT], code(3), Status::Failed(3)),
            (&[CLAIM], code(143), Status::Stopped(Signal::SIGTERM)),
            (&[CLAIM, GOOD, HELD_REPORT], Some(Exit::Signal(Signal::SIGSEGV)), Status::Crashed("SIGSEGV".to_owned())),
            (&[CLAIM], Some(Exit::RealTimeSignal(34)), Status::Crashed("34".to_owned())),
            (&[CLAIM, GOOD, HELD_REPORT], None, Status::Hung),
        ];
        for (lines, exit, status) in cases {
            assert_eq!(Status::of(exit, &capture(lines)), status, "{lines:?}, {exit:?}");
        }
    }

    #[test]
    fn a_line_that_is_none_of_ours_is_a_complaint_and_a_torn_one_too() {
        let told = capture(&[CLAIM, "x: cannot start x: no memory", "", "{\"t\":2,\"pid\":1,\"ti"]);
        assert_eq!(told.complaints, ["x: cannot start x: no memory", "{\"t\":2,\"pid\":1,\"ti"]);
        assert_eq!((told.claims, told.held, told.report.is_some()), (1, 0, false));
    }

    #[test]
    fn a_check_without_a_verdict_is_counted_apart_and_not_among_the_broken_ones() {
        let told = capture(&[CLAIM, GOOD, CLAIM, OPEN, HELD_REPORT]);
        assert_eq!((told.claims, told.held, told.open, told.broken.len()), (2, 1, 1, 0));
    }

    #[test]
    fn what_did_not_hold_is_kept_with_its_numbers() {
        let told = capture(&[CLAIM, BAD, BAD_REPORT]);
        let (_, check) = &told.broken[0];
        assert_eq!((&check.expected, &check.observed, told.held), (&5.into(), &4.into(), 0));
    }
}
