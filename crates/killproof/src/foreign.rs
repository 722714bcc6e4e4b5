//! Code of the program's own that the toolkit calls, and that may panic.

use std::any::Any;
use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};

/// The exit code of a process whose own code panicked, as the standard library has it for a program.
pub(crate) const PANICKED: u8 = 101;

/// What `work` returns; `None` if it panics. The payload of the panic is forgotten: it may panic when it is
/// dropped.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(ManuallyDrop::new).ok()
}

/// The same, with what the panic said.
#[inline]
pub(crate) fn caught_message<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(message)
}

#[cold]
fn message(payload: Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let _ = ManuallyDrop::new(payload);
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}
