//! Record locks of actors: a death frees them.

use std::collections::BTreeMap;
use std::io;

use crashcheck::state::Table;

use super::identity;

/// Which actor holds which place: the kernel's own memory. Whether a holder lives is asked of the model.
pub(crate) struct LifeLocks {
    holders: Table<BTreeMap<u32, usize>>,
}

impl LifeLocks {
    #[expect(clippy::unnecessary_wraps, reason = "as the machine's, which takes a descriptor")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { holders: Table::new(BTreeMap::new()) })
    }

    #[track_caller]
    pub(crate) fn hold(&self, place: u32) -> io::Result<bool> {
        let me = crashcheck::actor::current();
        loop {
            let holder = self.holders.with(|holders| holders.get(&place).copied().filter(|holder| *holder != me));
            if holder.is_some_and(crashcheck::actor::is_alive) {
                return Ok(false);
            }
            // The kernel does both in one step: another actor may have been faster here.
            let is_mine = self.holders.with(|holders| {
                let is_as_before = holders.get(&place).copied().filter(|holder| *holder != me) == holder;
                if is_as_before {
                    holders.insert(place, me);
                }
                is_as_before
            });
            if is_mine {
                return Ok(true);
            }
        }
    }

    #[track_caller]
    pub(crate) fn is_held(&self, place: u32) -> bool {
        self.others(|held| held == place).into_iter().any(crashcheck::actor::is_alive)
    }

    #[track_caller]
    pub(crate) fn any_is_held(&self) -> bool {
        self.others(|_| true).into_iter().any(crashcheck::actor::is_alive)
    }

    #[track_caller]
    fn others(&self, is_meant: impl Fn(u32) -> bool) -> Vec<usize> {
        let me = crashcheck::actor::current();
        let is_other = |(place, actor): &(&u32, &usize)| is_meant(**place) && **actor != me;
        self.holders.with(|holders| holders.iter().filter(is_other).map(|(_, actor)| *actor).collect())
    }
}

pub(crate) fn thread_id() -> i32 {
    identity::pid()
}

/// Asked of the threads of the calling process alone, which has one.
pub(crate) fn thread_is_alive(id: i32) -> bool {
    id == thread_id()
}
