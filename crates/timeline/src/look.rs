//! What a terminal can show.

/// For what kind of terminal a picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How many columns it may take.
    pub columns: usize,
    /// The sixteen colours, or no escape sequence at all.
    pub colour: bool,
    /// Letters and signs that every terminal has.
    pub ascii: bool,
}
