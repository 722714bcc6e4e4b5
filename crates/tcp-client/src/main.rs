//! The client of the echo server. The lesson is in the library.

fn main() -> std::process::ExitCode {
    common::cli::main::<tcp_client::Options>()
}
