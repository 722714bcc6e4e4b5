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
    folder: PathBuf,
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
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Ok(folder) = fs::canonicalize(parent) else {
            return refused(&format!("there is no folder {}", parent.display()));
        };
        if !folder.is_dir() {
            return refused(&format!("{} is not a folder", parent.display()));
        }
        let path = folder.join(path.file_name().unwrap_or_default());
        let file = Self { named: named.to_path_buf(), folder, path };
        // Whether it may be written to is said by the right to do so; whether one can be made, only by making one.
        match file.open() {
            Ok((Some(draft), _)) => drop(fs::remove_file(draft)),
            Ok((None, _)) => {}
            Err(error) => {
                return refused(&format!("no file can be made in {}: {}", parent.display(), cause(&error)));
            }
        }
        Ok(file)
    }

    /// Writes it where no other process sees it, and moves it to its place when it is whole and on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`]: what `contents` returns, or what the system refuses. The file that was
    /// there before is still there.
    pub fn write(&self, contents: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Error> {
        let refused = |source: io::Error| Error::refused("write", self.named.display(), source);
        let (named, target) = self.open().map_err(refused)?;
        let mut out = BufWriter::new(target);
        let filled = contents(&mut out).and_then(|()| out.flush()).and_then(|()| out.get_ref().sync_all());
        // What was buffered and could not be written is not tried again.
        let (target, _) = out.into_parts();
        let draft = match named {
            Some(draft) => draft,
            None => filled.as_ref().map_or(Ok(PathBuf::new()), |()| self.give_name(&target)).map_err(refused)?,
        };
        let moved = filled.and_then(|()| fs::rename(&draft, &self.path));
        moved.map_err(|source| {
            let _ = fs::remove_file(&draft);
            refused(source)
        })
    }

    /// A new file beside the one that it will replace, and its name, if it needs one.
    fn open(&self) -> io::Result<(Option<PathBuf>, File)> {
        // Without a name: a process that is ended in the middle leaves nothing. Not every file system can.
        let nameless = OpenOptions::new().write(true).custom_flags(libc::O_TMPFILE).open(&self.folder);
        nameless.map(|file| (None, file)).or_else(|_| self.draft().map(|(draft, file)| (Some(draft), file)))
    }

    /// A link cannot replace a file, but a rename can: the name is one for a moment.
    fn give_name(&self, file: &File) -> io::Result<PathBuf> {
        let source = format!("/proc/self/fd/{}", file.as_raw_fd());
        for draft in self.free_names() {
            match linkat(AT_FDCWD, source.as_str(), AT_FDCWD, &draft, AtFlags::AT_SYMLINK_FOLLOW) {
                Err(nix::Error::EEXIST) => {}
                made => return made.map(|()| draft).map_err(Into::into),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    fn free_names(&self) -> impl Iterator<Item = PathBuf> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        (0..1000).map(move |number| self.folder.join(format!(".{name}.{}.{number}", std::process::id())))
    }

    /// A new file under a name that is free.
    fn draft(&self) -> io::Result<(PathBuf, File)> {
        for draft in self.free_names() {
            match OpenOptions::new().write(true).create_new(true).open(&draft) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made.map(|file| (draft, file)),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

/// Two names of one file are one file.
impl PartialEq for WholeFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}
