//! A file that is whole at every instant, and alone in its folder.

use std::fs::{self, File};
use std::io::{Read, Write, pipe};
use std::path::Path;

use common::process::Process;
use common::whole_file;
use support::tempfile::tempdir;

/// More than a page, so that half of it would be seen.
const CONTENT: [u8; 10_000] = [b'x'; 10_000];

fn write(place: &Path) -> std::io::Result<()> {
    whole_file::replace(place, |mut file: &File| file.write_all(&CONTENT))
}

pub(crate) fn kills_leave_a_whole_file_and_the_next_writer_removes_the_rest() {
    let folder = tempdir().expect("a temporary folder");
    let place = folder.path().join("page.html");
    write(&place).expect("room");
    for kill in 0..100 {
        let (mut told, mut tells) = pipe().expect("a pipe");
        let writes = || -> Result<(), common::Error> {
            loop {
                write(&place).expect("room");
                tells.write_all(b".").expect("a pipe");
            }
        };
        let mut child = Process::new("writer", writes).start().expect("a process");
        drop(tells);
        // Somewhere in its next round.
        told.read_exact(&mut vec![0; 1 + kill % 7]).expect("a round");
        child.kill().expect("a process");
        child.join().expect("its end");
        assert_eq!(fs::read(&place).expect("a file"), CONTENT);
    }
    write(&place).expect("room");
    let names: Vec<_> = fs::read_dir(folder.path()).expect("our own folder").filter_map(Result::ok).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

pub(crate) fn writers_at_once_leave_one_whole_file() {
    let folder = tempdir().expect("a temporary folder");
    let place = folder.path().join("page.html");
    let writes = || (0..200).try_for_each(|_| write(&place)).map_or(1, |()| 0_u8);
    let start = |number| Process::new(format!("writer {number}"), writes).start().expect("a process");
    let mut children: Vec<_> = (0..4).map(start).collect();
    assert!(children.iter_mut().all(|child| child.join().expect("its end").success()));
    assert_eq!(fs::read(&place).expect("a file"), CONTENT);
    assert_eq!(fs::read_dir(folder.path()).expect("our own folder").count(), 1);
}
