//! How far the tour is: on a terminal a bar with the lanes of the section that runs below it,
//! elsewhere a line as each section begins and ends.

use std::time::Instant;

use common::lang::Lang;
use common::progress::ProgressBar;
use common::{Error, terminal, view};

use crate::capture::Capture;
use crate::live::Live;
use crate::status::RunResult;
use crate::table::verdict_of;
use crate::words;

/// The first line is blank: a typed Ctrl-C shows as `^C` and moves the cursor to the next line, so that what is erased
/// begins a line too low.
const TEMPLATE: &str = "\n{bar:12} {pos}/{len} {msg}";
/// As the template says.
const BAR_COLUMNS: usize = 12;

/// How far the tour is.
pub(crate) struct Progress {
    lang: Lang,
    view: View,
}

enum View {
    Bar(ProgressBar, Live),
    Lines,
    Nothing,
}

/// Whether the progress may print lines on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Narration {
    /// Standard output is for people.
    Lines,
    /// Standard output is for a program.
    Nothing,
}

impl Progress {
    pub(crate) fn new(lang: Lang, sections: usize, narration: Narration) -> Self {
        let bar = ProgressBar::new(sections as u64, TEMPLATE);
        let view = match narration {
            _ if !bar.is_hidden() => View::Bar(bar, Live::new()),
            Narration::Lines => View::Lines,
            Narration::Nothing => View::Nothing,
        };
        Self { lang, view }
    }

    /// A section begins.
    pub(crate) fn begins(&mut self, section: &str) -> Result<(), Error> {
        match &mut self.view {
            View::Bar(bar, live) => {
                *live = Live::new();
                bar.set_message(section.to_owned());
            }
            View::Lines => view::write_line(&format!("── {section}"))?,
            View::Nothing => {}
        }
        Ok(())
    }

    /// The section goes on. Returns when to call this again, if it is too early for the next picture:
    /// the cost of a picture grows with its scene, and a reader sees no more than a few a second.
    pub(crate) fn goes_on(&mut self, section: &str, capture: &Capture) -> Option<Instant> {
        let Capture { scene, held, claims, events, .. } = capture;
        let View::Bar(bar, live) = &mut self.view else { return None };
        if scene.is_empty() {
            return None; // the message is the section's name until its first scene
        }
        if let Some(later) = live.is_early() {
            return Some(later);
        }
        let message = match claims {
            0 => words::scene_without_claims(section, scene),
            _ => words::scene(section, scene, *held, *claims),
        };
        let message = message.in_lang(self.lang);
        let beside = BAR_COLUMNS + format!(" {0}/{0} ", bar.length()).len();
        bar.set_message(live.draw(&message, beside, events, terminal::progress_room()));
        None
    }

    /// The section has ended.
    pub(crate) fn ended(&mut self, section: &str, result: &RunResult) -> Result<(), Error> {
        match &self.view {
            View::Bar(bar, _) => {
                bar.set_message("");
                bar.advance();
                bar.redraw(); // its lanes go with it
            }
            View::Lines => {
                let (verdict, seconds) = (verdict_of(self.lang, result), result.elapsed.as_secs_f64());
                view::write_line(&words::section_ended(section, verdict, seconds).in_lang(self.lang))?;
            }
            View::Nothing => {}
        }
        Ok(())
    }
}
