//! The core's clock, measured by work with a known number of cycles.

use std::hint::black_box;

use super::on_cpu::timed;
use super::sampler::Sample;

/// Cycles that a multiplication waits for the one before it, on the x86-64 cores of the last ten
/// years (uops.info, IMUL r64, r64).
const CYCLES_PER_MULTIPLICATION: f64 = 3.0;

/// The name of the subject that measures the clock. Its work is counted in cycles.
pub(crate) const CLOCK: &str = "clock";

/// A chain of dependent multiplications: the cycles of this core in the time they took.
pub(crate) fn multiplications() -> Sample {
    const COUNT: u32 = 1_000_000;
    timed(|| {
        let product = (0..COUNT).fold(black_box(3_u64), |product, _| product.wrapping_mul(product));
        black_box(product);
        f64::from(COUNT) * CYCLES_PER_MULTIPLICATION
    })
}
