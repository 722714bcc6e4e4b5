//! First in, first out: between threads, then between processes. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<ipc_queue::Options>()
}
