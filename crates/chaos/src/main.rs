//! Kills processes at every instant and every step, and counts what is lost. The plot is in the library.

fn main() -> std::process::ExitCode {
    common::cli::main::<chaos::Options>()
}
