//! What stands for what: one column wide, told apart without colour.

use anstyle::{AnsiColor, Style};

use journal::{Lang, Mark};

use crate::lanes::{State, What};
use crate::words::{self, Sign};

pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();

/// A sign with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    State(State),
    Said,
    /// It read a number from a file.
    Read,
    /// It wrote one there.
    Write,
    Birth,
    End,
    /// It got a lock or a delivery that another actor had.
    Handover,
    Redelivered,
    OwnerDied,
    DeadLetter,
    Other,
    Death,
}

impl Glyph {
    /// In the order of a legend, and of what may be drawn over what: later over earlier.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let states = State::ALL.into_iter().map(Self::State);
        states.chain([
            Self::Said,
            Self::Read,
            Self::Write,
            Self::Birth,
            Self::End,
            Self::Other,
            Self::Handover,
            Self::OwnerDied,
            Self::Redelivered,
            Self::DeadLetter,
            Self::Death,
        ])
    }

    pub(super) fn of(what: &What) -> Self {
        match what {
            What::Said => Self::Said,
            What::Marked(Mark::HandedOver) => Self::Handover,
            What::Marked(Mark::Redelivered) => Self::Redelivered,
            What::Marked(Mark::DeadLetter) => Self::DeadLetter,
            What::Marked(Mark::OwnerDied) => Self::OwnerDied,
            What::Marked(Mark::Read) => Self::Read,
            What::Marked(Mark::Write) => Self::Write,
            What::Marked(Mark::Exits | Mark::Accepted | Mark::Closed | Mark::Scaffold | Mark::RecordFull)
            | What::Unknown(_) => Self::Other,
        }
    }

    pub(super) fn letter(self, ascii: bool) -> char {
        let (letter, plain) = match self {
            Self::State(State::Running) => ('─', '-'),
            Self::State(State::Sleeping) => ('·', '.'),
            Self::State(State::Waiting) => ('░', ':'),
            Self::State(State::Joining) => ('┊', 'j'),
            Self::State(State::Holding) => ('█', '#'),
            Self::State(State::HoldingAsleep) => ('▓', '='),
            Self::State(State::Working) => ('▆', 'W'),
            Self::State(State::WorkingAsleep) => ('▂', 'w'),
            Self::State(State::Zombie) => ('╌', 'z'),
            Self::Said => ('┬', '\''),
            Self::Read => ('↓', 'v'),
            Self::Write => ('↑', '^'),
            Self::Birth => ('├', '['),
            Self::End => ('┤', ']'),
            Self::Handover => ('▶', '>'),
            Self::Redelivered => ('↺', '@'),
            Self::OwnerDied => ('!', '!'),
            Self::DeadLetter => ('⊘', '?'),
            Self::Other => ('◆', '*'),
            Self::Death => ('✗', 'X'),
        };
        if ascii { plain } else { letter }
    }

    pub(super) fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::State(state) => words::state(state, lang),
            Self::Said => words::sign(Sign::Says, lang),
            Self::Read => words::mark(Mark::Read, lang),
            Self::Write => words::mark(Mark::Write, lang),
            Self::Birth => words::sign(Sign::Begins, lang),
            Self::End => words::sign(Sign::Ends, lang),
            Self::Handover => words::sign(Sign::Gets, lang),
            Self::Redelivered => words::mark(Mark::Redelivered, lang),
            Self::OwnerDied => words::mark(Mark::OwnerDied, lang),
            Self::DeadLetter => words::mark(Mark::DeadLetter, lang),
            Self::Other => words::sign(Sign::Mark, lang),
            Self::Death => words::sign(Sign::Dies, lang),
        }
    }

    /// One of the sixteen colours, which a user's terminal keeps readable on its own background.
    pub(super) fn style(self) -> Style {
        match self {
            Self::State(State::Running) | Self::Said | Self::Birth | Self::End => Style::new(),
            Self::State(State::Sleeping | State::Zombie) => DIM,
            Self::State(State::Waiting | State::Joining) => AnsiColor::Yellow.on_default(),
            Self::State(State::Holding | State::HoldingAsleep) => AnsiColor::Green.on_default(),
            Self::State(State::Working | State::WorkingAsleep) => AnsiColor::Cyan.on_default(),
            Self::Handover => AnsiColor::Green.on_default().bold(),
            Self::Read | Self::Write => AnsiColor::Blue.on_default(),
            Self::Redelivered | Self::OwnerDied | Self::Other => AnsiColor::Magenta.on_default().bold(),
            Self::DeadLetter | Self::Death => AnsiColor::Red.on_default().bold(),
        }
    }
}
