//! Eight buyers, five tickets, one file: with and without the lock. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<ticket_mutex::Options>()
}
