//! Zombies and orphans, seen in /proc, and their cures. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<zombie::Options>()
}
