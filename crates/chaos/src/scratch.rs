//! A folder that is gone after the run, however the run ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::process::{Child, Process};
use common::{Error, interrupt};
use tempfile::TempDir;

/// A file system in memory, where there is one: so no disk has a say in how long an operation takes.
const MEMORY: &str = "/dev/shm";
/// How often the janitor tries: whoever dies with the run may make a last file meanwhile.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
const FOREVER: Duration = Duration::from_hours(24);

/// A folder, and a process that removes it if this one is killed.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    janitor: Child,
}

impl Scratch {
    pub(crate) fn new() -> Result<Self, Error> {
        let in_memory = tempfile::Builder::new().prefix("chaos-").tempdir_in(MEMORY);
        let folder = in_memory.or_else(|_| tempfile::tempdir());
        let folder = folder.map_err(|source| Error::refused("make", "a temporary folder", source))?;
        let path = folder.path().to_path_buf();
        // Untied: it is there for the case that this process is no more.
        let janitor = Process::new("janitor", move || clean_up_after_main(&path)).start()?;
        Ok(Self { folder, janitor })
    }

    /// A new folder in it.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.folder.path().join(name);
        fs::create_dir(&path).map_err(|source| Error::refused("make", path.display(), source))?;
        Ok(path)
    }
}

/// Waits for the end of the main process, or of its run: both end every sleep.
fn clean_up_after_main(folder: &Path) {
    while interrupt::sleep(FOREVER).is_ok() {}
    for _ in 0..TRIES {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        // Without listening any more to the request that was heeded.
        std::thread::park_timeout(PAUSE);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The folder goes with this value: nobody else need do it.
        let _ = self.janitor.kill();
    }
}
