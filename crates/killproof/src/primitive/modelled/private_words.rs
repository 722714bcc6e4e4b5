//! Words of which each actor has a copy, with the methods of an atomic that the algorithms use.

use crashcheck::private::Private;

use super::atomic::Ordering;

macro_rules! words {
    ($($name:ident: $value:ty),*) => { $(
        #[derive(Debug)]
        pub(crate) struct $name(Private<$value>);

        impl $name {
            pub(crate) const fn new(value: $value) -> Self {
                Self(Private::new(value))
            }

            pub(crate) fn load(&self, _: Ordering) -> $value {
                self.0.with(|value| *value)
            }

            pub(crate) fn store(&self, new: $value, _: Ordering) {
                self.0.with(|value| *value = new);
            }
        }
    )* };
}

words! { AtomicI32: i32, AtomicU64: u64 }

impl AtomicU64 {
    pub(crate) fn swap(&self, new: u64, _: Ordering) -> u64 {
        self.0.with(|value| std::mem::replace(value, new))
    }

    pub(crate) fn compare_exchange(&self, current: u64, new: u64, _: Ordering, _: Ordering) -> Result<u64, u64> {
        self.0.with(|value| if *value == current { Ok(std::mem::replace(value, new)) } else { Err(*value) })
    }
}
