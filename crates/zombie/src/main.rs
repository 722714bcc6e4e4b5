//! Zombies and orphans, seen in /proc, and their cures. The lesson is in the library.

fn main() -> std::process::ExitCode {
    common::cli::main::<zombie::Options>()
}
