//! A folder that a run leaves to its user: the whole of it, or nothing.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::close;

use crate::error::{Error, cause};
use crate::scratch::Scratch;
use crate::whole_file::{Draft, words};
use crate::words::Text;

/// Where a folder will be, looked at beforehand.
///
/// ```
/// use common::whole_folder::WholeFolder;
///
/// let place = tempfile::tempdir()?;
/// let path = place.path().join("pages");
/// let folder = WholeFolder::prepare(&path)?;
/// folder.write(|draft| draft.file("index.html", "whole"))?;
/// assert_eq!(std::fs::read(path.join("index.html"))?, b"whole");
/// assert!(WholeFolder::prepare(&path).is_err(), "it is not empty any more");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WholeFolder {
    /// As the user named it, for messages.
    named: PathBuf,
    path: PathBuf,
}

impl WholeFolder {
    /// Refuses a place where no new folder can be. An empty folder that is there already is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::Input`]: there is a file, or a folder with something in it, or no folder can be made.
    pub fn prepare(named: &Path) -> Result<Self, Error> {
        let refused = |cause: Text| Err(Error::input("write", named.display(), cause));
        let path = match fs::canonicalize(named) {
            Ok(path) => path,
            Err(error) if error.kind() != ErrorKind::NotFound => return refused(cause(&error)),
            Err(_) if fs::symlink_metadata(named).is_ok() => return refused(words::leads_nowhere()),
            Err(_) => named.to_path_buf(),
        };
        let Some(name) = path.file_name() else { return refused(words::names_no_new_folder()) };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Ok(folder) = fs::canonicalize(parent) else {
            return refused(words::no_folder(parent.display()));
        };
        if path.exists() {
            if !path.is_dir() {
                return refused(words::is_no_folder());
            }
            match fs::read_dir(&path).map(|mut entries| entries.next().is_none()) {
                Ok(true) => {}
                Ok(false) => return refused(words::is_not_empty()),
                Err(error) => return refused(cause(&error)),
            }
            // A folder that is replaced is another one for the programs that are in it.
            let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
            if std::env::current_dir().is_ok_and(|here| here == path) || device(&path) != device(&folder) {
                return refused(words::is_in_use());
            }
        }
        let path = folder.join(name);
        // Only making something says whether it can be made; this has no name, and is gone at once.
        match Draft::new(&path) {
            Ok(_) => Ok(Self { named: named.to_path_buf(), path }),
            Err(error) => refused(words::no_folder_can_be_made(parent.display(), cause(&error))),
        }
    }

    /// Lets `fill` add its files beside its place, and moves it there when it is whole and on the disk.
    ///
    /// Another process removes what is there if this one is killed meanwhile: [`Scratch`], whose limits are these, too.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: what `fill` returns, or what the system refuses. Then there is no folder.
    pub fn write(&self, fill: impl FnOnce(&FolderDraft) -> io::Result<()>) -> Result<(), Error> {
        let scratch = Scratch::beside(&self.path)?;
        // One with the usual rights: the other one is closed to other users.
        let draft = FolderDraft(scratch.path().join("folder"));
        let written = fs::create_dir(&draft.0).and_then(|()| fill(&draft)).and_then(|()| sync(&draft.0));
        let moved = written.and_then(|()| fs::rename(&draft.0, &self.path));
        moved.map_err(|source| Error::refused("write", self.named.display(), source))
    }

    /// The folder, as the user named it.
    #[must_use]
    pub fn named(&self) -> &Path {
        &self.named
    }
}

/// A folder that is not whole yet.
#[derive(Debug)]
pub struct FolderDraft(PathBuf);

impl FolderDraft {
    /// Adds a file, and the folders on the way to it. `name` begins at the folder.
    ///
    /// Unlike [`fs::write`] it returns when the file is on the disk, and it hears every answer of the system: that of
    /// fsync(2), and that of close(2), with which a server says that it keeps no more for this user.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub fn file(&self, name: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.0))?;
        let mut file = File::create_new(&path)?;
        file.write_all(contents.as_ref())?;
        file.sync_all()?;
        match close(file) {
            // It is closed, and was on the disk before.
            Err(Errno::EINTR) => Ok(()),
            closed => Ok(closed?),
        }
    }
}

/// Waits until the names in a folder are on the disk, as its files are.
fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync(&path)?;
        }
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_place_where_no_new_folder_can_be_is_refused() {
        let place = tempfile::tempdir().expect("a folder");
        let at = |name: &str| place.path().join(name);
        fs::write(at("file"), "good").expect("room");
        fs::create_dir_all(at("full/inner")).expect("room");
        symlink("nowhere", at("link")).expect("room");
        for (path, told) in [
            (at("file"), "it is no folder"),
            (at("file/pages"), "not a directory"),
            (at("full"), "it is not empty; name a new folder"),
            (at("link"), "it is a link that leads nowhere"),
            (at("missing/pages"), "there is no folder"),
            ("/".into(), "it names no new folder"),
        ] {
            let error = WholeFolder::prepare(&path).expect_err("refused").to_string();
            assert!(error.contains(told), "{path:?}: {error}");
        }
        assert_eq!(fs::read(at("file")).expect("still there"), b"good");
    }
}
