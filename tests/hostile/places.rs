//! Places in which a whole run goes on: little memory, few descriptors, no `/proc`, no room to write, an empty root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use common::process::ignore_children;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::SigSet;
use nix::unistd::dup;
use support::namespaces;

use crate::runs::{ROOT, Section};

/// The first argument of the process that enters a place and becomes the program there.
const STARTER: &str = "--in-place";
/// The exit code of a starter that cannot enter its place.
const CANNOT: i32 = 98;
/// How many descriptors are open that no program has a use for.
const OPEN: usize = 300;

#[derive(Clone, Copy, Debug)]
enum Place {
    /// An address space of this number of MiB: `RLIMIT_AS`. The smallest are about what the program itself takes when
    /// it is loaded, which grows with it. (Not the memory of a cgroup: an address space is refused to the call that
    /// asks for it, the same one each time, and a cgroup that is full has a process killed, which the kernel chooses.)
    Memory(u64),
    /// At most this number of descriptors, the standard streams among them: `RLIMIT_NOFILE`. The loader of the
    /// program takes the fourth.
    Descriptors(u64),
    NoProc,
    ReadOnly,
    EmptyRoot,
    /// What a program is left with by the one that starts it, and need not care for: every signal is blocked, SIGCHLD is
    /// ignored, hundreds of files are open, and the environment has a language that does not exist.
    Inherited,
}

const PLACES: &[Place] = &[
    Place::Memory(16),
    Place::Memory(17),
    Place::Memory(18),
    Place::Memory(20),
    Place::Memory(24),
    Place::Memory(64),
    Place::Memory(256),
    Place::Memory(512),
    Place::Descriptors(4),
    Place::Descriptors(5),
    Place::Descriptors(6),
    Place::Descriptors(7),
    Place::Descriptors(8),
    Place::Descriptors(9),
    Place::Descriptors(10),
    Place::Descriptors(11),
    Place::Descriptors(12),
    Place::Descriptors(16),
    Place::NoProc,
    Place::ReadOnly,
    Place::EmptyRoot,
    Place::Inherited,
];

/// If these are the arguments of a starter, is it. Returns its exit code then.
pub(crate) fn run(arguments: &[String]) -> Option<ExitCode> {
    let [_, first, place, command @ ..] = arguments else { return None };
    if first != STARTER {
        return None;
    }
    let here = std::env::current_dir().expect("a folder");
    let place = PLACES.iter().find(|known| format!("{known:?}") == *place).expect("a place");
    let is_there = match *place {
        Place::Memory(mebibytes) => is_limited(Resource::RLIMIT_AS, mebibytes << 20),
        Place::Descriptors(most) => is_limited(Resource::RLIMIT_NOFILE, most),
        Place::NoProc => namespaces::hide_proc(),
        Place::ReadOnly => namespaces::make_read_only(&here),
        Place::EmptyRoot => namespaces::enter_empty_root(&here.join(ROOT), Path::new(&command[0])),
        Place::Inherited => return Some(leaves_behind(command)),
    };
    if !is_there {
        return Some(ExitCode::from(u8::try_from(CANNOT).expect("a small number")));
    }
    let error = Command::new(&command[0]).args(&command[1..]).exec();
    eprintln!("cannot execute {}: {error}", command[0]);
    Some(ExitCode::from(99))
}

/// Becomes the program as one that starts programs and cleans up nothing.
fn leaves_behind(command: &[String]) -> ExitCode {
    let files: Result<Vec<_>, _> = (0..OPEN).map(|_| dup(std::io::stdin())).collect();
    let files = files.expect("descriptors that stay open");
    ignore_children().expect("an action");
    SigSet::all().thread_block().expect("a mask");
    let kept = ["PATH", "TMPDIR"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    let mut program = Command::new(&command[0]);
    program.args(&command[1..]).env_clear().envs(kept).envs([("LC_ALL", "xx_YY.none"), ("TZ", "No/Where")]);
    let error = program.exec();
    eprintln!("cannot execute with {} files: {error}", files.len());
    ExitCode::from(99)
}

fn is_limited(resource: Resource, most: u64) -> bool {
    setrlimit(resource, most, most).is_ok()
}

/// Tries a section in every place, and says what is wrong with each run that does not end as it must.
pub(crate) fn try_section(section: &Section) -> Result<(), String> {
    let mut wrong = Vec::new();
    for place in PLACES {
        let this = std::env::current_exe().expect("this program");
        let run = section.run(&[this.to_str().expect("a path").to_owned(), STARTER.to_owned(), format!("{place:?}")]);
        if run.ended.code() == Some(CANNOT) {
            assert!(std::env::var_os("CI").is_none(), "{place:?} cannot be entered");
            eprintln!("{place:?} is left out: this system gives no namespace for it");
            continue;
        }
        let fails = (matches!(place, Place::Inherited) && run.ended.code() != Some(0))
            .then(|| format!("it must run there as anywhere: {:?}", run.ended));
        if let Some(fault) = run.fault().or(fails) {
            wrong.push(format!("{} in {place:?}: {fault}", section.title));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
