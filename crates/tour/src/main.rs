//! The front door. The running and the table are in the library.

fn main() -> std::process::ExitCode {
    tour::main()
}
