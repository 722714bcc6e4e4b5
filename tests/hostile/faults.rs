//! The system calls that fail, and how each really does.
//!
//! What is not there: an answer that is wrong. A living process for which the kernel says that it has ended is no
//! fault of a run. Nor is close(2) there, which closes the file whatever it returns, and `rt_sigprocmask(2)`: the C
//! library blocks all signals when it starts a thread, and does not look whether it may unblock them.

use nix::libc::{
    self, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAGAIN, ECHILD, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINTR, EINVAL,
    EIO, EMFILE, ENFILE, ENOBUFS, ENOENT, ENOLCK, ENOMEM, ENOSPC, ENOSYS, EPERM, EPIPE, ETIMEDOUT,
};

/// A system call, and the errors that it is tried with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) number: i64,
    pub(crate) errors: &'static [i32],
}

macro_rules! calls {
    ($($name:ident $number:ident: $($error:ident)*;)*) => {
        /// Every call of the sections that can fail.
        pub(crate) const CALLS: &[Call] =
            &[$(Call { name: stringify!($name), number: libc::$number, errors: &[$($error),*] }),*];
    };
}

calls! {
    openat SYS_openat: EMFILE ENFILE EACCES ENOMEM EINTR;
    read SYS_read: EIO EINTR;
    write SYS_write: ENOSPC EIO EPIPE EINTR;
    mmap SYS_mmap: ENOMEM EPERM;
    munmap SYS_munmap: ENOMEM;
    mprotect SYS_mprotect: ENOMEM;
    mremap SYS_mremap: ENOMEM;
    madvise SYS_madvise: ENOMEM;
    brk SYS_brk: ENOMEM;
    rt_sigaction SYS_rt_sigaction: EINVAL;
    sigaltstack SYS_sigaltstack: ENOMEM;
    clone SYS_clone: EAGAIN ENOMEM;
    clone3 SYS_clone3: EAGAIN ENOMEM ENOSYS;
    wait4 SYS_wait4: EINTR ECHILD;
    waitid SYS_waitid: EINTR ECHILD;
    pidfd_open SYS_pidfd_open: EMFILE ENOMEM ENOSYS;
    pidfd_send_signal SYS_pidfd_send_signal: EPERM;
    kill SYS_kill: EPERM;
    tgkill SYS_tgkill: EPERM;
    memfd_create SYS_memfd_create: EMFILE ENOMEM;
    ftruncate SYS_ftruncate: ENOSPC EIO EINTR;
    fallocate SYS_fallocate: ENOSPC EINTR;
    fcntl SYS_fcntl: EMFILE ENOLCK EINTR EAGAIN;
    flock SYS_flock: EINTR ENOLCK;
    fsync SYS_fsync: EIO ENOSPC;
    fdatasync SYS_fdatasync: EIO ENOSPC;
    pipe2 SYS_pipe2: EMFILE ENFILE;
    poll SYS_poll: EINTR ENOMEM;
    ppoll SYS_ppoll: EINTR ENOMEM;
    futex SYS_futex: EINTR EAGAIN;
    socket SYS_socket: EMFILE ENOBUFS EACCES;
    bind SYS_bind: EADDRINUSE EACCES;
    listen SYS_listen: EADDRINUSE;
    accept4 SYS_accept4: EMFILE ENFILE ECONNABORTED EINTR ENOMEM EPERM;
    connect SYS_connect: ECONNREFUSED EINTR EADDRNOTAVAIL ETIMEDOUT;
    socketpair SYS_socketpair: EMFILE ENOMEM;
    setsockopt SYS_setsockopt: ENOMEM EINVAL;
    getsockopt SYS_getsockopt: ENOBUFS;
    getsockname SYS_getsockname: ENOBUFS;
    getpeername SYS_getpeername: ENOBUFS;
    sendto SYS_sendto: EPIPE ECONNRESET EINTR EAGAIN ENOBUFS;
    recvfrom SYS_recvfrom: ECONNRESET EINTR EAGAIN ENOMEM;
    shutdown SYS_shutdown: ENOBUFS;
    epoll_create1 SYS_epoll_create1: EMFILE ENOMEM;
    epoll_ctl SYS_epoll_ctl: ENOSPC ENOMEM;
    epoll_wait SYS_epoll_wait: EINTR;
    eventfd2 SYS_eventfd2: EMFILE ENOMEM;
    prctl SYS_prctl: EINVAL EPERM;
    unshare SYS_unshare: EPERM ENOMEM;
    prlimit64 SYS_prlimit64: EPERM;
    linkat SYS_linkat: ENOSPC EPERM EIO;
    renameat2 SYS_renameat2: ENOSPC EIO;
    rename SYS_rename: ENOSPC EIO;
    unlinkat SYS_unlinkat: EIO EPERM;
    unlink SYS_unlink: EIO EPERM;
    mkdir SYS_mkdir: ENOSPC EACCES;
    statx SYS_statx: ENOMEM EIO;
    newfstatat SYS_newfstatat: ENOMEM EIO;
    readlink SYS_readlink: EIO ENOMEM;
    getdents64 SYS_getdents64: ENOENT EIO;
    getcwd SYS_getcwd: ENOENT;
    getrandom SYS_getrandom: EINTR ENOSYS;
    clock_nanosleep SYS_clock_nanosleep: EINTR;
    lseek SYS_lseek: EINVAL;
    pwrite64 SYS_pwrite64: ENOSPC EIO EINTR;
    pread64 SYS_pread64: EIO EINTR;
    writev SYS_writev: ENOSPC EPIPE EINTR;
    copy_file_range SYS_copy_file_range: EIO ENOSPC;
    sched_getaffinity SYS_sched_getaffinity: EPERM;
    getrusage SYS_getrusage: EPERM;
    dup SYS_dup: EMFILE;
    ioctl SYS_ioctl: EIO EINTR;
    setsid SYS_setsid: EPERM;
    set_robust_list SYS_set_robust_list: EINVAL;
    chdir SYS_chdir: EACCES;
    fchown SYS_fchown: EPERM;
    fchmod SYS_fchmod: EPERM;
    process_vm_readv SYS_process_vm_readv: EPERM;
}

impl Call {
    /// What the call returns where it fails with `error`. brk(2) returns the break that it leaves as it is, and to
    /// the C library 0 is one that is too low.
    pub(crate) fn result(&self, error: i32) -> i64 {
        if self.number == libc::SYS_brk { 0 } else { -i64::from(error) }
    }
}

/// The name of an error, as errno(3) has it.
pub(crate) fn name(error: i32) -> String {
    format!("{:?}", nix::Error::from_raw(error))
}
