//! The peers in Python.

/// A script, after `measure.py`, which all of them share.
macro_rules! script {
    ($name:literal) => {
        concat!(include_str!("../python/measure.py"), "\n", include_str!(concat!("../python/", $name)))
    };
}

pub(crate) const PROCESS: &str = script!("process.py");
pub(crate) const LOCK: &str = script!("lock.py");
pub(crate) const CONTENDED_LOCK: &str = script!("contended_lock.py");
pub(crate) const QUEUE: &str = script!("queue.py");
pub(crate) const JOINABLE_QUEUE: &str = script!("joinable_queue.py");
pub(crate) const POOL: &str = script!("pool.py");
pub(crate) const TICKETS: &str = script!("tickets.py");
pub(crate) const BLOCKED_GET: &str = script!("blocked_get.py");
pub(crate) const ECHO: &str = script!("echo.py");
pub(crate) const VERSION: &str = script!("version.py");
