//! Our primitives beside their peers. The library measures.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    bench::main()
}
