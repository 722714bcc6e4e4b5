//! The answer of a command, and what is undone if the user cannot learn of it.

use std::fmt;

use super::Stage;
use crate::error::Error;
use crate::words::Text;

crate::words! {
    fn not_undone(lost, failed) {
        en: "{lost}, and what was done is not undone: {failed}", zh: "{lost},而已经做的没有撤销:{failed}"
    }
}

/// Undoes what an answer tells of, if the answer cannot be written.
pub(super) struct TakeBack(Box<dyn FnOnce() -> Result<(), Error>>);

impl Stage {
    /// Says what came of an act for a user, and undoes the act by `take_back` if the user cannot learn of it: the
    /// line cannot be written, or, where standard output has the report alone, the report.
    ///
    /// # Errors
    ///
    /// As [`Actor::say`](crate::actor::Actor::say). The act is undone, or the error says why it is not.
    #[track_caller]
    pub fn answer(
        &mut self,
        text: impl Into<Text>,
        take_back: impl FnOnce() -> Result<(), Error> + 'static,
    ) -> Result<(), Error> {
        let take_back = TakeBack(Box::new(take_back));
        match self.say(text) {
            Err(lost) => return Err(TakeBack::after(Some(take_back), lost)),
            Ok(()) if self.run.view.is_report_alone() => self.unanswered = Some(take_back),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Ends a run that has no report, because of `error`, which is returned.
    pub(crate) fn fail(mut self, error: Error) -> Error {
        TakeBack::after(self.unanswered.take(), error)
    }
}

impl TakeBack {
    /// Undoes the act, if there is one, after its answer was `lost`.
    pub(super) fn after(act: Option<Self>, lost: Error) -> Error {
        match act.map_or(Ok(()), |act| (act.0)()) {
            Ok(()) => lost,
            Err(failed) => {
                Error::Relayed { message: not_undone(Text::from(&lost), Text::from(&failed)), code: lost.code() }
            }
        }
    }
}

impl fmt::Debug for TakeBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TakeBack")
    }
}
