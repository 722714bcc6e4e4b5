//! The machine that the figures come from, without which they say nothing.

use std::fs;
use std::path::Path;
use std::thread;

use common::Error;
use common::python::Script;
use serde::{Deserialize, Serialize};

use crate::sample::Unmeasured;
use crate::sandbox::Sandbox;
use crate::scripts::VERSION;

/// The machine, and what ran on it.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    /// `Linux 6.12.1`.
    pub(crate) kernel: String,
    /// The compiler of this program.
    pub(crate) rustc: &'static str,
    /// `Python 3.11.7`, or what is wrong with it.
    pub(crate) python: String,
    /// `release`, or `debug`: then no figure says anything about speed.
    pub(crate) build: &'static str,
    /// The mean number of running and runnable processes, in the minute before the start.
    pub(crate) load: f64,
    /// The kind of file system below the tickets' file.
    pub(crate) file_system: String,
}

impl Machine {
    /// Describes this machine, and the file system below the sandbox's folder.
    pub(crate) fn describe(sandbox: &Sandbox) -> Result<Self, Error> {
        let python = python_version(sandbox)?;
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let kernel = read("/proc/sys/kernel/osrelease");
        let load = read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok());
        Ok(Self {
            cpu: cpu(&read("/proc/cpuinfo")),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: format!("Linux {}", kernel.trim()),
            rustc: env!("BENCH_RUSTC"),
            python,
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            load: load.unwrap_or(0.0),
            file_system: file_system(&read("/proc/self/mountinfo"), sandbox.folder()),
        })
    }

    pub(crate) fn is_release(&self) -> bool {
        self.build == "release"
    }
}

/// `Python 3.11.7`, or why there is none.
fn python_version(sandbox: &Sandbox) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Version {
        version: String,
    }
    let line = sandbox.run("python3", |output| Script::new(VERSION).exec(output))?;
    Ok(match line {
        Ok(line) => match serde_json::from_str::<Version>(&line) {
            Ok(Version { version }) => format!("Python {version}"),
            Err(_) => format!("python3: no answer: {line:?}"),
        },
        Err(Unmeasured::Missing(why)) => why,
        Err(Unmeasured::Failed(why)) => format!("python3: {why}"),
    })
}

/// The model, in the key that most kernels have for it, or the architecture.
fn cpu(cpuinfo: &str) -> String {
    let named = |key: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(key))?;
        line.split_once(':').map(|(_, name)| name.trim().to_owned())
    };
    named("model name").or_else(|| named("Model")).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The type of the mount that `folder` is below: `proc_pid_mountinfo(5)`.
fn file_system(mountinfo: &str, folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let mounts = mountinfo.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        Some((Path::new(mount.split(' ').nth(4)?), kind.split(' ').next()?))
    });
    // Of two mounts on one folder the later one hides the earlier one.
    let found = mounts.filter(|(place, _)| folder.starts_with(place)).max_by_key(|(place, _)| place.as_os_str().len());
    found.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_of_the_cpu_is_named() {
        assert_eq!(cpu("processor\t: 0\nmodel name\t: Fast 9000\nmodel name\t: Fast 9000\n"), "Fast 9000");
        assert_eq!(cpu("BogoMIPS\t: 50\nModel\t\t: Small Board\n"), "Small Board");
        assert_eq!(cpu(""), std::env::consts::ARCH);
    }

    #[test]
    fn the_nearest_mount_counts_and_of_two_on_one_place_the_later_one() {
        let mounts = "1 0 8:1 / / rw shared:1 - ext4 /dev/vda rw\n\
                      2 1 0:9 / /nowhere rw - tmpfs none rw\n\
                      3 1 0:9 / /nowhere/deep rw master:2 - xfs none rw\n\
                      4 1 0:9 / /nowhere rw - btrfs none rw\n";
        for (folder, kind) in [("/", "ext4"), ("/nowhere/x", "btrfs"), ("/nowhere/deep/x", "xfs"), ("/now", "ext4")] {
            assert_eq!(file_system(mounts, Path::new(folder)), kind, "{folder}");
        }
        assert_eq!(file_system("", Path::new("/")), "unknown");
    }
}
