//! What a run is set to.

use rand::TryRng;
use rand::rngs::SysRng;

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

/// Seeds that a person can type again are below this.
const SEEDS: u64 = 1_000_000;

/// A seed for a run that was given none: random, and short enough to be typed again.
#[must_use]
pub fn any_seed() -> u64 {
    // A system without random numbers still runs the lessons: they are what they are with every seed.
    SysRng.try_next_u64().unwrap_or_default() % SEEDS
}
