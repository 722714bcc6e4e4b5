//! Latencies in buckets that a person reads.

use hdrhistogram::Histogram;

/// Latencies of one step of a distribution: above the bound of the bucket before, up to this one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The bound, in nanoseconds.
    pub up_to_ns: u64,
    /// The number of latencies.
    pub count: u64,
}

/// More buckets than this are too many to read, if there are coarser steps.
const MAX_BUCKETS: usize = 18;
/// Bounds within a factor of ten, the finest first: the series E12 and E6 of resistors, and coins.
const STEPS: [&[u64]; 3] =
    [&[10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82], &[10, 15, 22, 33, 47, 68], &[10, 20, 50]];

/// From the first bucket that is not empty to the last, in the finest steps that make few enough of them.
pub(crate) fn buckets(latencies: &Histogram<u64>) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    for steps in STEPS {
        buckets = counted(latencies, steps);
        if buckets.len() <= MAX_BUCKETS {
            break;
        }
    }
    buckets
}

fn counted(latencies: &Histogram<u64>, steps: &[u64]) -> Vec<Bucket> {
    // From 100 ns to some hours.
    let decades = (1..12).map(|power| 10_u64.pow(power));
    let mut bounds = decades.flat_map(|decade| steps.iter().map(move |step| step * decade));
    let mut buckets = Vec::new();
    let mut up_to_ns = bounds.next().unwrap_or(u64::MAX);
    let mut count = 0;
    for value in latencies.iter_recorded() {
        // Compared as the histogram keeps values: rounded to three digits.
        while latencies.lowest_equivalent(value.value_iterated_to()) > up_to_ns {
            if count > 0 || !buckets.is_empty() {
                buckets.push(Bucket { up_to_ns, count });
            }
            count = 0;
            up_to_ns = bounds.next().unwrap_or(u64::MAX);
        }
        count += value.count_at_value();
    }
    if count > 0 {
        buckets.push(Bucket { up_to_ns, count });
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets_of(micros: &[u64]) -> Vec<(u64, u64)> {
        let mut latencies = Histogram::new_with_bounds(1, 3_600_000_000_000, 3).expect("bounds that fit");
        for micros in micros {
            latencies.record(micros * 1000).expect("less than an hour");
        }
        buckets(&latencies).iter().map(|bucket| (bucket.up_to_ns, bucket.count)).collect()
    }

    #[test]
    fn a_narrow_distribution_has_fine_steps_and_shows_its_holes() {
        assert_eq!(buckets_of(&[11, 12, 21]), [(12_000, 2), (15_000, 0), (18_000, 0), (22_000, 1)]);
    }

    #[test]
    fn a_wide_distribution_has_coarse_steps_and_no_latency_is_missing() {
        let micros: Vec<_> = (0..7).map(|power| 10_u64.pow(power)).collect();
        let buckets = buckets_of(&micros);
        assert_eq!(buckets.iter().map(|(_, count)| count).sum::<u64>(), 7);
        assert_eq!((buckets.len(), buckets[0].0, buckets[18].0), (19, 1_000, 1_000_000_000));
    }

    #[test]
    fn without_latencies_there_is_no_bucket() {
        assert_eq!(buckets_of(&[]), []);
    }
}
