//! Record locks of actors: a death frees them.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::identity;

/// Who holds which place. The kernel's own memory: its accesses are no choices, but whether a holder lives is asked
/// of the model.
pub(crate) struct LifeLocks {
    holders: Mutex<Vec<(u32, usize)>>,
}

impl LifeLocks {
    #[expect(clippy::unnecessary_wraps, reason = "as the machine's, which takes a descriptor")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { holders: Mutex::new(Vec::new()) })
    }

    #[track_caller]
    #[expect(clippy::unnecessary_wraps, reason = "as the machine's, which may refuse")]
    pub(crate) fn hold(&self, place: u32) -> io::Result<bool> {
        if self.is_held(place) {
            return Ok(false);
        }
        let mut holders = self.holders();
        holders.retain(|(held, _)| *held != place);
        holders.push((place, crashcheck::actor::current()));
        Ok(true)
    }

    #[track_caller]
    pub(crate) fn is_held(&self, place: u32) -> bool {
        self.others(|held| held == place).into_iter().any(crashcheck::actor::is_alive)
    }

    #[track_caller]
    pub(crate) fn any_is_held(&self) -> bool {
        self.others(|_| true).into_iter().any(crashcheck::actor::is_alive)
    }

    fn others(&self, is_meant: impl Fn(u32) -> bool) -> Vec<usize> {
        let me = crashcheck::actor::current();
        let holders = self.holders();
        holders.iter().filter(|(place, actor)| is_meant(*place) && *actor != me).map(|(_, actor)| *actor).collect()
    }

    fn holders(&self) -> MutexGuard<'_, Vec<(u32, usize)>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn thread_id() -> i32 {
    identity::pid()
}

/// Asked of the threads of the calling process alone, which has one.
pub(crate) fn thread_is_alive(id: i32) -> bool {
    id == thread_id()
}
