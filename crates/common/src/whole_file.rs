//! A file that a run leaves to its user: the whole of it, or the one that was there before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, access, linkat};

use crate::error::{Error, cause};

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
        let refused = |cause: &str| Err(Error::input("write", named.display(), cause));
        // A link stays a link, to a new file.
        let path = match fs::canonicalize(named) {
            Ok(path) => path,
            Err(error) if error.kind() == ErrorKind::NotFound => named.to_path_buf(),
            Err(error) => return refused(&cause(&error)),
        };
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => return refused("it is a directory"),
            Ok(found) if !found.is_file() => return refused("it is not a regular file"),
            Ok(_) if access(&path, AccessFlags::W_OK).is_err() => return refused("it may not be written to"),
            _ => {}
        }
        if named.file_name().is_none() || named.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return refused("it names no file");
        }
        let parent = folder_of(&path);
        let Ok(folder) = fs::canonicalize(parent) else {
            return refused(&format!("there is no folder {}", parent.display()));
        };
        if !folder.is_dir() {
            return refused(&format!("{} is not a folder", parent.display()));
        }
        let path = folder.join(path.file_name().unwrap_or_default());
        let file = Self { named: named.to_path_buf(), path };
        // Its rights say whether an existing file may be written to. Only making one says whether one can be made.
        let probe = Draft::new(&file.path).map(drop);
        match probe {
            Ok(()) => Ok(file),
            Err(error) => refused(&format!("no file can be made in {}: {}", parent.display(), cause(&error))),
        }
    }

    /// Writes it where no other process sees it, and moves it to its place when it is whole and on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`]: what `contents` returns, or what the system refuses. The file that was
    /// there before is still there.
    pub fn write(&self, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        let replaced = replace(&self.path, |file| {
            let mut out = BufWriter::new(file);
            let filled = contents(&mut out).and_then(|()| out.flush()).and_then(|()| file.sync_all());
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
/// file, or none. Where the file system knows files without a name, such a death leaves nothing else
/// behind, unless it falls between the two system calls that replace an older file. The file is on the
/// disk when `fill` says so: [`File::sync_data`].
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
    fill(&draft.file)?;
    draft.publish()
}

/// A new file on its way to `path`.
struct Draft<'a> {
    path: &'a Path,
    file: File,
    /// Its name until it is at `path`: beside it, and removed with the draft.
    name: Option<PathBuf>,
}

impl<'a> Draft<'a> {
    fn new(path: &'a Path) -> io::Result<Self> {
        let nameless = OpenOptions::new().write(true).custom_flags(libc::O_TMPFILE).open(folder_of(path));
        if let Ok(file) = nameless {
            return Ok(Self { path, file, name: None });
        }
        // Not every file system knows files without a name.
        let create = |name: &Path| OpenOptions::new().write(true).create_new(true).open(name);
        let (name, file) = first_free_name(path, create)?;
        Ok(Self { path, file, name: Some(name) })
    }

    fn publish(mut self) -> io::Result<()> {
        if self.name.is_none() {
            match link(&self.file, self.path) {
                // A link cannot replace a file, but a rename can: the draft has a name for a moment.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let (name, ()) = first_free_name(self.path, |name| link(&self.file, name))?;
                    self.name = Some(name);
                }
                linked => return linked,
            }
        }
        let Some(name) = &self.name else { return Ok(()) };
        fs::rename(name, self.path)?;
        self.name = None;
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = fs::remove_file(name);
        }
    }
}

/// Gives a file without a name one that no other file has.
fn link(file: &File, name: &Path) -> io::Result<()> {
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(AT_FDCWD, source.as_str(), AT_FDCWD, name, AtFlags::AT_SYMLINK_FOLLOW)?)
}

/// The first name beside `path` that `take` finds free, with what it made of it.
fn first_free_name<T>(path: &Path, mut take: impl FnMut(&Path) -> io::Result<T>) -> io::Result<(PathBuf, T)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..1000 {
        let draft = folder_of(path).join(format!(".{name}.{}.{number}", std::process::id()));
        match take(&draft) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            taken => return taken.map(|taken| (draft, taken)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
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
