//! Our primitives beside their peers. The library measures.

fn main() -> std::process::ExitCode {
    bench::main()
}
