//! How far the tour is: a bar on standard error if somebody watches, else a line as each section
//! begins and ends.

use common::lang::Lang;
use common::{Error, text, view};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::outcome::Ran;
use crate::table::verdict_of;
use crate::transcript::Transcript;

/// How far the tour is.
pub(crate) struct Progress {
    lang: Lang,
    how: How,
}

enum How {
    /// Drawn when it is told to: a thread that draws by itself would forbid the forks.
    Bar(ProgressBar),
    Lines,
    /// Standard output is for a program.
    Silent,
}

impl Progress {
    /// `narrates`: whether lines may stand on standard output.
    pub(crate) fn new(lang: Lang, sections: usize, narrates: Narrates) -> Self {
        let how = match narrates {
            _ if view::progress_is_watched() => {
                let bar = ProgressBar::with_draw_target(Some(sections as u64), ProgressDrawTarget::stderr());
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
                let bar = bar.with_finish(ProgressFinish::AndClear);
                How::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
            }
            Narrates::Yes => How::Lines,
            Narrates::No => How::Silent,
        };
        Self { lang, how }
    }

    /// A section begins.
    pub(crate) fn begins(&self, section: &str) -> Result<(), Error> {
        match &self.how {
            How::Bar(bar) => bar.set_message(section.to_owned()),
            How::Lines => view::write_line(&format!("── {section}"))?,
            How::Silent => {}
        }
        Ok(())
    }

    /// It goes on.
    pub(crate) fn goes_on(&self, section: &str, transcript: &Transcript) {
        if let How::Bar(bar) = &self.how {
            let Transcript { scene, held, claims, .. } = transcript;
            if scene.is_empty() {
                return; // nothing is known yet but its name
            }
            let message = text!(
                self,
                "{section}, {scene}: {held} of {claims} claims held",
                "{section},{scene}:{claims} 条断言中 {held} 条成立"
            );
            bar.set_message(message);
        }
    }

    /// It has ended.
    pub(crate) fn ended(&self, section: &str, ran: &Ran) -> Result<(), Error> {
        match &self.how {
            How::Bar(bar) => bar.inc(1),
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
