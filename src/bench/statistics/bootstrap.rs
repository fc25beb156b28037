//! Bootstrap distributions of medians, computed exactly.
//!
//! A resample draws as many values as there are, each equally likely at every draw. The values of a
//! statistic over all resamples are its bootstrap distribution (Efron 1979, Bootstrap
//! methods: another look at the jackknife, Annals of Statistics 7). For the median it follows from
//! the binomial distribution without drawing anything (Maritz and Jarrett 1978, A note on
//! estimating the variance of the sample median, Journal of the American Statistical Association
//! 73).

/// A value that a statistic takes in some resamples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Atom {
    /// The value, in the unit of the statistic.
    pub(super) value: f64,
    /// How often it is taken, in a unit common to all atoms of a distribution.
    pub(super) weight: f64,
}

/// The exact bootstrap distribution of the median of `values`; the weights add up to 1.
///
/// An even number of values, n, gives n (n + 1) ÷ 2 atoms: not for tens of thousands of values.
pub(super) fn medians(values: &[f64]) -> Vec<Atom> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let ranks = Ranks::new(sorted.len());
    if sorted.len().is_multiple_of(2) { between(&sorted, &ranks) } else { single(&sorted, &ranks) }
}

/// For an odd number of values: a resample's median is one of them.
fn single(sorted: &[f64], ranks: &Ranks) -> Vec<Atom> {
    let atom = |(index, &value)| Atom { value, weight: ranks.middle_is(index + 1) };
    sorted.iter().enumerate().map(atom).collect()
}

/// For an even number of values: a resample's median lies halfway between two of them, or is one
/// that takes both places in the middle.
fn between(sorted: &[f64], ranks: &Ranks) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (index, &lower) in sorted.iter().enumerate() {
        let mut twice = ranks.middle_is(index + 1);
        for (above, &upper) in sorted.iter().enumerate().skip(index + 1) {
            let weight = ranks.middle_two_are(index + 1, above + 1);
            atoms.push(Atom { value: lower + (upper - lower) / 2.0, weight });
            twice -= weight;
        }
        atoms.push(Atom { value: lower, weight: twice });
    }
    atoms
}

/// Which ranks, from 1 up, the values in the middle of a resample have in the sample.
struct Ranks {
    count: usize,
    /// ln k!, for k from 0 to the number of values: factorials alone would overflow.
    ln_factorials: Vec<f64>,
}

impl Ranks {
    fn new(count: usize) -> Self {
        let ln_factorials = (0..=count).scan(0.0, |sum, k| {
            *sum += (k.max(1) as f64).ln();
            Some(*sum)
        });
        Self { count, ln_factorials: ln_factorials.collect() }
    }

    /// The place of the median in a sorted resample, from 1 up; the lower of two in the middle.
    fn middle(&self) -> usize {
        self.count.div_ceil(2)
    }

    /// The probability that the middle of a resample, the lower one of two, has rank `rank`.
    fn middle_is(&self, rank: usize) -> f64 {
        self.middle_is_at_most(rank) - self.middle_is_at_most(rank - 1)
    }

    /// The probability that the middle has at most this rank: enough draws have at most this rank.
    fn middle_is_at_most(&self, rank: usize) -> f64 {
        let share = rank as f64 / self.count as f64;
        (self.middle()..=self.count).map(|draws| self.binomial(draws, share)).sum()
    }

    /// The probability that the two in the middle of a resample have the ranks `lower` < `upper`.
    ///
    /// Then half of the draws have ranks up to `lower`, but not all of these below it, and the
    /// other half from `upper` on, but not all of these above it.
    fn middle_two_are(&self, lower: usize, upper: usize) -> f64 {
        let [half, below, above] = [self.middle(), lower, self.count - upper + 1].map(|n| n as f64);
        let both = below * above / (self.count as f64).powi(2);
        let halves = (self.ln_choose(self.middle()) + half * both.ln()).exp();
        let not_all_further_out = |ranks: f64| 1.0 - ((ranks - 1.0) / ranks).powf(half);
        halves * not_all_further_out(below) * not_all_further_out(above)
    }

    /// The probability of `successes` among as many trials as there are values.
    fn binomial(&self, successes: usize, chance: f64) -> f64 {
        let failures = self.count - successes;
        let ln_power =
            |base: f64, times: usize| if times == 0 { 0.0 } else { times as f64 * base.ln() };
        let ln_one_way = ln_power(chance, successes) + ln_power(1.0 - chance, failures);
        (self.ln_choose(successes) + ln_one_way).exp()
    }

    /// ln of the ways to choose `chosen` of the values.
    fn ln_choose(&self, chosen: usize) -> f64 {
        let ln = &self.ln_factorials;
        ln[self.count] - ln[chosen] - ln[self.count - chosen]
    }
}

#[cfg(test)]
mod tests {
    use super::super::quantile::median;
    use super::*;
    use std::collections::BTreeMap;
    use std::iter::zip;

    /// The weight of each value, by the value's bits: these sort as the values, if not negative.
    fn by_value(atoms: &[Atom]) -> BTreeMap<u64, f64> {
        let mut weights = BTreeMap::new();
        for atom in atoms {
            *weights.entry(atom.value.to_bits()).or_default() += atom.weight;
        }
        weights
    }

    /// The medians of all n^n resamples, one by one.
    fn enumerated(values: &[f64]) -> BTreeMap<u64, f64> {
        let n = values.len();
        let resamples = n.pow(u32::try_from(n).unwrap());
        let mut weights = BTreeMap::new();
        for mut number in 0..resamples {
            let resample: Vec<f64> = values
                .iter()
                .map(|_| {
                    let drawn = values[number % n];
                    number /= n;
                    drawn
                })
                .collect();
            let middle = median(&resample).unwrap();
            *weights.entry(middle.to_bits()).or_default() += 1.0 / resamples as f64;
        }
        weights
    }

    #[test]
    fn every_resample_counted_one_by_one() {
        // Distances that differ, so that no two pairs share a midpoint, and no order.
        let values = [64.0, 1.0, 4.0, 2.0, 32.0, 8.0, 16.0];
        for n in 1..=values.len() {
            let (exact, all) = (by_value(&medians(&values[..n])), enumerated(&values[..n]));
            assert!(exact.keys().eq(all.keys()), "{n} values");
            for ((value, exact), all) in zip(&exact, all.values()) {
                assert!((exact - all).abs() < 1e-12, "{n}: {}: {exact}", f64::from_bits(*value));
            }
        }
    }

    #[test]
    fn equal_values_are_taken_together() {
        let values = [2.0, 1.0, 2.0, 5.0, 5.0, 2.0];
        let (exact, all) = (by_value(&medians(&values)), enumerated(&values));
        assert!(exact.keys().eq(all.keys()));
        assert!(zip(exact.values(), all.values()).all(|(exact, all)| (exact - all).abs() < 1e-12));
    }

    /// Survival of mice in days, treatment group (Efron and Tibshirani 1993, An Introduction to
    /// the Bootstrap, table 2.1).
    const MICE: [f64; 7] = [94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0];

    #[test]
    fn the_mice_of_efron_and_tibshirani() {
        // Their table 2.2: 37.83 is the standard error of the median with infinitely many
        // resamples.
        let atoms = medians(&MICE);
        let mean: f64 = atoms.iter().map(|atom| atom.weight * atom.value).sum();
        let variance: f64 =
            atoms.iter().map(|atom| atom.weight * (atom.value - mean).powi(2)).sum();
        assert_eq!(format!("{:.2}", variance.sqrt()), "37.83");
    }

    #[test]
    fn weights_add_up_to_one_however_many_values() {
        for n in [1, 2, 3, 7, 20, 101, 400, 2_001] {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            let sum: f64 = medians(&values).iter().map(|atom| atom.weight).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{n} values: {sum}");
        }
    }
}
