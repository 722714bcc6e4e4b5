//! Kills processes at every instant and every crash point, and counts what is lost. The library does the work.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    chaos::main()
}
