//! Predict, then run: a question that the reader answers first, the command that answers it, and where.

use std::fmt;

use crate::lang::Lang;
use crate::words::Text;

crate::words! {
    pub(super) fn predict_then_run() { en: "Predict, then run:", zh: "先预测,再运行:" }
    fn figure(name) { en: "the figure “{name}”", zh: "数字“{name}”" }
    fn cell(subject, measure) {
        en: "in the table, the {measure} of “{subject}”", zh: "表格里“{subject}”的{measure}"
    }
    fn check(claim) { en: "the check “{claim}”", zh: "断言“{claim}”" }
    fn seen(scene, places) { en: "the answer, in the scene {scene}: {places}", zh: "答案在 {scene} 一幕里:{places}" }
    fn both(one, other) { en: "{one}, and {other}", zh: "{one},{other}" }
    fn compared(subject, measure) { en: "{subject}, {measure}", zh: "{subject},{measure}" }
}

/// A question to a reader of a section's help or page, and the run that answers it.
#[derive(Clone, Copy)]
pub struct Prediction {
    /// What the reader shall predict.
    pub question: fn() -> Text,
    /// What to run: the program's name and its arguments.
    pub command: &'static [&'static str],
    /// The scene whose report has the answer.
    pub scene: &'static str,
    /// Where in it.
    pub answers: &'static [Answer],
}

/// A place in the report of a scene.
#[derive(Clone, Copy)]
pub enum Answer {
    /// The figure of this name.
    Figure(fn() -> Text),
    /// The figure that stands beside others in a table: of a subject, what was measured.
    Compared(fn() -> Text, fn() -> Text),
    /// The check of this claim.
    Check(fn() -> Text),
}

impl Prediction {
    /// The command as it is typed.
    #[must_use]
    pub fn typed(&self) -> String {
        let quoted =
            |argument: &&str| if argument.contains(' ') { format!("'{argument}'") } else { (*argument).to_owned() };
        self.command.iter().map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// Where the answer is seen, in words.
    #[must_use]
    pub fn seen(&self) -> Text {
        let places = self.answers.iter().map(Answer::in_words).reduce(both);
        places.map_or_else(|| self.scene.into(), |places| seen(self.scene, places))
    }

    /// Its three lines.
    pub(super) fn lines(&self, lang: Lang) -> [String; 3] {
        [(self.question)().in_lang(lang), self.typed(), self.seen().in_lang(lang)]
    }
}

impl Answer {
    /// The name of the figure in the report's JSON, or the key of the check.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Figure(name) => name().name(),
            Self::Compared(subject, measure) => format!("{}, {}", subject().name(), measure().name()),
            Self::Check(claim) => claim().key().unwrap_or_default().to_owned(),
        }
    }

    /// What it is called, as a run prints it.
    #[must_use]
    pub fn words(&self) -> Text {
        match self {
            Self::Figure(name) => name(),
            Self::Compared(subject, measure) => compared(subject(), measure()),
            Self::Check(claim) => claim(),
        }
    }

    fn in_words(&self) -> Text {
        match self {
            Self::Figure(name) => figure(name()),
            Self::Compared(subject, measure) => cell(subject(), measure()),
            Self::Check(claim) => check(claim()),
        }
    }

    /// Where the name is, in the report of a scene.
    #[must_use]
    pub fn list(&self) -> &'static str {
        match self {
            Self::Figure(_) | Self::Compared(..) => "figures",
            Self::Check(_) => "checks",
        }
    }
}

impl fmt::Debug for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prediction").field("command", &self.typed()).field("scene", &self.scene).finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.list(), self.name())
    }
}
