//! How latencies are spread, in steps that a person reads.

use hdrhistogram::Histogram;

/// More rows than this are more than a person reads.
const MOST_ROWS: usize = 18;
/// The steps within a factor of ten, the finest first (the E series of resistors, and coins).
const STEPS: [&[u64]; 3] =
    [&[10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82], &[10, 15, 22, 33, 47, 68], &[10, 20, 50]];

/// How many latencies there are up to `up_to_ns`, and above the bound of the bucket before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The bound, in nanoseconds.
    pub up_to_ns: u64,
    /// How many latencies are in it.
    pub count: u64,
}

/// The latencies in buckets: from the first that has any to the last, in the finest steps that make
/// few enough rows.
#[must_use]
pub fn distribution(latencies: &Histogram<u64>) -> Vec<Bucket> {
    let mut rows = Vec::new();
    for steps in STEPS {
        rows = counted(latencies, steps);
        if rows.len() <= MOST_ROWS {
            break;
        }
    }
    rows
}

fn counted(latencies: &Histogram<u64>, steps: &[u64]) -> Vec<Bucket> {
    // In nanoseconds, from 0.1 µs to some hours.
    let decades = (1..12).map(|power| 10_u64.pow(power));
    let mut edges = decades.flat_map(|decade| steps.iter().map(move |step| step * decade));
    let mut rows: Vec<Bucket> = Vec::new();
    let mut edge = edges.next().unwrap_or(u64::MAX);
    let mut here = 0;
    for value in latencies.iter_recorded() {
        // A histogram of three digits knows no more than the thousandth that a latency fell into.
        while latencies.lowest_equivalent(value.value_iterated_to()) > edge {
            if here > 0 || !rows.is_empty() {
                rows.push(Bucket { up_to_ns: edge, count: here });
            }
            here = 0;
            edge = edges.next().unwrap_or(u64::MAX);
        }
        here += value.count_at_value();
    }
    if here > 0 {
        rows.push(Bucket { up_to_ns: edge, count: here });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: &[u64]) -> Vec<(u64, u64)> {
        let mut latencies = Histogram::new_with_bounds(1, 3_600_000_000_000, 3).expect("bounds that fit");
        for micros in micros {
            latencies.record(micros * 1000).expect("less than an hour");
        }
        distribution(&latencies).iter().map(|bucket| (bucket.up_to_ns, bucket.count)).collect()
    }

    #[test]
    fn a_narrow_distribution_has_fine_steps_and_shows_its_holes() {
        assert_eq!(of(&[11, 12, 21]), [(12_000, 2), (15_000, 0), (18_000, 0), (22_000, 1)]);
    }

    #[test]
    fn a_wide_one_has_coarse_steps_and_nobody_is_missing() {
        let micros: Vec<_> = (0..7).map(|power| 10_u64.pow(power)).collect();
        let rows = of(&micros);
        assert_eq!(rows.iter().map(|(_, count)| count).sum::<u64>(), 7);
        assert_eq!((rows.len(), rows[0].0, rows[18].0), (19, 1_000, 1_000_000_000));
    }

    #[test]
    fn none_have_no_rows() {
        assert_eq!(of(&[]), []);
    }
}
