//! Which linked child has failed.

use super::{Death, Exit};
use crate::links::{self, Failure};

/// The [linked](super::Process::linked) child of this process that has failed and was not joined: why every
/// wait returns [`Interrupted`](crate::Error::Interrupted) with SIGCHLD. Of several, the one that was started
/// first.
///
/// A child that was dropped without a join, as an error unwound its parent, still counts.
#[must_use]
pub fn failed_link() -> Option<Death> {
    let (name, pid, failure) = links::failed(None)?;
    let exit = match failure {
        Failure::Code(code) => Exit::Code(code),
        Failure::Signal(number) => Exit::by_signal(number),
    };
    Some(Death { name, pid, exit })
}
