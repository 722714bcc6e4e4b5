//! A process that has no descriptor left.

use std::fs::File;
use std::os::fd::AsRawFd;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// No further descriptor for this process, until it is dropped.
pub(crate) struct NoDescriptors {
    soft: u64,
    hard: u64,
    _below: Vec<File>,
}

impl NoDescriptors {
    /// Fills the low numbers, so that whatever is opened after this is above what `forbid` allows.
    /// (poll(2) refuses more descriptors than the limit, so the limit cannot simply be 0.)
    pub(crate) fn prepare() -> Self {
        let below = (0..32).map(|_| File::open("/dev/null").expect("a descriptor")).collect();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
        Self { soft, hard, _below: below }
    }

    pub(crate) fn forbid(&self) {
        setrlimit(Resource::RLIMIT_NOFILE, 16, self.hard).expect("a lower limit");
    }

    /// Leaves this number of descriptors.
    pub(crate) fn leave(&self, count: u64) {
        self.allow();
        let lowest = File::open("/dev/null").expect("a descriptor").as_raw_fd();
        setrlimit(Resource::RLIMIT_NOFILE, u64::from(lowest.unsigned_abs()) + count, self.hard).expect("a lower limit");
    }

    pub(crate) fn allow(&self) {
        setrlimit(Resource::RLIMIT_NOFILE, self.soft, self.hard).expect("the limit that was");
    }
}

impl Drop for NoDescriptors {
    fn drop(&mut self) {
        self.allow();
    }
}
