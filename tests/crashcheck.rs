//! The model checker's own truth: what C++20 allows is found, and what it forbids is not.

#[path = "crashcheck/algorithms.rs"]
mod algorithms;
#[path = "crashcheck/deaths.rs"]
mod deaths;
#[path = "crashcheck/litmus.rs"]
mod litmus;
#[path = "crashcheck/misuse.rs"]
mod misuse;
#[path = "crashcheck/outcomes.rs"]
mod outcomes;
#[path = "crashcheck/pictures.rs"]
mod pictures;
#[path = "crashcheck/remembering.rs"]
mod remembering;
#[path = "crashcheck/sampling.rs"]
mod sampling;
