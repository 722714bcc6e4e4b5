//! Threads of this process.

/// The id of the calling thread.
pub(crate) fn thread_id() -> i32 {
    nix::unistd::gettid().as_raw()
}

/// Whether this process has a thread of this id. It may be another thread than the one that had the id before.
pub(crate) fn thread_is_alive(thread: i32) -> bool {
    // SAFETY: signal 0 is never delivered; the call only says whether the thread exists.
    unsafe { libc::syscall(libc::SYS_tgkill, std::process::id(), thread, 0) == 0 }
}
