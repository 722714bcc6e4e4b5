//! Eight buyers, five tickets, one file: with and without the lock. The lesson is in the library.

fn main() -> std::process::ExitCode {
    common::cli::main::<ticket_mutex::Options>()
}
