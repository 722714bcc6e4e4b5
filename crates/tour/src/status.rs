//! What became of a section.

use std::time::Duration;

use common::error::{NOT_HELD, SIGNALLED};
use common::process::Exit;
use nix::sys::signal::Signal;

use crate::capture::Transcript;

/// What became of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ended well, and all that it claimed held.
    Held,
    /// It ended and reported that something did not hold.
    NotHeld,
    /// It had not ended when its time was over, and was ended.
    Hung,
    /// A signal ended it.
    Crashed(Signal),
    /// It ended because it was asked to by this signal, and not by the tour.
    Stopped(Signal),
    /// It ended with this code, and without the report that belongs to it.
    Failed(i32),
    /// It was not started: the system refused, or what it needs was not there.
    NotStarted(String),
}

impl Outcome {
    /// What a process's end means. `None`: it had not ended when its time was over.
    pub(crate) fn of(exit: Option<Exit>, transcript: &Transcript) -> Self {
        match (exit, transcript.reported_held()) {
            (None, _) => Self::Hung,
            (Some(Exit::Signal(signal)), _) => Self::Crashed(signal),
            (Some(Exit::Code(0)), Some(true)) => Self::Held,
            (Some(Exit::Code(0)), Some(false)) => Self::NotHeld,
            (Some(Exit::Code(code)), Some(_)) if code == i32::from(NOT_HELD) => Self::NotHeld,
            (Some(Exit::Code(code)), _) => match Signal::try_from(code - i32::from(SIGNALLED)) {
                Ok(signal) => Self::Stopped(signal),
                Err(_) => Self::Failed(code),
            },
        }
    }

    /// One word for programs.
    pub(crate) fn word(&self) -> &'static str {
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

    /// For people: English, Chinese. `None` where all is well.
    pub(crate) fn trouble(&self) -> Option<[String; 2]> {
        Some(match self {
            Self::Held => return None,
            Self::NotHeld => ["NOT HELD".to_owned(), "不成立".to_owned()],
            Self::Hung => ["hung".to_owned(), "卡住".to_owned()],
            Self::Crashed(signal) => [format!("crashed by {signal}"), format!("崩溃:{signal}")],
            Self::Stopped(signal) => [format!("ended by {signal}"), format!("被 {signal} 结束")],
            Self::Failed(code) => [format!("failed with code {code}"), format!("失败:代码 {code}")],
            Self::NotStarted(_) => ["not started".to_owned(), "没有启动".to_owned()],
        })
    }
}

/// A section that ran, or could not.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) transcript: Transcript,
    pub(crate) elapsed: Duration,
}

impl Ran {
    /// One that could not, and why.
    pub(crate) fn not_started(why: String) -> Self {
        let outcome = Outcome::NotStarted(why);
        Self { outcome, transcript: Transcript::default(), elapsed: Duration::ZERO }
    }

    /// Why it did not end well, in its own words.
    pub(crate) fn complaint(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Held => None,
            Outcome::NotStarted(why) => Some(why),
            _ => self.transcript.complaints.last().map(String::as_str),
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
    const HELD_REPORT: &str = r#"{"section":"x","seed":1,"held":true,"elapsed_ms":1.0,"scenes":[]}"#;
    const BAD_REPORT: &str = r#"{"section":"x","seed":1,"held":false,"elapsed_ms":1.0,"scenes":[]}"#;

    fn transcript(lines: &[&str]) -> Transcript {
        let mut transcript = Transcript::default();
        for line in lines {
            transcript.read(Line::of(line));
        }
        transcript
    }

    #[test]
    fn a_section_held_only_if_it_ended_well_and_reported_that_every_claim_held() {
        let code = |code| Some(Exit::Code(code));
        let cases: [(&[&str], Option<Exit>, Outcome); 11] = [
            (&[CLAIM, GOOD, HELD_REPORT], code(0), Outcome::Held),
            (&[CLAIM, BAD, BAD_REPORT], code(1), Outcome::NotHeld),
            (&[CLAIM, BAD, BAD_REPORT], code(0), Outcome::NotHeld),
            // A report that says more than the checks do, and one of nothing at all.
            (&[CLAIM, HELD_REPORT], code(0), Outcome::NotHeld),
            (&[HELD_REPORT], code(0), Outcome::NotHeld),
            (&[CLAIM, GOOD], code(0), Outcome::Failed(0)),
            (&[CLAIM, GOOD], code(1), Outcome::Failed(1)),
            (&[CLAIM, GOOD, HELD_REPORT], code(3), Outcome::Failed(3)),
            (&[CLAIM], code(143), Outcome::Stopped(Signal::SIGTERM)),
            (&[CLAIM, GOOD, HELD_REPORT], Some(Exit::Signal(Signal::SIGSEGV)), Outcome::Crashed(Signal::SIGSEGV)),
            (&[CLAIM, GOOD, HELD_REPORT], None, Outcome::Hung),
        ];
        for (lines, exit, outcome) in cases {
            assert_eq!(Outcome::of(exit, &transcript(lines)), outcome, "{lines:?}, {exit:?}");
        }
    }

    #[test]
    fn a_line_that_is_none_of_ours_is_a_complaint_and_a_torn_one_too() {
        let told = transcript(&[CLAIM, "x: cannot start x: no memory", "", "{\"t\":2,\"pid\":1,\"ti"]);
        assert_eq!(told.complaints, ["x: cannot start x: no memory", "{\"t\":2,\"pid\":1,\"ti"]);
        assert_eq!((told.claims, told.held, told.report.is_some()), (1, 0, false));
    }

    #[test]
    fn what_did_not_hold_is_kept_with_its_numbers() {
        let told = transcript(&[CLAIM, BAD, BAD_REPORT]);
        let (_, check) = &told.broken[0];
        assert_eq!((&check.expected, &check.observed, told.held), (&5.into(), &4.into(), 0));
    }
}
