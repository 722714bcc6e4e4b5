//! What a closure owns, and what never leaves a child.

use std::fs;
use std::io::{BufWriter, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, Ordering};

use killproof::Error;
use killproof::observe::{self, Location, Mark, Object, Observer};
use killproof::process::{Exit, IntoExit, Process};
use killproof::shared::Shared;
use killproof::sync::Event;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::descriptors::NoDescriptors;

/// Counts where it is dropped: in the process that made it, or in another.
struct Dropped<'s> {
    counts: &'s Shared<[AtomicU32; 2]>,
    made_by: u32,
}

impl<'s> Dropped<'s> {
    fn new(counts: &'s Shared<[AtomicU32; 2]>) -> Self {
        Self { counts, made_by: std::process::id() }
    }
}

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.counts[usize::from(self.made_by != std::process::id())].fetch_add(1, Ordering::AcqRel);
    }
}

fn counts() -> Shared<[AtomicU32; 2]> {
    Shared::new([AtomicU32::new(0), AtomicU32::new(0)]).expect("memory")
}

/// How often a [`Dropped`] was dropped in the process that made it, and in a child.
fn parent_and_child(counts: &Shared<[AtomicU32; 2]>) -> (u32, u32) {
    (counts[0].load(Ordering::Acquire), counts[1].load(Ordering::Acquire))
}

pub(crate) fn what_moved_into_a_child_is_dropped_by_the_child_alone() {
    let counts = counts();
    let owned = Dropped::new(&counts);
    let mut child = Process::new("owner", move || drop(owned)).start().expect("a process");
    assert!(child.join().expect("its end").success());
    assert_eq!(parent_and_child(&counts), (0, 1));
}

pub(crate) fn a_process_that_never_ran_drops_its_closure_as_usual() {
    let counts = counts();
    let owned = Dropped::new(&counts);
    let not_started = Process::new("not started", move || drop(owned));
    drop(not_started);
    assert_eq!(parent_and_child(&counts), (1, 0));

    let owned = Dropped::new(&counts);
    let (send, wait) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || wait.recv());
    Process::new("refused", move || drop(owned)).start().expect_err("two threads run");
    assert_eq!(parent_and_child(&counts), (2, 0));
    drop(send);
    let _ = thread.join().expect("no panic");
}

pub(crate) fn a_folder_that_moved_into_a_child_is_there_until_the_child_ends() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().to_owned();
    let started = Event::new().expect("memory");
    let look = || {
        let folder = folder;
        started.wait(PATIENCE)?;
        Ok::<_, Error>(u8::from(!folder.path().is_dir()))
    };
    let mut child = Process::new("owner", look).start().expect("a process");
    started.set();
    assert_eq!(child.join().expect("its end"), Exit::Code(0), "the parent removed its child's folder");
    assert!(!path.exists(), "the child removed it at its end");
}

pub(crate) fn a_buffer_that_moved_into_a_child_is_written_once() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("text");
    let mut buffer = BufWriter::new(fs::File::create(&path).expect("a file"));
    buffer.write_all(b"once").expect("room in the buffer");
    let mut child = Process::new("writes", move || drop(buffer)).start().expect("a process");
    assert!(child.join().expect("its end").success());
    assert_eq!(fs::read_to_string(&path).expect("the file"), "once");
}

/// A panic payload that panics when it is dropped.
struct PanicsAgain;

impl Drop for PanicsAgain {
    fn drop(&mut self) {
        panic!("on purpose, for the second time");
    }
}

/// What a closure returns that panics while it is made an exit code.
struct NoCode;

impl IntoExit for NoCode {
    fn into_exit(self, _: &str) -> u8 {
        panic::panic_any(PanicsAgain)
    }
}

/// An observer that panics when its process ends.
struct Nervous;

impl Observer for Nervous {
    fn mark(&self, mark: Mark, _: Object<'_>, _: Location) {
        if matches!(mark, Mark::Exits { .. }) {
            panic::panic_any(PanicsAgain)
        }
    }
}

/// Starts what `make` returns, in a host of its own, and returns how it ended. The host ends with code 1 if
/// another process than itself came out of the start.
fn end_of(make: fn() -> Process<'static>) -> Exit {
    let escaped = Shared::new(AtomicU32::new(0)).expect("memory");
    let code = Shared::new(AtomicU32::new(u32::MAX)).expect("memory");
    let host = Process::new("host", || {
        let me = std::process::id();
        let started = panic::catch_unwind(AssertUnwindSafe(|| make().start()));
        if std::process::id() != me {
            escaped.fetch_add(1, Ordering::AcqRel);
            return Ok(0);
        }
        let exit = started.expect("no panic in the host")?.join()?;
        let Exit::Code(exit) = exit else { return Ok::<u8, Error>(2) };
        code.store(exit.cast_unsigned(), Ordering::Release);
        Ok(0)
    });
    assert!(host.start().expect("a process").join().expect("its end").success());
    assert_eq!(escaped.load(Ordering::Acquire), 0, "a child left its start");
    Exit::Code(code.load(Ordering::Acquire).cast_signed())
}

pub(crate) fn a_panic_payload_that_panics_when_it_is_dropped_ends_the_child() {
    let panics = || Process::new("panics", || -> u8 { panic::panic_any(PanicsAgain) });
    assert_eq!(end_of(panics), Exit::Code(101));
}

pub(crate) fn a_result_that_panics_as_it_becomes_a_code_ends_the_child() {
    assert_eq!(end_of(|| Process::new("no code", || NoCode)), Exit::Code(101));
}

pub(crate) fn an_observer_that_panics_at_a_childs_end_ends_the_child() {
    static NERVOUS: Nervous = Nervous;
    let observed = || {
        Process::new("observed", || {
            observe::install(&NERVOUS)?;
            Ok::<_, Error>(7_u8)
        })
    };
    assert_eq!(end_of(observed), Exit::Code(101));
}

pub(crate) fn a_refused_start_has_run_nothing() {
    let ran = Shared::new(AtomicU32::new(0)).expect("memory");
    let descriptors = NoDescriptors::prepare();
    descriptors.forbid();
    for _ in 0..3_000 {
        let runs = Process::new("refused", || ran.store(1, Ordering::Release));
        let refused = runs.start().expect_err("no descriptor for a process");
        assert_eq!(refused.to_string(), "cannot start refused: too many open files");
    }
    drop(descriptors);
    assert_eq!(ran.load(Ordering::Acquire), 0);
}
