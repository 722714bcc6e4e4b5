//! A mutex between processes that the kernel frees when its owner dies.
//!
//! POSIX robust mutexes: `pthread_mutexattr_setrobust(3)`, and the kernel's side in
//! <https://docs.kernel.org/locking/robust-futexes.html>. Each thread keeps a list of the robust
//! mutexes it holds; when it dies, however it dies, the kernel walks the list, marks each mutex
//! "owner died" and wakes a waiter.

use std::cell::UnsafeCell;
use std::io;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::memory::ShmSlice;
use super::robust_guard::{Guard, Lock, NotTaken, Taken};
use super::shm_safe::ShmSafe;
use super::{held, thread, timed_lock};

/// How often a waiter tries again before it sleeps, each time after twice the pause: about as long as a
/// short critical section.
const SPINS: u32 = 6;

/// The word of a mutex that has its holder's thread id, in the kernel's format. It cannot move, because programs
/// contain the initial value of mutexes in this layout.
const FUTEX_WORD: usize = if cfg!(target_env = "musl") { 1 } else { 0 };

/// A robust mutex and the value that it protects, in shared memory.
///
/// Its memory stays mapped if it is dropped while a thread of this process holds it: that thread's list of robust
/// mutexes points into it, and each lock of another mutex writes to the neighbours in that list.
pub(crate) struct RobustMutex<T: ShmSafe> {
    memory: ManuallyDrop<ShmSlice<Locked<T>>>,
}

pub(crate) struct Locked<T> {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    value: UnsafeCell<T>,
}

// SAFETY: only the holder of the mutex reaches the value, and the mutex is made for sharing.
unsafe impl<T: ShmSafe> Sync for Locked<T> {}
// SAFETY: as for Sync; nothing in it belongs to one thread.
unsafe impl<T: ShmSafe> Send for Locked<T> {}
// SAFETY: a process-shared pthread mutex means the same in every process that maps it; zero bytes
// are a valid (not yet initialised) `pthread_mutex_t`, and the value is `ShmSafe`.
unsafe impl<T: ShmSafe> ShmSafe for Locked<T> {}

pub(crate) type RobustGuard<'a, T> = Guard<'a, Locked<T>>;
pub(crate) type LockResult<'a, T> = Taken<'a, Locked<T>>;

impl<T: ShmSafe> RobustMutex<T> {
    pub(crate) fn new(value: T) -> io::Result<Self> {
        let memory = ShmSlice::<Locked<T>>::map(1)?;
        // SAFETY: the mapping is new, so no other process can see the cell yet.
        unsafe { memory[0].value.get().write(value) };
        let mut attributes = MaybeUninit::<libc::pthread_mutexattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: `attributes` points at room for attributes in this frame.
        check(unsafe { libc::pthread_mutexattr_init(attributes) })?;
        // SAFETY: `attributes` is initialised.
        check(unsafe { libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED) })?;
        // SAFETY: `attributes` is initialised.
        check(unsafe { libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST) })?;
        // A second lock by its holder is an error, not a silent wait for ever.
        // SAFETY: `attributes` is initialised.
        check(unsafe { libc::pthread_mutexattr_settype(attributes, libc::PTHREAD_MUTEX_ERRORCHECK) })?;
        // SAFETY: the cell is mapped, aligned, not in use yet and will not move; attributes are set.
        check(unsafe { libc::pthread_mutex_init(memory[0].mutex.get(), attributes) })?;
        // SAFETY: initialised above and not used again.
        check(unsafe { libc::pthread_mutexattr_destroy(attributes) })?;
        Ok(Self { memory: ManuallyDrop::new(memory) })
    }

    /// Takes the mutex if it is free. It is for a lock that is held while code of this crate alone runs, so the
    /// caller knows that it does not hold it.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<LockResult<'_, T>> {
        unless_busy(self.try_take())
    }

    /// Waits for the mutex for at most `timeout` and takes it. The waiter spins first, because the holder may be
    /// about to unlock, and then sleeps. It is for the same locks as [`RobustMutex::try_lock`].
    #[inline]
    pub(crate) fn lock_for(&self, timeout: Duration) -> Option<LockResult<'_, T>> {
        self.try_lock().or_else(|| unless_busy(self.wait_for(timeout)))
    }

    /// Takes the mutex if it is free, for a caller whose thread may hold any mutexes.
    #[inline]
    pub(crate) fn try_acquire(&self) -> Result<LockResult<'_, T>, NotTaken> {
        if held::may_add() { self.try_take() } else { Err(NotTaken::TooManyHeld) }
    }

    /// Waits for the mutex for at most `timeout` and takes it, for a caller whose thread may hold any mutexes.
    pub(crate) fn acquire_for(&self, timeout: Duration) -> Result<LockResult<'_, T>, NotTaken> {
        match self.try_acquire() {
            Err(NotTaken::Busy) => self.wait_for(timeout),
            decided => decided,
        }
    }

    #[inline]
    fn try_take(&self) -> Result<LockResult<'_, T>, NotTaken> {
        // SAFETY: initialised in `new`, alive as long as `self`.
        self.taken(unsafe { libc::pthread_mutex_trylock(self.mutex()) })
    }

    #[cold]
    fn wait_for(&self, timeout: Duration) -> Result<LockResult<'_, T>, NotTaken> {
        for round in 0..SPINS {
            for _ in 0..1 << round {
                std::hint::spin_loop();
            }
            if let Ok(taken) = self.try_take() {
                return Ok(taken);
            }
        }
        // SAFETY: initialised in `new`, alive as long as `self`.
        self.taken(unsafe { timed_lock::lock(self.mutex(), timeout) })
    }

    /// Whether this guard is one of this mutex.
    pub(crate) fn is_locked_by(&self, guard: &RobustGuard<'_, T>) -> bool {
        guard.is_of(self.locked())
    }

    /// The id of the thread that holds the mutex now, in its own pid namespace. `None`: it is free.
    pub(crate) fn holder(&self) -> Option<i32> {
        // SAFETY: it is the word of the mutex on which the kernel's robust list and futex work. It is aligned, is
        // as old as the mutex, and is only ever accessed atomically.
        let word = unsafe { AtomicU32::from_ptr(self.mutex().cast::<u32>().wrapping_add(FUTEX_WORD)) };
        let thread = (word.load(Ordering::Relaxed) & libc::FUTEX_TID_MASK).cast_signed();
        (thread != 0).then_some(thread)
    }

    #[inline]
    fn taken(&self, result: libc::c_int) -> Result<LockResult<'_, T>, NotTaken> {
        match result {
            0 => Ok(Taken::Free(self.guard())),
            libc::EOWNERDEAD => Ok(Taken::OwnerDied(self.guard())),
            libc::EBUSY | libc::ETIMEDOUT => Err(NotTaken::Busy),
            libc::EDEADLK => Err(NotTaken::AlreadyHeld),
            other => refused(other),
        }
    }

    /// The caller has just taken the mutex.
    #[inline]
    fn guard(&self) -> RobustGuard<'_, T> {
        held::add();
        // SAFETY: the caller has.
        unsafe { Guard::new(self.locked()) }
    }

    #[inline]
    fn locked(&self) -> &Locked<T> {
        &self.memory[0]
    }

    #[inline]
    fn mutex(&self) -> *mut libc::pthread_mutex_t {
        self.locked().mutex.get()
    }
}

impl<T: ShmSafe> Drop for RobustMutex<T> {
    fn drop(&mut self) {
        // The mutex is not locked to learn that: other processes may use it.
        if self.holder().is_some_and(thread::thread_is_alive) {
            return;
        }
        // SAFETY: it is dropped here and nowhere else, and not used after this.
        unsafe { ManuallyDrop::drop(&mut self.memory) };
    }
}

impl<T: ShmSafe> Lock for Locked<T> {
    type Value = T;

    #[inline]
    fn value(&self) -> &UnsafeCell<T> {
        &self.value
    }

    fn make_consistent(&self) {
        // SAFETY: initialised in `new`; calling it in another state is a harmless EINVAL.
        let made = unsafe { libc::pthread_mutex_consistent(self.mutex.get()) };
        debug_assert!(made == 0, "the holder may repair");
    }

    #[inline]
    fn unlock(&self) {
        held::remove();
        // SAFETY: initialised in `new`. An error-checking mutex answers EPERM to a thread that is
        // not its holder, so a copy of the guard in a forked child does no harm.
        unsafe { libc::pthread_mutex_unlock(self.mutex.get()) };
    }
}

#[inline]
fn unless_busy<T: ShmSafe>(attempt: Result<LockResult<'_, T>, NotTaken>) -> Option<LockResult<'_, T>> {
    match attempt {
        Ok(taken) => Some(taken),
        Err(NotTaken::Busy) => None,
        Err(NotTaken::AlreadyHeld | NotTaken::TooManyHeld) => refused(libc::EDEADLK),
    }
}

#[cold]
fn refused(code: libc::c_int) -> ! {
    panic!("a robust mutex answered {}", io::Error::from_raw_os_error(code))
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(result)) }
}
