//! What a run is set to.

use crate::lang::Lang;
use crate::pace::Speed;
use crate::view::Format;

/// What a run is set to. A section's options decide it for a section, and a tool for itself.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The language of everything that is said and claimed.
    pub lang: Lang,
    /// The divisor of every delay; [`Speed::INFINITE`] where there are no delays.
    pub speed: Speed,
    /// The source of all random numbers.
    pub seed: u64,
    /// The form of standard output.
    pub format: Format,
    /// Text output is what the actors say, without claims, figures and verdict: the answer of a command.
    pub bare: bool,
}
