//! How many robust mutexes a thread holds.
//!
//! Three things depend on it. A process must not be forked by a thread that is inside a mutex: the child would be
//! inside as well. The kernel frees a limited number of mutexes of a dead thread (`ROBUST_LIST_LIMIT` in
//! <https://github.com/torvalds/linux/blob/master/include/uapi/linux/futex.h>). And a thread that ends inside a
//! mutex because it forgot a guard may have given away a reference to the value, so that mutex must stay locked.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many mutexes a thread may hold: below the kernel's 2,048 by what an operation of a queue needs, and other
/// libraries may.
pub(crate) const MAX_HELD: u32 = 1_999;

/// Set in the count of a thread until its end is watched. Any count with it is above the limit, so the path of a
/// free lock has one comparison for both.
const UNWATCHED: u32 = 1 << 31;

thread_local! {
    /// A forgotten guard stays counted. A process that was forked otherwise than by `start` has a copy.
    static HELD: Cell<u32> = const { Cell::new(UNWATCHED) };
}

/// How many guards were forgotten by threads of this process that have ended.
static FORGOTTEN: AtomicU32 = AtomicU32::new(0);

/// How many mutexes the calling thread holds; those that ended threads forgot count as well.
#[inline]
pub(super) fn by_caller() -> u32 {
    (HELD.get() & !UNWATCHED) + FORGOTTEN.load(Ordering::Relaxed)
}

#[inline]
pub(super) fn add() {
    HELD.set(HELD.get().wrapping_add(1));
}

#[inline]
pub(super) fn remove() {
    HELD.set(HELD.get().wrapping_sub(1));
}

/// Whether the calling thread may hold one mutex more.
#[inline]
pub(super) fn may_add() -> bool {
    HELD.get() < MAX_HELD || may_add_slowly()
}

#[cold]
fn may_add_slowly() -> bool {
    if HELD.get() & UNWATCHED != 0 && watch_end_of_caller() {
        HELD.set(HELD.get() & !UNWATCHED);
    }
    HELD.get() & !UNWATCHED < MAX_HELD
}

/// Has [`thread_ends`] called at the end of the calling thread, after its thread-locals are dropped: a guard may
/// be in one of them. False if the system has no key left; then the next lock tries again.
fn watch_end_of_caller() -> bool {
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();
    let new_key = || {
        let mut key = 0;
        // SAFETY: `key` is in this frame, and the destructor lives as long as the program.
        let made = unsafe { libc::pthread_key_create(&raw mut key, Some(thread_ends)) };
        (made == 0).then_some(key)
    };
    let Some(key) = *KEY.get_or_init(new_key) else { return false };
    // The destructor is called for a value that is not null, and does not look at it.
    let any = ptr::dangling::<c_void>();
    // SAFETY: the key was made above and is never deleted.
    unsafe { libc::pthread_setspecific(key, any) == 0 }
}

/// The head of a list of robust mutexes, as the kernel reads it: `struct robust_list_head` in
/// <https://docs.kernel.org/locking/robust-futex-ABI.html>.
#[repr(C)]
struct ListHead {
    /// The first element; of an empty list, this field itself.
    first: *const ListHead,
    offset: libc::c_long,
    pending: *const c_void,
}

// SAFETY: it is never written.
unsafe impl Sync for ListHead {}

static NO_MUTEXES: ListHead = ListHead { first: &raw const NO_MUTEXES, offset: 0, pending: ptr::null() };

/// If the thread that ends has forgotten guards, takes their mutexes from the kernel, which would free them. A
/// reference into one of them may be in another thread, which would then be inside together with the next holder.
extern "C" fn thread_ends(_: *mut c_void) {
    let forgotten = HELD.get() & !UNWATCHED;
    if forgotten == 0 {
        return;
    }
    FORGOTTEN.fetch_add(forgotten, Ordering::Relaxed);
    // SAFETY: the kernel reads a list that is empty and static. The C library keeps its own list, which the
    // kernel no longer knows, and uses it no more, because this thread runs no code of the program after this.
    unsafe { libc::syscall(libc::SYS_set_robust_list, &raw const NO_MUTEXES, size_of::<ListHead>()) };
}
