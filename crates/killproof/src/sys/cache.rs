//! Prefetches, and the fence between a store and a load.

/// One of the instructions that prefetch a cache line.
macro_rules! ask {
    ($instruction:literal, $place:expr) => {
        let address = std::ptr::from_ref($place);
        // SAFETY: a prefetch has no effect that the program can see, and faults at no address.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::asm!(concat!($instruction, " [{}]"), in(reg) address, options(nostack, preserves_flags, readonly));
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = address;
    };
}

/// Prefetches the cache line of `place`, to write to it soon. Where another core has the line, that takes as
/// long as several messages of a queue.
#[inline]
pub(crate) fn fetch<T>(place: &T) {
    ask!("prefetchw", place);
}

/// Prefetches the cache line of `place`, to read it soon.
#[inline]
pub(crate) fn fetch_to_read<T>(place: &T) {
    ask!("prefetcht0", place);
}

/// A `SeqCst` fence: no load after it passes a store before it.
///
/// On x86-64 any locked instruction is one, and is faster than the `mfence` of the standard library.
#[inline]
pub(crate) fn store_before_load() {
    // SAFETY: it adds nothing to a word of this thread's own stack. The compiler assumes that it reads and
    // writes any memory, and moves no access across.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!("lock or dword ptr [rsp - 8], 0");
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// The same fence, right after this thread has unlocked a [`RobustMutex`](super::robust::RobustMutex), or has changed
/// a word by a read-modify-write.
///
/// On x86-64 that was the fence: a locked instruction. (The C library unlocks by a locked exchange, which returns
/// whether there are waiters.) On other processors it is only a release.
#[inline]
pub(crate) fn store_before_load_after_unlock() {
    #[cfg(target_arch = "x86_64")]
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
    #[cfg(not(target_arch = "x86_64"))]
    store_before_load();
}
