//! Lines on their way to a stream whose reader may be slow, or stand still.
//!
//! A write to a full pipe waits for the reader of the pipe. A server whose threads waited there would answer no
//! client meanwhile. So its threads leave their lines in an [`Outlet`], and one thread of the outlet writes them.

use std::io;
use std::mem;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use killproof::{interrupt, limits};
use nix::errno::Errno;

use crate::error::Error;
use crate::objects;
use crate::words::Text;

/// The most bytes that wait for the writer. It is what a busy server says while its writer does not run for a
/// tenth of a second.
const ROOM: usize = 4 << 20;
/// What a buffer keeps when it is empty again.
const KEPT: usize = 64 << 10;
/// The stack of the writer.
const STACK: usize = 128 << 10;
/// The least time that a reader is given at the end.
const GRACE: Duration = Duration::from_secs(1);

/// A buffer of lines, and a thread that writes them to a stream.
///
/// A caller never waits for the reader of the stream: a line for which there is no room is dropped, and counted.
/// That ends with [`finish_by`](Self::finish_by): from then on no line is dropped, and the caller waits, at most until
/// the deadline.
///
/// ```
/// use std::time::{Duration, Instant};
/// use common::outlet::Outlet;
///
/// let (send, written) = std::sync::mpsc::channel();
/// let outlet = Outlet::start("the log", move |lines| Ok(send.send(lines.to_vec()).expect("a reader")))?;
/// outlet.take(b"one line\n")?;
/// outlet.finish_by(Instant::now() + Duration::from_secs(60));
/// assert_eq!((written.recv().expect("a line"), outlet.dropped()), (b"one line\n".to_vec(), 0));
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Debug)]
pub struct Outlet {
    shared: Arc<Shared>,
    /// At its end as soon as the writer has failed.
    alive: UnixStream,
    /// The stream, as an error names it.
    stream: Text,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// There is something to write.
    filled: Condvar,
    /// There is nothing to write any more, or the writer has failed.
    emptied: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// Whole lines.
    lines: Vec<u8>,
    writer: Writer,
    /// Why the writer writes no more.
    failed: Option<Errno>,
    /// The outlet was dropped: the writer ends when it has written all lines.
    is_closed: bool,
    /// Until when a caller waits for its line to be written; `None` while lines are dropped instead.
    finish_by: Option<Instant>,
    /// The reader did not read the last lines in time.
    gave_up: bool,
}

/// What the writer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writer {
    /// It is about to look for lines.
    #[default]
    Looks,
    /// It sleeps until there are lines, and must be woken.
    Sleeps,
    /// It writes the lines that it took.
    Writes,
}

impl Outlet {
    /// An empty outlet. `write` writes whole lines; it may wait for the reader of `stream` as long as it likes. The
    /// thread that calls it ends when the outlet is dropped and all lines are written, or with the program.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no thread or no socket pair.
    pub fn start(
        stream: impl Into<Text>,
        write: impl FnMut(&[u8]) -> Result<(), Errno> + Send + 'static,
    ) -> Result<Self, Error> {
        let stream = stream.into();
        let refused = |source: io::Error| Error::refused("start", objects::writer_of(&stream), source);
        limits::allow_one_more_thread()?;
        let (alive, ends) = UnixStream::pair().map_err(refused)?;
        let shared = Arc::<Shared>::default();
        let of_writer = Arc::clone(&shared);
        let body = move || {
            of_writer.write_all(write);
            drop(ends);
        };
        thread::Builder::new().name("writer".to_owned()).stack_size(STACK).spawn(body).map_err(refused)?;
        Ok(Self { shared, alive, stream })
    }

    /// Takes whole lines.
    ///
    /// # Errors
    ///
    /// [`Error::OutputClosed`] if the stream has no reader any more; [`Error::Refused`] if the system refused to
    /// write earlier lines, or (after [`finish_by`](Self::finish_by)) if these are not written in time: then by the
    /// signal that asked the program to end, if one did.
    pub fn take(&self, lines: &[u8]) -> Result<(), Error> {
        let mut state = self.shared.lock();
        if let Some(errno) = state.failed {
            return Err(self.error(errno));
        }
        if state.finish_by.is_none() && state.lines.len() + lines.len() > ROOM {
            let count = lines.split_inclusive(|byte| *byte == b'\n').count();
            self.shared.dropped.fetch_add(count.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
            return Ok(());
        }
        state.lines.extend_from_slice(lines);
        // To wake a thread that does not wait is a system call all the same.
        if state.writer == Writer::Sleeps {
            state.writer = Writer::Looks;
            self.shared.filled.notify_one();
        }
        match state.finish_by {
            None => Ok(()),
            Some(deadline) => self.wait_until_written(state, deadline),
        }
    }

    /// The number of lines that were dropped.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Drops no line from now on: this call and each later [`take`](Self::take) wait until all lines are written, at
    /// most until `deadline`, but at least for a second.
    pub fn finish_by(&self, deadline: Instant) {
        let mut state = self.shared.lock();
        state.finish_by = Some(deadline);
        let _ = self.wait_until_written(state, deadline); // the next line finds the error
    }

    /// Why no line is written any more, if that is so.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        self.shared.lock().failed.map(|errno| self.error(errno))
    }

    /// Readable as soon as there is a [`failure`](Self::failure).
    #[must_use]
    pub fn failed(&self) -> BorrowedFd<'_> {
        self.alive.as_fd()
    }

    fn wait_until_written(&self, mut state: MutexGuard<'_, State>, deadline: Instant) -> Result<(), Error> {
        let began = Instant::now();
        let deadline = deadline.max(began + GRACE);
        while !state.gave_up && state.failed.is_none() && (state.writer == Writer::Writes || !state.lines.is_empty()) {
            let left = deadline.saturating_duration_since(Instant::now());
            state.gave_up = left.is_zero();
            state = self.shared.emptied.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        match state.failed {
            Some(errno) => Err(self.error(errno)),
            None if state.gave_up => Err(interrupt::requested().map_or_else(
                || Error::timed_out(objects::reader_of(&self.stream), began.elapsed().as_secs_f64()),
                Error::interrupted,
            )),
            None => Ok(()),
        }
    }

    fn error(&self, errno: Errno) -> Error {
        if errno == Errno::EPIPE { Error::OutputClosed } else { Error::refused("write to", &self.stream, errno) }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.filled.notify_one();
    }
}

impl Shared {
    /// The body of the writer.
    fn write_all(&self, mut write: impl FnMut(&[u8]) -> Result<(), Errno>) {
        let mut lines = Vec::new();
        loop {
            let mut state = self.lock();
            state.writer = Writer::Looks;
            if state.lines.is_empty() {
                self.emptied.notify_all();
            }
            while state.lines.is_empty() {
                if state.is_closed {
                    return;
                }
                state.writer = Writer::Sleeps;
                state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.writer = Writer::Writes;
            mem::swap(&mut state.lines, &mut lines);
            drop(state);
            if let Err(errno) = write(&lines) {
                self.lock().failed = Some(errno);
                self.emptied.notify_all();
                return;
            }
            lines.clear();
            lines.shrink_to(KEPT);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner) // no code panics in between
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_mins(1);

    /// An outlet whose reader reads when the sender says so, and what it reads.
    fn outlet() -> (Outlet, mpsc::Sender<Result<(), Errno>>, mpsc::Receiver<Vec<u8>>) {
        let ((reads, may_write), (send, written)) = (mpsc::channel(), mpsc::channel());
        let write = move |lines: &[u8]| {
            let _ = send.send(lines.to_vec());
            may_write.recv().unwrap_or(Err(Errno::EPIPE))
        };
        (Outlet::start("the log", write).expect("a thread"), reads, written)
    }

    #[test]
    fn without_a_reader_lines_are_kept_then_dropped_and_counted_and_no_caller_waits() {
        let (outlet, reads, written) = outlet();
        let line = [vec![b'a'; 1023], vec![b'\n']].concat();
        outlet.take(&line).expect("room");
        assert_eq!(written.recv().expect("the first line, which is being written"), line);
        let lines = ROOM / line.len();
        (0..lines + 3).for_each(|_| outlet.take(&line).expect("room, or a line that is dropped"));
        outlet.take(&[&line[..], &line].concat()).expect("two lines that are dropped");
        assert_eq!(outlet.dropped(), 5);
        reads.send(Ok(())).expect("a writer");
        assert_eq!(written.recv().expect("all that was kept"), line.repeat(lines));
        reads.send(Ok(())).expect("a writer");
        outlet.finish_by(Instant::now() + PATIENCE);
        reads.send(Ok(())).expect("a writer");
        outlet.take(b"the last line\n").expect("a reader");
        assert_eq!(written.recv().expect("no line is dropped at the end"), b"the last line\n");
    }

    #[test]
    fn at_the_end_a_reader_that_stands_still_is_given_up() {
        let (outlet, _reads, _written) = outlet();
        outlet.take(b"a line\n").expect("room");
        let began = Instant::now();
        outlet.finish_by(began);
        assert!(began.elapsed() >= GRACE);
        let error = outlet.take(b"the last line\n").expect_err("no reader");
        assert!(error.to_string().starts_with("gave up waiting for the reader of the log after "), "{error}");
    }

    #[test]
    fn a_reader_that_goes_away_is_seen_without_another_line() {
        let (outlet, reads, _written) = outlet();
        outlet.take(b"a line\n").expect("room");
        assert!(outlet.failure().is_none());
        reads.send(Err(Errno::EPIPE)).expect("a writer");
        assert!(interrupt::wait_readable(&[outlet.failed()], Some(PATIENCE)).expect("a socket"));
        assert!(matches!(outlet.failure(), Some(Error::OutputClosed)));
        assert!(matches!(outlet.take(b"more\n"), Err(Error::OutputClosed)));
        outlet.finish_by(Instant::now() + PATIENCE);
    }
}
