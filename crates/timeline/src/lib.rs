//! A run's journal as lanes, one an actor, and the lanes drawn.
//!
//! - [`lanes`]: the one reading of the journal that all pictures share
//! - [`terminal`]: the lanes in a terminal; [`svg`]: as an image; [`trace`]: for Perfetto
//! - [`bars`]: a distribution in a terminal; [`sequence`]: steps of several actors as an image, one after the other
//! - [`words`]: what states, spans and marks are called, in each language
//! - [`foreign`]: text from outside, as a line may show it
//! - [`look`], [`text`], [`numbers`]: what a terminal can show, text in columns, numbers for people
//!
//! It knows the journal's lines and nothing else, so the record of a run that was killed can be read as
//! well as that of one that ended, and a picture can be drawn by another program than the one that ran.
#![forbid(unsafe_code)]

pub mod bars;
pub mod foreign;
pub mod lanes;
pub mod look;
pub mod numbers;
pub mod sequence;
pub mod svg;
pub mod terminal;
pub mod text;
pub mod trace;
mod units;
pub mod words;

pub use look::Look;
pub use terminal::{draw, draw_current};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
