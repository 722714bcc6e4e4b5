//! Two cooks, two eaters and a joinable queue. The lesson is in the library.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    common::cli::main::<prod_cons::Options>()
}
