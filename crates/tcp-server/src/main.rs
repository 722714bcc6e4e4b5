//! An upper-casing echo server, a thread per connection. The library has the lesson.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<tcp_server::Options>()
}
