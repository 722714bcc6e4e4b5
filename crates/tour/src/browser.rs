//! The user's browser.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::Error;
use nix::unistd::{AccessFlags, access};

use crate::words;

/// Finds a program that shows a page: the first one in `BROWSER` (which may name several, with colons
/// between) that can be run, else `xdg-open`.
///
/// # Errors
///
/// [`Error::Usage`] if there is none.
pub(crate) fn find() -> Result<PathBuf, Error> {
    let named = env::var_os("BROWSER").unwrap_or_default();
    let named = env::split_paths(&named).filter(|name| !name.as_os_str().is_empty());
    let found = named.chain([PathBuf::from("xdg-open")]).find_map(|name| program(&name));
    found.ok_or_else(|| Error::Usage(words::no_browser()))
}

/// Starts a browser that outlives this process.
///
/// # Errors
///
/// What the system refuses.
pub(crate) fn show(browser: &Path, page: &Path) -> Result<(), Error> {
    let mut command = Command::new(browser);
    command.arg(page).process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop).map_err(|source| Error::refused("start", browser.display(), source))
}

/// Where a program is: at its own path, or in a folder of `PATH`.
fn program(name: &Path) -> Option<PathBuf> {
    let can_run = |path: &PathBuf| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if name.components().count() > 1 {
        return Some(name.to_path_buf()).filter(can_run);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).map(|folder| folder.join(name)).find(can_run)
}
