//! The client of the echo server. The library has the lesson.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<tcp_client::Options>()
}
