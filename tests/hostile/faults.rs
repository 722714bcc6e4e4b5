//! The system calls that fail, and how each really does.
//!
//! What is not there is an answer that no kernel gives in that place:
//!
//! - `close` of what is no file of a disk or a server: a pipe, a socket, a memfd. close(2): "EIO An I/O error
//!   occurred", "ENOSPC, EDQUOT On NFS, these errors are not normally reported against the first write which exceeds the
//!   available storage space, but instead against a subsequent write(2), fsync(2), or `close()`". The others have nothing
//!   left to write. Where it fails, the file is closed all the same: "Linux kernel always releases the file descriptor
//!   early in the close operation".
//! - `fcntl` with `F_GETLK`. fcntl(2): "ENOLCK Too many segment locks open, lock table is full". It opens none. (The
//!   requests for a lock fail.)
//! - `rt_sigprocmask`. sigprocmask(2): "EFAULT The set or oldset argument points outside the process's allocated address
//!   space", "EINVAL Either the value specified in how was invalid or the kernel does not support the size passed in
//!   sigsetsize". Each is a fault of the program.
//! - A signal to a process that "does not exist" (ESRCH). kill(2): "an existing process might be a zombie, a process that
//!   has terminated execution, but has not yet been wait(2)ed for". So to a child that was not waited for the answer
//!   would be a lie, as it would be to any process that lives.
//! - `futex` with `FUTEX_WAKE`. futex(2): "EINVAL The kernel detected an inconsistency between the user-space state at
//!   uaddr and the kernel state—that is, it detected a waiter which waits in `FUTEX_LOCK_PI`". No waiter here does. (The
//!   waits fail.)
//! - `write` to an eventfd. eventfd(2): it "blocks until a read(2) is performed on the file descriptor, or fails with the
//!   error EAGAIN if the file descriptor has been made nonblocking" where the sum "would exceed the maximum",
//!   0xfffffffffffffffe. No run wakes so often.
//! - `write` to standard error: the program would have no place to say so.

use nix::libc::{
    self, E2BIG, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAGAIN, ECHILD, ECONNABORTED, ECONNREFUSED, ECONNRESET, EDQUOT,
    EINTR, EINVAL, EIO, EMFILE, ENFILE, ENOBUFS, ENOENT, ENOLCK, ENOMEM, ENOSPC, ENOSYS, EPERM, EPIPE, ETIMEDOUT,
    ETXTBSY,
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
    close SYS_close: EIO ENOSPC EDQUOT EINTR;
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
    execve SYS_execve: ENOENT EACCES ENOMEM E2BIG ETXTBSY EMFILE;
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
