//! What a run must not leave behind.

use std::fs;

use common::{Error, procfs};
use serde::{Deserialize, Serialize};

/// What this process has of its own right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resources {
    /// Children that are alive.
    pub(crate) processes: u64,
    /// Children that have ended and are not reaped.
    pub(crate) zombies: u64,
    /// Open file descriptors.
    pub(crate) descriptors: u64,
    /// Mappings of shared memory.
    pub(crate) mappings: u64,
}

impl Resources {
    pub(crate) fn now() -> Result<Self, Error> {
        let refused = |what: &'static str| move |source| Error::refused("read", what, source);
        let children = procfs::children()?;
        let zombies = children.iter().filter(|child| child.state == 'Z').count();
        let open = fs::read_dir("/proc/self/fd").map_err(refused("/proc/self/fd"))?.flatten();
        let links = open.filter_map(|entry| fs::read_link(entry.path()).ok());
        // The first notice on standard error opens that stream once more.
        let streams = ["/proc/self/fd/1", "/proc/self/fd/2"].map(|stream| fs::read_link(stream).ok());
        let descriptors = links.filter(|link| !streams.iter().flatten().any(|stream| stream == link)).count();
        let maps = fs::read_to_string("/proc/self/maps").map_err(refused("/proc/self/maps"))?;
        let mappings = maps.lines().filter(|line| line.contains("/dev/zero")).count();
        Ok(Self {
            processes: (children.len() - zombies) as u64,
            zombies: zombies as u64,
            descriptors: descriptors as u64,
            mappings: mappings as u64,
        })
    }

    /// What is there now and was not there before.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            processes: self.processes.saturating_sub(before.processes),
            zombies: self.zombies.saturating_sub(before.zombies),
            descriptors: self.descriptors.saturating_sub(before.descriptors),
            mappings: self.mappings.saturating_sub(before.mappings),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_descriptor_that_stays_open_is_seen() {
        let before = Resources::now().expect("/proc");
        let files: Vec<File> = (0..50).map(|_| File::open("/proc/self/stat").expect("/proc")).collect();
        // Other tests run in this process and open and close a few meanwhile.
        let leaked = Resources::now().expect("/proc").since(before).descriptors;
        assert!(leaked >= 25, "{leaked}");
        drop(files);
    }
}
