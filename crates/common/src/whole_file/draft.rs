//! A new file that has no name until it is whole, and what a killed program left of one.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::linkat;

use super::folder_of;

/// How much of the name of its place is in the name of a draft: both are limited to the same length.
const SHORT: usize = 100;

/// A new file on its way to its place. Dropping it leaves nothing.
///
/// Where the file system knows files without a name, the draft has none, and a kill leaves nothing. It has one for
/// the moment between the two system calls that replace an older file, and on other file systems all the time: a
/// name beside its place that contains the number of its own inode. As long as the program lives, it holds a `flock`
/// on such a draft. So the next draft for the same place removes what a killed program left there, and nothing else:
/// a file whose name is the number of its inode, and which no process holds.
///
/// ```
/// use std::io::{ErrorKind, Write};
/// use common::whole_file::Draft;
///
/// let folder = tempfile::tempdir()?;
/// let place = folder.path().join("tickets.json");
/// let draft = Draft::new(&place)?;
/// draft.file().write_all(b"5")?;
/// assert!(!place.exists());
/// draft.create()?;
/// assert_eq!(std::fs::read(&place)?, b"5");
/// assert_eq!(Draft::new(&place)?.create().unwrap_err().kind(), ErrorKind::AlreadyExists);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Draft {
    place: PathBuf,
    file: File,
    /// Its name until it is at its place.
    name: Option<PathBuf>,
}

impl Draft {
    /// An empty file for `place`, open for reading and writing.
    ///
    /// # Errors
    ///
    /// The folder of `place` does not exist, or the system makes no file there.
    pub fn new(place: &Path) -> io::Result<Self> {
        sweep(place);
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let nameless = options.clone().custom_flags(libc::O_TMPFILE).open(folder_of(place));
        if let Ok(file) = nameless {
            return Ok(Self { place: place.to_path_buf(), file, name: None });
        }
        // Not every file system knows files without a name.
        for number in 0..1000 {
            let name = beside(place, &format!("new-{}-{number}", std::process::id()));
            match options.clone().create_new(true).open(&name) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(file) => {
                    let mut draft = Self { place: place.to_path_buf(), file, name: Some(name.clone()) };
                    // Another program may have taken the new file for one that a kill left.
                    if draft.hold() && draft.has(&name)? {
                        let own = draft.own_name()?;
                        fs::rename(&name, &own)?;
                        draft.name = Some(own);
                        return Ok(draft);
                    }
                    draft.name = None;
                }
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// The file, to be filled. A process that holds a lock on it holds the lock when the file has its place, too.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Puts it at its place, where no file may be yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if there is a file; what the system refuses.
    pub fn create(mut self) -> io::Result<File> {
        // First: what can be refused is refused before the file has its place.
        let file = self.file.try_clone()?;
        match &self.name {
            None => link(&self.file, &self.place)?,
            Some(name) => {
                // A file system without links has this call at least.
                let nothing_there = nix::fcntl::RenameFlags::RENAME_NOREPLACE;
                nix::fcntl::renameat2(AT_FDCWD, name, AT_FDCWD, &self.place, nothing_there)?;
                self.name = None;
            }
        }
        Ok(file)
    }

    /// Puts it at its place, instead of the file that may be there.
    ///
    /// # Errors
    ///
    /// What the system refuses. An older file is still there.
    pub fn replace(mut self) -> io::Result<()> {
        if self.name.is_none() {
            match link(&self.file, &self.place) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => self.give_name()?,
                linked => return linked,
            }
        }
        let Some(name) = &self.name else { return Ok(()) };
        fs::rename(name, &self.place)?;
        self.name = None;
        Ok(())
    }

    /// A link cannot replace a file, but a rename can: the draft has a name for a moment.
    fn give_name(&mut self) -> io::Result<()> {
        self.hold();
        let name = self.own_name()?;
        link(&self.file, &name)?;
        self.name = Some(name);
        Ok(())
    }

    /// Holds the lock that says that this program lives. False if another process holds it. Where the file system
    /// has no such locks, no process removes the draft of another.
    fn hold(&self) -> bool {
        !matches!(self.file.try_lock(), Err(TryLockError::WouldBlock))
    }

    fn own_name(&self) -> io::Result<PathBuf> {
        Ok(beside(&self.place, &mark(&self.file.metadata()?)))
    }

    /// Whether `name` leads to it.
    fn has(&self, name: &Path) -> io::Result<bool> {
        let ours = self.file.metadata()?;
        match fs::symlink_metadata(name) {
            Ok(named) => Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = fs::remove_file(name);
        }
    }
}

/// Removes the drafts for `place` that killed programs left.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(folder_of(place)) else { return };
    let stem = beside(place, "");
    let stem = stem.file_name().unwrap_or_default().as_encoded_bytes();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(ending) = name.as_encoded_bytes().strip_prefix(stem) else { continue };
        let _ = remove_if_left(&entry.path(), ending);
    }
}

/// A draft is known by the number of its inode, and, before it has that name, by being empty.
fn remove_if_left(path: &Path, ending: &[u8]) -> io::Result<()> {
    let is_draft = |found: &Metadata| {
        found.is_file() && (ending == mark(found).as_bytes() || found.len() == 0 && is_number_of_a_process(ending))
    };
    if !is_draft(&fs::symlink_metadata(path)?) {
        return Ok(());
    }
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    file.try_lock()?;
    let (held, named) = (file.metadata()?, fs::symlink_metadata(path)?);
    // What has the name now is what is held: a living program has neither taken the draft to its place nor filled it.
    if (held.dev(), held.ino()) == (named.dev(), named.ino()) && is_draft(&named) {
        fs::remove_file(path)?;
    }
    Ok(())
}

fn is_number_of_a_process(ending: &[u8]) -> bool {
    let numbers = ending.strip_prefix(b"new-").map(|rest| rest.split(|byte| *byte == b'-'));
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    numbers.is_some_and(|mut parts| parts.clone().count() == 2 && parts.all(is_number))
}

/// What no file but a draft has at the end of its name: the number of its own inode.
fn mark(file: &Metadata) -> String {
    format!("draft-{:x}-{:x}", file.dev(), file.ino())
}

fn beside(place: &Path, ending: &str) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let short: String = name
        .chars()
        .scan(0, |length, letter| {
            *length += letter.len_utf8();
            (*length <= SHORT).then_some(letter)
        })
        .collect();
    folder_of(place).join(format!(".{short}.{ending}"))
}

/// Gives a file without a name one that no other file has.
fn link(file: &File, name: &Path) -> io::Result<()> {
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(AT_FDCWD, source.as_str(), AT_FDCWD, name, AtFlags::AT_SYMLINK_FOLLOW)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("our own folder").filter_map(Result::ok);
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// What a kill between the two system calls of [`Draft::replace`] leaves: a name, and no process that holds it.
    fn leave_one(place: &Path) {
        let mut draft = Draft::new(place).expect("room");
        draft.give_name().expect("room");
        draft.name = None;
    }

    #[test]
    fn the_next_draft_removes_what_a_killed_program_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("page.html");
        fs::write(&place, "older").expect("our own folder");
        leave_one(&place);
        leave_one(&folder.path().join("other.html"));
        fs::write(beside(&place, "new-4711-0"), "").expect("our own folder");
        assert_eq!(names(folder.path()).len(), 4);
        Draft::new(&place).expect("room").replace().expect("room");
        let left = names(folder.path());
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left[0].starts_with(".other.html.draft-") && left[1] == "page.html", "{left:?}");
    }

    #[test]
    fn the_draft_of_a_living_program_stays_and_finds_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("page.html");
        fs::write(&place, "older").expect("our own folder");
        let mut alive = Draft::new(&place).expect("room");
        alive.give_name().expect("room");
        Draft::new(&place).expect("room").replace().expect("room");
        assert_eq!(names(folder.path()).len(), 2);
        alive.replace().expect("room");
        assert_eq!(names(folder.path()), ["page.html"]);
    }

    #[test]
    fn a_file_that_is_only_called_like_a_draft_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("page.html");
        let others = ["draft-1-2", "new-4711-0", "new-4711", "4711.0", "draft-x"].map(|ending| beside(&place, ending));
        for other in &others {
            fs::write(other, "precious").expect("our own folder");
        }
        Draft::new(&place).expect("room").replace().expect("room");
        assert!(
            others.iter().all(|other| fs::read(other).is_ok_and(|text| text == b"precious")),
            "{:?}",
            names(folder.path())
        );
    }

    #[test]
    fn a_long_name_has_room_for_a_draft() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("车".repeat(85));
        for _ in 0..2 {
            Draft::new(&place).expect("room").replace().expect("room");
        }
        assert_eq!(names(folder.path()).len(), 1);
    }
}
