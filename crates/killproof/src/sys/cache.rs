//! What a processor can be told about its cache, and what it must be told about order.

/// One of the instructions by which a processor is asked for a cache line.
macro_rules! ask {
    ($instruction:literal, $place:expr) => {
        let address = std::ptr::from_ref($place);
        // SAFETY: to the program it does nothing: it reads and writes no memory, and faults nowhere.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::asm!(concat!($instruction, " [{}]"), in(reg) address, options(nostack, preserves_flags, readonly));
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = address;
    };
}

/// Asks for the cache line of `place`, to write to it soon. Where another core has it, that takes as
/// long as several messages; asked for early, it is there when it is needed.
#[inline]
pub(crate) fn fetch<T>(place: &T) {
    ask!("prefetchw", place);
}

/// Asks for the cache line of `place`, to read it soon.
#[inline]
pub(crate) fn fetch_to_read<T>(place: &T) {
    ask!("prefetcht0", place);
}

/// What was stored before is seen by others before anything that is loaded after: a `SeqCst` fence.
///
/// On x86 any locked instruction is one, and takes half as long as the `mfence` of the standard library.
#[inline]
pub(crate) fn store_before_load() {
    // SAFETY: it changes nothing in a word of this thread's own stack. To the compiler it may read and
    // write any memory, so nothing is moved across.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!("lock or dword ptr [rsp - 8], 0");
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// The same, right after this thread has unlocked a [`RobustMutex`](super::robust::RobustMutex).
///
/// On x86 that was such a fence: the C library unlocks by a locked exchange, which tells it whether
/// there are waiters. Elsewhere it is no more than a release.
#[inline]
pub(crate) fn store_before_load_after_unlock() {
    #[cfg(target_arch = "x86_64")]
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
    #[cfg(not(target_arch = "x86_64"))]
    store_before_load();
}
