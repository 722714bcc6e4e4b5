//! What stands for what: one column wide, told apart without colour.

use anstyle::{AnsiColor, Style};

use crate::lanes::{State, What};
use crate::lang::Lang;

pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();

/// A sign with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    State(State),
    Said,
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
            What::Redelivered => Self::Redelivered,
            What::DeadLetter => Self::DeadLetter,
            What::OwnerDied => Self::OwnerDied,
            What::Other(name) if name == "handed over" => Self::Handover,
            What::Other(_) => Self::Other,
        }
    }

    pub(super) fn letter(self, ascii: bool) -> char {
        let (letter, plain) = match self {
            Self::State(State::Running) => ('─', '-'),
            Self::State(State::Sleeping) => ('·', '.'),
            Self::State(State::Waiting) => ('░', ':'),
            Self::State(State::Holding) => ('█', '#'),
            Self::State(State::HoldingAsleep) => ('▓', '='),
            Self::State(State::Working) => ('▆', 'W'),
            Self::State(State::WorkingAsleep) => ('▂', 'w'),
            Self::State(State::Zombie) => ('╌', 'z'),
            Self::Said => ('┬', '\''),
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
        let (en, zh) = match self {
            Self::State(state) => return state.words(lang),
            Self::Said => ("says", "说话"),
            Self::Birth => ("begins", "开始"),
            Self::End => ("ends", "结束"),
            Self::Handover => ("gets it from another", "从别人手中接过"),
            Self::Redelivered => ("redelivered", "重新投递"),
            Self::OwnerDied => ("last owner died", "前持有者已死"),
            Self::DeadLetter => ("dead letter", "死信"),
            Self::Other => ("mark", "标记"),
            Self::Death => ("dies", "死亡"),
        };
        if lang == Lang::En { en } else { zh }
    }

    /// One of the sixteen colours, which a user's terminal keeps readable on its own background.
    pub(super) fn style(self) -> Style {
        match self {
            Self::State(State::Running) | Self::Said | Self::Birth | Self::End => Style::new(),
            Self::State(State::Sleeping | State::Zombie) => DIM,
            Self::State(State::Waiting) => AnsiColor::Yellow.on_default(),
            Self::State(State::Holding | State::HoldingAsleep) => AnsiColor::Green.on_default(),
            Self::State(State::Working | State::WorkingAsleep) => AnsiColor::Cyan.on_default(),
            Self::Handover => AnsiColor::Green.on_default().bold(),
            Self::Redelivered | Self::OwnerDied | Self::Other => AnsiColor::Magenta.on_default().bold(),
            Self::DeadLetter | Self::Death => AnsiColor::Red.on_default().bold(),
        }
    }
}
