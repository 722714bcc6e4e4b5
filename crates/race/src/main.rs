//! 180 threads, one counter: what protects it? The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<race::Options>()
}
