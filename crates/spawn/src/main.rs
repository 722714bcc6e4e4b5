//! Start, name and wait for processes. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<spawn::Options>()
}
