//! A file that a run leaves to its user: the whole of it, or the one that was there before.

mod draft;
pub(crate) mod words;

pub use draft::Draft;

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::error::{Error, cause};
use crate::words::Text;

/// The kernel follows as many.
const MOST_LINKS: u32 = 40;

/// Where a file will be, looked at beforehand.
///
/// ```
/// use std::io::Write;
/// use common::whole_file::WholeFile;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("page.html");
/// let file = WholeFile::prepare(&path)?;
/// file.write(|out| out.write_all(b"whole"))?;
/// let broken = file.write(|out| out.write_all(b"ha").and(Err(std::io::Error::other("no more"))));
/// assert!(broken.is_err());
/// assert_eq!(std::fs::read(&path)?, b"whole");
/// assert!(WholeFile::prepare(folder.path()).is_err(), "a folder is no file");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WholeFile {
    /// As the user named it, for messages.
    named: PathBuf,
    path: PathBuf,
}

impl WholeFile {
    /// Refuses a place where no file can be: what is known before the work is said before the work.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub fn prepare(named: &Path) -> Result<Self, Error> {
        let refused = |cause: Text| Err(Error::input("write", named.display(), cause));
        // A link stays a link, to a new file.
        let path = match fs::canonicalize(named) {
            Err(error) if error.kind() == ErrorKind::NotFound => resolve(named),
            found => found,
        };
        let path = match path {
            Ok(path) => path,
            Err(error) => return refused(cause(&error)),
        };
        match fs::metadata(named) {
            Ok(found) if found.is_dir() => return refused(words::is_a_directory()),
            Ok(found) if !found.is_file() => return refused(words::is_no_regular_file()),
            Ok(_) if access(&path, AccessFlags::W_OK).is_err() => return refused(words::may_not_be_written()),
            _ => {}
        }
        if named.file_name().is_none() || named.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return refused(words::names_no_file());
        }
        let parent = folder_of(&path);
        let folder = match fs::canonicalize(parent) {
            Ok(folder) => folder,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return refused(words::no_folder(parent.display()));
            }
            Err(error) => return refused(cause(&error)),
        };
        match fs::metadata(&folder) {
            Ok(found) if !found.is_dir() => return refused(words::is_not_a_folder(parent.display())),
            Err(error) => return refused(cause(&error)),
            Ok(_) => {}
        }
        let path = folder.join(path.file_name().unwrap_or_default());
        let file = Self { named: named.to_path_buf(), path };
        // Its rights say whether an existing file may be written to. Only making one says whether one can be made.
        match Draft::new(&file.path) {
            Ok(probe) => match keep_rights(probe.file(), &file.path) {
                Ok(()) => Ok(file),
                Err(error) => refused(words::not_its_rights(cause(&error))),
            },
            Err(error) => refused(words::no_file_can_be_made(parent.display(), cause(&error))),
        }
    }

    /// Writes it where no other process sees it, and moves it to its place when it is whole and on the disk.
    ///
    /// It has the owner, the group and the mode of the file that was there before. Access lists and other
    /// extended attributes of that file are not kept, and its other names (hard links) keep the older contents.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: what `contents` returns, or what the system refuses. The file that was
    /// there before is still there.
    pub fn write(&self, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        let replaced = replace(&self.path, |file| {
            let mut out = BufWriter::new(file);
            let filled = contents(&mut out).and_then(|()| out.flush());
            let filled = filled.and_then(|()| keep_rights(file, &self.path)).and_then(|()| file.sync_all());
            // What was buffered and could not be written is not tried again.
            let _ = out.into_parts();
            filled
        });
        replaced.map_err(|source| Error::refused("write", self.named.display(), source))
    }
}

/// Puts a new file at `path`, in the place of an older one, once `fill` has written the whole of it.
///
/// Unlike [`fs::write`] it never shows half a file: a process that dies in the middle leaves the older
/// file, or none. What such a death leaves beside it is removed by the next call for the same path: [`Draft`].
/// The file is on the disk when `fill` says so: [`File::sync_data`].
///
/// A link at `path` is replaced itself: resolve it first if it is to stay ([`fs::canonicalize`]).
///
/// ```
/// use std::io::Write;
/// use common::whole_file;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("tickets.json");
/// whole_file::replace(&path, |mut file| file.write_all(b"5"))?;
/// whole_file::replace(&path, |mut file| file.write_all(b"4"))?;
/// assert_eq!(std::fs::read(&path)?, b"4");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What `fill` returns, or what the system refuses. The older file is still there.
pub fn replace(path: &Path, fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let draft = Draft::new(path)?;
    fill(draft.file())?;
    draft.replace()
}

/// The file that `path` leads to, through links that need not lead to one that exists. Where a folder is missing on
/// the way, the path ends in what is missing.
///
/// ```
/// use common::whole_file::resolve;
///
/// let folder = tempfile::tempdir()?;
/// let link = folder.path().join("link");
/// std::os::unix::fs::symlink("new", &link)?;
/// assert_eq!(resolve(&link)?, folder.path().join("new"));
/// assert_eq!(resolve(&folder.path().join("other"))?, folder.path().join("other"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// The links go in a circle, or the system does not let the caller read one of them.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // It is no link, or it is missing.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// Gives a new file the owner, the group and the mode of the one at `path`, if there is one.
fn keep_rights(file: &File, path: &Path) -> io::Result<()> {
    let (old, new) = match fs::metadata(path) {
        Ok(old) => (old, file.metadata()?),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Two names of one file are one file.
impl PartialEq for WholeFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_could_not_be_filled_leaves_the_older_one_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let names = || fs::read_dir(folder.path()).expect("our own folder").count();
        let half = |mut file: &File| file.write_all(b"half").and(Err(io::Error::other("no more")));
        replace(&path, half).expect_err("no more");
        assert_eq!(names(), 0);
        replace(&path, |mut file| file.write_all(b"older")).expect("room");
        replace(&path, half).expect_err("no more");
        assert_eq!((names(), fs::read(&path).expect("the older file")), (1, b"older".to_vec()));
    }

    #[test]
    fn a_link_is_replaced_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "real").expect("our own folder");
        std::os::unix::fs::symlink(&real, &link).expect("our own folder");
        replace(&link, |mut file| file.write_all(b"new")).expect("room");
        assert!(fs::symlink_metadata(&link).expect("a file").is_file());
        assert_eq!(fs::read(&real).expect("the other file"), b"real");
    }
}
