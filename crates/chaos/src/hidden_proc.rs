//! Workers that see neither `/proc` nor any file: what they know of each other the kernel must tell them otherwise.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::Error;
use common::shared::Shared;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, chroot, geteuid};

/// An empty folder that workers take for the root of all files.
#[derive(Debug)]
pub(crate) struct HiddenProc {
    folder: PathBuf,
    /// Whether the workers of this round enter it. Not shared: it is set before they are started.
    is_on: AtomicBool,
    entered: Shared<AtomicU64>,
}

impl HiddenProc {
    /// Makes the empty folder below `folder`.
    pub(crate) fn new(folder: &Path) -> Result<Self, Error> {
        let folder = folder.join("empty");
        fs::create_dir(&folder).map_err(|source| Error::refused("make", folder.display(), source))?;
        Ok(Self { folder, is_on: AtomicBool::new(false), entered: Shared::new(AtomicU64::new(0))? })
    }

    /// The workers of this round enter it, or not.
    pub(crate) fn set(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::Relaxed);
    }

    /// In a worker: enters it, if this round hides `/proc` and the system lets this user.
    pub(crate) fn enter(&self) {
        let may = || geteuid().is_root() || unshare(CloneFlags::CLONE_NEWUSER).is_ok();
        if self.is_on.load(Ordering::Relaxed) && may() && chroot(&self.folder).is_ok() && chdir("/").is_ok() {
            self.entered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many workers entered it.
    pub(crate) fn entered(&self) -> u64 {
        self.entered.load(Ordering::Relaxed)
    }
}
