//! A schedule as a short string: `c1-p2d1s0e0-9f3a55d07e41c2b8-0.0x12.3`, which a model replays.
//!
//! After the version come the bounds, the fingerprint of what happened, and the choices: an option each, with the
//! number of its fellows, equal ones counted.

use std::fmt;
use std::str::FromStr;

use crate::bounds::{ANY, Bounds};
use crate::choices::Choice;

const VERSION: &str = "c1";

/// Why a schedule is not replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// It does not read as one.
    #[error("this is no schedule: one begins with {VERSION}-")]
    Unreadable,
    /// The program does not do what it did when the schedule was made, or has other bounds.
    #[error("the schedule is of another program, or of this one before it was changed")]
    OfAnotherProgram,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) fingerprint: u64,
    pub(crate) bounds: Bounds,
    pub(crate) path: Vec<Choice>,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bounds { preemptions, deaths, stale, early, ahead } = self.bounds;
        let bound = |bound: Option<u32>| match bound {
            None => "n".to_owned(),
            Some(ANY) => "u".to_owned(),
            Some(bound) => bound.to_string(),
        };
        write!(
            f,
            "{VERSION}-p{}d{deaths}s{}e{early}a{ahead}-{:016x}-",
            bound(preemptions),
            bound(stale),
            self.fingerprint
        )?;
        let mut rest = &self.path[..];
        let mut is_first = true;
        while let [first, ..] = rest {
            let same = rest.iter().take_while(|choice| *choice == first).count();
            let separator = if is_first { "" } else { "." };
            write!(f, "{separator}{}of{}", first.chosen, first.options)?;
            if same > 1 {
                write!(f, "x{same}")?;
            }
            is_first = false;
            rest = &rest[same..];
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        read(text).ok_or(ScheduleError::Unreadable)
    }
}

fn read(text: &str) -> Option<Schedule> {
    /// No model makes a schedule of more choices than this.
    const MOST: usize = 1 << 20;
    let mut parts = text.trim().split('-');
    if parts.next()? != VERSION {
        return None;
    }
    let (preemptions, rest) = parts.next()?.strip_prefix('p')?.split_once('d')?;
    let (deaths, rest) = rest.split_once('s')?;
    let (stale, rest) = rest.split_once('e')?;
    let (early, ahead) = rest.split_once('a')?;
    let bound = |text: &str| match text {
        "n" => Some(None),
        "u" => Some(Some(ANY)),
        number => number.parse().ok().map(Some),
    };
    let bounds = Bounds {
        preemptions: bound(preemptions)?,
        deaths: deaths.parse().ok()?,
        stale: bound(stale)?,
        early: early.parse().ok()?,
        ahead: ahead.parse().ok()?,
    };
    let fingerprint = u64::from_str_radix(parts.next()?, 16).ok()?;
    let mut path = Vec::new();
    for choice in parts.next()?.split('.').filter(|choice| !choice.is_empty()) {
        let (chosen, rest) = choice.split_once("of")?;
        let (options, count) = rest.split_once('x').unwrap_or((rest, "1"));
        let choice = Choice { chosen: chosen.parse().ok()?, options: options.parse().ok()? };
        let count: usize = count.parse().ok()?;
        if choice.chosen >= choice.options || path.len() + count > MOST {
            return None;
        }
        path.extend(std::iter::repeat_n(choice, count));
    }
    parts.next().is_none().then_some(Schedule { fingerprint, bounds, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_read_as_it_was_written() {
        let choice = |chosen, options| Choice { chosen, options };
        let schedule = Schedule {
            fingerprint: 0x9f3a,
            bounds: Bounds { preemptions: None, deaths: 2, stale: Some(ANY), early: 0, ahead: 0 },
            path: vec![choice(0, 2), choice(0, 2), choice(3, 4)],
        };
        let text = schedule.to_string();
        assert_eq!(text, "c1-pnd2sue0a0-0000000000009f3a-0of2x2.3of4");
        assert_eq!(text.parse(), Ok(schedule));
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "",
            "c1",
            "c2-p0d0s0e0a0-00-",
            "c1-p0d0s0e0a0-00-2of2",
            "c1-p0d0s0e0a0-00-0of2x99999999999",
            "c1-p0d0s0e0a0-0-0of2-",
        ] {
            assert_eq!(text.parse::<Schedule>(), Err(ScheduleError::Unreadable), "{text}");
        }
    }
}
