//! Tells the bench which compiler builds it: a figure is worth little without.

use std::env;
use std::io::{self, Write};
use std::process::Command;

fn main() -> io::Result<()> {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).arg("--version").output()?;
    let version = String::from_utf8_lossy(&output.stdout);
    let mut cargo = io::stdout();
    writeln!(cargo, "cargo::rustc-env=BENCH_RUSTC={}", version.trim())?;
    writeln!(cargo, "cargo::rerun-if-changed=build.rs")
}
