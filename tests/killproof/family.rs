//! The children of a process: which it has, and that none is left.

use std::ffi::CString;

use killproof::process::{Process, adopt_orphans, ignore_children, reap_all};
use killproof::sync::Event;
use killproof::{Error, identity, procfs};
use support::namespaces;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::descriptors::NoDescriptors;

/// A child that ends only by a signal.
fn sleeper() -> Process<'static> {
    Process::new("sleeper", || Event::new().and_then(|never| never.wait(PATIENCE)))
}

/// A process with a family of its own, which must succeed.
#[track_caller]
fn host(live: impl FnOnce() -> Result<(), Error> + Send) {
    let live = || {
        adopt_orphans()?;
        live()?;
        reap_all().map(drop)
    };
    assert!(Process::new("host", live).start().expect("a process").join().expect("its end").success());
}

pub(crate) fn a_name_that_is_cut_inside_a_character_is_a_name() {
    let cut = CString::new(&"1生产者消费者模型".as_bytes()[..15]).expect("no zero");
    host(|| {
        nix::sys::prctl::set_name(&cut).expect("a name");
        let status = procfs::status(std::process::id().cast_signed())?.expect("this process");
        assert_eq!(status.name, "1生产者消\u{fffd}");
        assert!(identity::process()?.is_alive());
        // Its child has the name until it has its own: a look at it then must not fail.
        let mut child = Process::new(String::from_utf8_lossy(cut.as_bytes()), || ()).start()?;
        child.wait_ended()?;
        assert_eq!(procfs::children()?.len(), 1);
        child.join().map(drop)
    });
}

pub(crate) fn reap_all_ends_children_that_the_kernel_reaps() {
    host(|| {
        ignore_children()?;
        for _ in 0..4 {
            sleeper().start()?.detach();
        }
        assert_eq!(procfs::children()?.len(), 4);
        assert_eq!(reap_all()?, 4);
        assert_eq!(procfs::children()?, []);
        Ok(())
    });
}

pub(crate) fn one_descriptor_is_enough_to_see_every_child() {
    host(|| {
        let descriptors = NoDescriptors::prepare();
        for _ in 0..4 {
            sleeper().start()?.detach();
        }
        descriptors.leave(1);
        assert_eq!(procfs::children()?.len(), 4);
        descriptors.leave(0);
        let error = procfs::children().expect_err("no descriptor").to_string();
        assert!(error.ends_with(": too many open files"), "{error}");
        assert_eq!(reap_all()?, 4, "it has kept a descriptor for this");
        descriptors.allow();
        assert_eq!(procfs::children()?, []);
        Ok(())
    });
}

pub(crate) fn reap_all_works_where_there_is_no_proc() {
    let folder = TempDir::new().expect("a folder");
    host(|| {
        for _ in 0..2 {
            sleeper().start()?.detach();
        }
        let orphan = || sleeper().start().map(killproof::process::Child::detach);
        Process::new("parent", orphan).start()?.join()?;
        if !namespaces::enter_root(folder.path()) {
            eprintln!("not run: this system lets no process enter another root");
            return reap_all().map(drop);
        }
        procfs::children().expect_err("no /proc");
        assert_eq!(reap_all()?, 3);
        assert_eq!(reap_all()?, 0);
        Ok(())
    });
}

pub(crate) fn a_child_that_did_not_adopt_reaps_none_of_its_parents_children() {
    host(|| {
        let mut sibling = sleeper().daemon().start()?;
        let reaps = || {
            sleeper().daemon().start()?.detach();
            reap_all().map(|reaped| u8::from(reaped != 0))
        };
        assert!(Process::new("reaps", reaps).start()?.join()?.success(), "nothing before it adopts");
        assert!(sibling.is_alive());
        sibling.kill()?;
        sibling.join().map(drop)
    });
}
