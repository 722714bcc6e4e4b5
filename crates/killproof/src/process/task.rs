//! A type that is a process.

use super::IntoExit;

/// A type that is a process: what Python writes as a subclass of `Process` with a `run` method.
///
/// ```
/// use killproof::process::{Process, Task};
///
/// struct Game(&'static str);
///
/// impl Task for Game {
///     type Output = ();
///     fn name(&self) -> String { self.0.to_owned() }
///     fn run(self) { assert_eq!(self.0, "chess") }
/// }
///
/// Game("chess").run(); // a method call: no process anywhere
/// assert!(Process::from_task(Game("chess")).start()?.join()?.success()); // a process
/// # Ok::<(), killproof::Error>(())
/// ```
pub trait Task: Send {
    /// What `run` returns.
    type Output: IntoExit;
    /// The name of the process.
    fn name(&self) -> String;
    /// The work. Calling it does the work here and now; only [`Process::start`](super::Process::start) starts a
    /// process.
    fn run(self) -> Self::Output;
}
