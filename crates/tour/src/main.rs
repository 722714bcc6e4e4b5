//! The front door. The running and the table are in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    tour::main()
}
