//! The open files of the locks that this process holds.
//!
//! A forked child inherits open files, and an open file keeps its lock until its last copy is closed. A child that
//! lives longer than its parent would keep the parent's locks, so it closes these files before it does anything
//! else. They are kept here, and not in the guards, because a child cannot reach its copies of those.

use std::fs::File;
use std::mem;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Stands for a file that is kept here. In a child it stands for none, for ever: a number is used once in each
/// line of processes.
#[derive(Debug)]
pub(super) struct Key(u64);

static FILES: Mutex<Vec<(u64, File)>> = Mutex::new(Vec::new());

/// How many there are. A child reads it first: to lock an empty list would copy the page that the list is on.
static COUNT: AtomicUsize = AtomicUsize::new(0);

pub(super) fn keep(file: File) -> Key {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut files = files();
    files.push((number, file));
    COUNT.store(files.len(), Ordering::Relaxed);
    Key(number)
}

/// `None` in a child of the process that kept it.
pub(super) fn take(key: &Key) -> Option<File> {
    let mut files = files();
    let place = files.iter().position(|(number, _)| *number == key.0)?;
    let (_, file) = files.swap_remove(place);
    COUNT.store(files.len(), Ordering::Relaxed);
    Some(file)
}

/// Closes the files of the parent. The calling process has just been forked, and has one thread. To close a copy
/// unlocks nothing.
#[inline]
pub(super) fn close_all() {
    if COUNT.load(Ordering::Relaxed) != 0 {
        close_each();
    }
}

#[cold]
fn close_each() {
    COUNT.store(0, Ordering::Relaxed);
    drop(mem::take(&mut *files()));
}

fn files() -> MutexGuard<'static, Vec<(u64, File)>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}
