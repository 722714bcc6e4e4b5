//! Our primitives beside their peers. The measuring is in the library.

fn main() -> std::process::ExitCode {
    bench::main()
}
