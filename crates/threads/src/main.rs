//! Thread or process: start, cost, and which memory is shared. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<threads::Options>()
}
