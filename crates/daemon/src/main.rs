//! A child that must not outlive its parent. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<daemon::Options>()
}
