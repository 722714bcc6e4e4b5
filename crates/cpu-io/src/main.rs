//! Processes, threads or neither, for CPU-bound and I/O-bound work. The lesson is in the library.

fn main() -> std::process::ExitCode {
    common::cli::main::<cpu_io::Options>()
}
