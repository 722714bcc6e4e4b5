//! A disk that is nearly full, for programs that must say so.

use std::path::Path;
use std::process::Command;

use crate::open_folder;

/// Runs a shell script on an empty disk of 16 KiB of its own: it is where the script begins, and gone
/// when the script ends. `paths` are its `$1`, `$2` and so on. Returns what it printed, and what its
/// programs complained about.
///
/// `None`: this system allows no disk of one's own, and that was said.
///
/// # Panics
///
/// If `CI` is set and there is no such disk.
#[must_use]
pub fn on_a_small_disk(script: &str, paths: &[&Path]) -> Option<(String, String)> {
    let folder = open_folder();
    // In a mount namespace of its own, so that the small disk is gone with the last process on it.
    let script =
        format!("mount -t tmpfs -o size=16k tmpfs \"$1\" && cd \"$1\" || exit 77\nshift\necho mounted\n{script}");
    // As root; as an ordinary user who may have a namespace; as one who may become root.
    let ways: [&[&str]; 3] =
        [&["unshare", "--mount"], &["unshare", "--mount", "--map-root-user"], &["sudo", "-n", "unshare", "--mount"]];
    let run = ways.iter().find_map(|way| {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["sh", "-c", &script, "sh"]).arg(folder.path()).args(paths);
        let run = command.env("LC_ALL", "C.UTF-8").output().ok()?;
        let printed = String::from_utf8_lossy(&run.stdout).strip_prefix("mounted\n")?.to_owned();
        Some((printed, String::from_utf8_lossy(&run.stderr).into_owned()))
    });
    if run.is_none() {
        assert!(std::env::var_os("CI").is_none(), "in CI a small disk must be possible");
        eprintln!("skipped: this system allows no disk of one's own");
    }
    run
}
