//! The words for one, or for any other number: English has no others.

pub(crate) fn plural(count: impl TryInto<u64>, of_one: &'static str, of_many: &'static str) -> &'static str {
    if matches!(count.try_into(), Ok(1)) { of_one } else { of_many }
}
