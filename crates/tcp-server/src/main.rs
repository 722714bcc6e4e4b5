//! An upper-casing echo server, a thread per connection. The lesson is in the library.

fn main() -> std::process::ExitCode {
    common::cli::main::<tcp_server::Options>()
}
