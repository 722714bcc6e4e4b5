//! How far the tour is: a bar on standard error if somebody watches, else a line as each section
//! begins and ends. Below the bar stand the lanes of the section that runs.

use std::time::Instant;

use common::lang::Lang;
use common::{Error, view};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::capture::Transcript;
use crate::live::Live;
use crate::status::Ran;
use crate::table::verdict_of;

/// As its template says.
const BAR_COLUMNS: usize = 12;

/// How far the tour is.
pub(crate) struct Progress {
    lang: Lang,
    how: How,
}

enum How {
    /// Drawn when it is told to: a thread that draws by itself would forbid the forks.
    Bar(ProgressBar, Live),
    Lines,
    /// Standard output is for a program.
    Silent,
}

impl Progress {
    /// `narrates`: whether lines may stand on standard output.
    pub(crate) fn new(lang: Lang, sections: usize, narrates: Narrates) -> Self {
        let bar = ProgressBar::with_draw_target(Some(sections as u64), ProgressDrawTarget::stderr());
        let how = match narrates {
            // Hidden, too, on a terminal that cannot draw over what it has drawn.
            _ if !bar.is_hidden() => {
                let style = ProgressStyle::with_template("{bar:12} {pos}/{len} {msg}");
                let bar = bar.with_finish(ProgressFinish::AndClear);
                let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                How::Bar(bar, Live::new())
            }
            Narrates::Yes => How::Lines,
            Narrates::No => How::Silent,
        };
        Self { lang, how }
    }

    /// A section begins.
    pub(crate) fn begins(&mut self, section: &str) -> Result<(), Error> {
        match &mut self.how {
            How::Bar(bar, live) => {
                *live = Live::new();
                bar.set_message(section.to_owned());
            }
            How::Lines => view::write_line(&format!("── {section}"))?,
            How::Silent => {}
        }
        Ok(())
    }

    /// It goes on. Returns when to be told so again, if what is to be seen now must wait: each
    /// picture costs as much as the scene is long, and nobody sees more than some in a second.
    pub(crate) fn goes_on(&mut self, section: &str, transcript: &Transcript) -> Option<Instant> {
        let lang = self.lang();
        let Transcript { scene, held, claims, events, .. } = transcript;
        let How::Bar(bar, live) = &mut self.how else { return None };
        if scene.is_empty() {
            return None; // nothing is known yet but its name
        }
        if let Some(later) = live.is_early() {
            return Some(later);
        }
        let message = match lang {
            Lang::En => format!("{section}, {scene}: {held} of {claims} claims held"),
            Lang::Zh => format!("{section},{scene}:{claims} 条断言中 {held} 条成立"),
        };
        let beside = BAR_COLUMNS + format!(" {0}/{0} ", bar.length().unwrap_or(0)).len();
        bar.set_message(live.draw(&message, beside, events, common::terminal::progress_room()));
        None
    }

    /// It has ended.
    pub(crate) fn ended(&mut self, section: &str, ran: &Ran) -> Result<(), Error> {
        match &self.how {
            How::Bar(bar, _) => {
                bar.set_message("");
                bar.inc(1);
                bar.force_draw(); // its lanes go with it
            }
            How::Lines => {
                let (verdict, seconds) = (verdict_of(self.lang, ran), ran.elapsed.as_secs_f64());
                view::write_line(&format!("   {section}: {verdict}, {seconds:.2} s"))?;
            }
            How::Silent => {}
        }
        Ok(())
    }

    fn lang(&self) -> Lang {
        self.lang
    }
}

/// Whether standard output is for people, who want to read how it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Narrates {
    Yes,
    No,
}
