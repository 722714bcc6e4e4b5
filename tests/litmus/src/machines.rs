//! The three model checkers.

pub mod ours;
pub mod peer_loom;
pub mod peer_shuttle;

/// The methods of an atomic, which each of them has under the same names.
macro_rules! word {
    ($atomic:ty) => {
        impl crate::machine::Word for $atomic {
            fn new(value: u64) -> Self {
                <$atomic>::new(value)
            }
            fn load(&self, ordering: std::sync::atomic::Ordering) -> u64 {
                self.load(ordering)
            }
            fn store(&self, value: u64, ordering: std::sync::atomic::Ordering) {
                self.store(value, ordering);
            }
            fn swap(&self, value: u64, ordering: std::sync::atomic::Ordering) -> u64 {
                self.swap(value, ordering)
            }
            fn fetch_add(&self, value: u64, ordering: std::sync::atomic::Ordering) -> u64 {
                self.fetch_add(value, ordering)
            }
            fn compare_exchange(
                &self,
                old: u64,
                new: u64,
                success: std::sync::atomic::Ordering,
                failure: std::sync::atomic::Ordering,
            ) -> Result<u64, u64> {
                self.compare_exchange(old, new, success, failure)
            }
        }
    };
}
pub(crate) use word;
