//! Processes, threads or neither, for CPU-bound and I/O-bound work. The library has the lesson.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<cpu_io::Options>()
}
