//! Which of the sorted values are the ends of an interval of the median, and how often such an
//! interval holds the true one.
//!
//! Each of n independent values of a continuous distribution is as likely below its median as
//! above. So the number below it is that of heads in n tosses of a fair coin, and the k-th lowest
//! and the k-th highest value enclose the median unless fewer than k values lie on one side of it:
//! with the probability 1 − 2 P(Bin(n, ½) < k), whatever the distribution (Thompson 1936, On
//! confidence ranges for the median, Annals of Mathematical Statistics 7).

/// How often an interval has to hold the true median.
const COVERAGE: f64 = 0.95;

/// The ends of the interval of a median, by their places among the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ends {
    /// k, from 1: the ends are the k-th lowest and the k-th highest value.
    pub(super) rank: usize,
    /// How often the interval holds the true median; `None` where even the lowest and the highest
    /// value hold it in fewer than 95 % of the cases, and the interval is a range and no more.
    pub(super) coverage: Option<f64>,
}

impl Ends {
    /// The shortest interval of the median of `count` values that holds the true one in at least
    /// 95 % of the cases; of fewer than 6 values, the range from the lowest to the highest.
    pub(super) fn of(count: usize) -> Self {
        let mut ends = Self { rank: 1, coverage: None };
        // ln P(Bin(n, ½) = k), from k = 0 on: the powers alone would underflow.
        let mut ln_heads = -(count as f64) * std::f64::consts::LN_2;
        let mut fewer = 0.0;
        for rank in 1..=count.div_ceil(2) {
            fewer += ln_heads.exp();
            let coverage = 1.0 - 2.0 * fewer;
            if coverage < COVERAGE {
                break;
            }
            ends = Self { rank, coverage: Some(coverage) };
            ln_heads += ((count - rank + 1) as f64 / rank as f64).ln();
        }
        ends
    }
}

/// How often the [interval](super::Interval::of_median) of the median of this many values holds the
/// true median, 0.95 to 1; `None` for fewer than 6 values, whose interval is their range.
#[must_use]
pub fn coverage(count: usize) -> Option<f64> {
    Ends::of(count).coverage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_published_table() {
        // Dixon and Mood 1946, The statistical sign test, Journal of the American Statistical
        // Association 41, table 1, column 5 %: the most signs of the rarer kind that are
        // significant. One more is the rank.
        for (count, significant) in [
            (6, 0),
            (8, 0),
            (9, 1),
            (11, 1),
            (12, 2),
            (14, 2),
            (15, 3),
            (16, 3),
            (17, 4),
            (20, 5),
            (23, 6),
            (25, 7),
            (30, 9),
            (35, 11),
            (40, 13),
            (45, 15),
            (50, 17),
        ] {
            assert_eq!(Ends::of(count).rank, significant + 1, "{count} values");
        }
    }

    /// Of all ways in which `count` values can lie below (0) or above (1) the true median, each as
    /// likely as any other: the share with at least `rank` on either side.
    fn enumerated(count: u32, rank: u32) -> f64 {
        let all = 1_u32 << count;
        let encloses = |above: &u32| above.count_ones().min(count - above.count_ones()) >= rank;
        (0..all).filter(encloses).count() as f64 / f64::from(all)
    }

    #[test]
    fn the_coverage_is_that_of_all_cases_counted_one_by_one() {
        for count in 1..=18_u32 {
            let Ends { rank, coverage } = Ends::of(count as usize);
            let rank = u32::try_from(rank).unwrap();
            let exact = enumerated(count, rank);
            match coverage {
                Some(coverage) => assert!((coverage - exact).abs() < 1e-12, "{count} values"),
                None => assert!(exact < COVERAGE && rank == 1 && count < 6, "{count} values"),
            }
            // The next shorter interval would not do.
            assert!(enumerated(count, rank + 1) < COVERAGE, "{count} values");
        }
    }

    #[test]
    fn nine_values_hold_the_median_in_492_of_512_cases() {
        assert_eq!(Ends::of(9).rank, 2);
        assert!((coverage(9).unwrap() - 492.0 / 512.0).abs() < 1e-12);
        assert_eq!([0, 1, 3, 5].map(coverage), [None; 4]);
        assert!((coverage(6).unwrap() - 31.0 / 32.0).abs() < 1e-12);
    }

    #[test]
    fn thousands_of_values_do_not_underflow() {
        // Normal approximation with continuity: k = floor(n/2 - 1.959964 sqrt(n)/2 + 1/2), which is
        // right to one.
        for count in [1_000, 2_000, 10_000_usize] {
            let n = count as f64;
            let near = n / 2.0 - 0.979_982 * n.sqrt() + 0.5;
            let Ends { rank, coverage } = Ends::of(count);
            assert!((rank as f64 - near).abs() <= 1.0, "{count}: {rank}, not {near}");
            assert!((0.95..0.96).contains(&coverage.unwrap()), "{count}: {coverage:?}");
        }
    }
}
