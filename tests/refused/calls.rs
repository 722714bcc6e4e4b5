//! The system calls that are refused.

use nix::libc;

/// A system call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) number: i64,
}

/// What the sections, the toolkit and the standard library call after they have begun. (Not `munmap`: where it is
/// refused, the standard library aborts at the end of a thread.)
pub(crate) const CALLS: &[Call] = &[
    Call { name: "clone", number: libc::SYS_clone },
    Call { name: "clone3", number: libc::SYS_clone3 },
    Call { name: "wait4", number: libc::SYS_wait4 },
    Call { name: "waitid", number: libc::SYS_waitid },
    Call { name: "pidfd_open", number: libc::SYS_pidfd_open },
    Call { name: "pidfd_send_signal", number: libc::SYS_pidfd_send_signal },
    Call { name: "kill", number: libc::SYS_kill },
    Call { name: "tgkill", number: libc::SYS_tgkill },
    Call { name: "memfd_create", number: libc::SYS_memfd_create },
    Call { name: "ftruncate", number: libc::SYS_ftruncate },
    Call { name: "fcntl", number: libc::SYS_fcntl },
    Call { name: "flock", number: libc::SYS_flock },
    Call { name: "fsync", number: libc::SYS_fsync },
    Call { name: "fdatasync", number: libc::SYS_fdatasync },
    Call { name: "pipe2", number: libc::SYS_pipe2 },
    Call { name: "socket", number: libc::SYS_socket },
    Call { name: "bind", number: libc::SYS_bind },
    Call { name: "listen", number: libc::SYS_listen },
    Call { name: "accept4", number: libc::SYS_accept4 },
    Call { name: "connect", number: libc::SYS_connect },
    Call { name: "socketpair", number: libc::SYS_socketpair },
    Call { name: "setsockopt", number: libc::SYS_setsockopt },
    Call { name: "getsockopt", number: libc::SYS_getsockopt },
    Call { name: "getsockname", number: libc::SYS_getsockname },
    Call { name: "sendto", number: libc::SYS_sendto },
    Call { name: "recvfrom", number: libc::SYS_recvfrom },
    Call { name: "epoll_create1", number: libc::SYS_epoll_create1 },
    Call { name: "epoll_ctl", number: libc::SYS_epoll_ctl },
    #[cfg(target_arch = "x86_64")]
    Call { name: "epoll_wait", number: libc::SYS_epoll_wait },
    Call { name: "eventfd2", number: libc::SYS_eventfd2 },
    Call { name: "ppoll", number: libc::SYS_ppoll },
    Call { name: "prctl", number: libc::SYS_prctl },
    Call { name: "unshare", number: libc::SYS_unshare },
    Call { name: "prlimit64", number: libc::SYS_prlimit64 },
    Call { name: "linkat", number: libc::SYS_linkat },
    Call { name: "statx", number: libc::SYS_statx },
    Call { name: "getdents64", number: libc::SYS_getdents64 },
    Call { name: "getcwd", number: libc::SYS_getcwd },
    Call { name: "getrandom", number: libc::SYS_getrandom },
    Call { name: "clock_nanosleep", number: libc::SYS_clock_nanosleep },
    Call { name: "sched_yield", number: libc::SYS_sched_yield },
    Call { name: "sched_getaffinity", number: libc::SYS_sched_getaffinity },
    Call { name: "sigaltstack", number: libc::SYS_sigaltstack },
    Call { name: "rt_sigprocmask", number: libc::SYS_rt_sigprocmask },
    Call { name: "mremap", number: libc::SYS_mremap },
    Call { name: "madvise", number: libc::SYS_madvise },
    Call { name: "lseek", number: libc::SYS_lseek },
    Call { name: "pwrite64", number: libc::SYS_pwrite64 },
    Call { name: "writev", number: libc::SYS_writev },
    Call { name: "getrusage", number: libc::SYS_getrusage },
    Call { name: "gettid", number: libc::SYS_gettid },
    Call { name: "dup", number: libc::SYS_dup },
    Call { name: "ioctl", number: libc::SYS_ioctl },
    Call { name: "setsid", number: libc::SYS_setsid },
    Call { name: "set_robust_list", number: libc::SYS_set_robust_list },
    Call { name: "renameat2", number: libc::SYS_renameat2 },
    Call { name: "unlinkat", number: libc::SYS_unlinkat },
];
