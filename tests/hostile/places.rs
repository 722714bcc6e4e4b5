//! Places in which a whole run goes on: little memory, few descriptors, no `/proc`, no room to write, an empty root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use nix::sys::resource::{Resource, setrlimit};
use support::namespaces;

use crate::runs::{ROOT, Section};

/// The first argument of the process that enters a place and becomes the program there.
const STARTER: &str = "--in-place";
/// The exit code of a starter that cannot enter its place.
const CANNOT: i32 = 98;

#[derive(Clone, Copy, Debug)]
enum Place {
    /// An address space of this number of MiB: `RLIMIT_AS`. The smallest are about what the program itself takes when
    /// it is loaded, which grows with it.
    Memory(u64),
    /// At most this number of descriptors, the standard streams among them: `RLIMIT_NOFILE`. The loader of the
    /// program takes the fourth.
    Descriptors(u64),
    NoProc,
    ReadOnly,
    EmptyRoot,
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
    };
    if !is_there {
        return Some(ExitCode::from(u8::try_from(CANNOT).expect("a small number")));
    }
    let error = Command::new(&command[0]).args(&command[1..]).exec();
    eprintln!("cannot execute {}: {error}", command[0]);
    Some(ExitCode::from(99))
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
        if let Some(fault) = run.fault() {
            wrong.push(format!("{} in {place:?}: {fault}", section.title));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
