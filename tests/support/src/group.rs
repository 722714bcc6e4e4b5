//! The processes of a process group.

use std::fs;

use nix::unistd::Pid;

/// The processes of a group that are no zombies, in the order of their numbers.
pub(crate) fn living(group: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let stats = processes.filter_map(|process| fs::read(process.path().join("stat")).ok());
    let mut living: Vec<_> = stats
        .filter_map(|stat| {
            let stat = String::from_utf8_lossy(&stat);
            // pid (name) state parent group ...; the name may hold anything.
            let (pid, rest) = (stat.split_once(" (")?.0, stat.rsplit_once(") ")?.1);
            let fields: Vec<_> = rest.split(' ').collect();
            let lives = !matches!(*fields.first()?, "Z" | "X") && fields.get(2)?.parse() == Ok(group.as_raw());
            lives.then_some(Pid::from_raw(pid.parse().ok()?))
        })
        .collect();
    living.sort();
    living
}

/// What `ps` calls a process: the first 15 bytes of its name.
pub(crate) fn name(pid: Pid) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim_end().to_owned()
}
