//! Whether the clock's chain of instructions is as fast beside a busy sibling as it is alone.
//!
//! Two threads of a core share its execution units. Where the chain has to wait for its turn, it
//! shows a clock that is lower than the core's, and what is lost to the clock cannot be told from
//! what is lost to the sibling.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::bench::statistics::median;
use crate::machine::{CpuId, clock_hz, pin_current_thread};
use crate::pow::{Job, Kernel, NonceEncoding, Target, Template};

/// How often the clock is measured alone and beside a busy sibling, in turn.
const ROUNDS: usize = 9;

/// Nonces that the sibling hashes between two looks at the flag.
const NONCES: u64 = 1_024;

/// The clock of the first CPU while the second hashes, as a part of its clock while the second is
/// left alone: the median of a few rounds. `None` where CPUs cannot be chosen or have no clock.
///
/// The second CPU may still have work of other programs. Takes about a millisecond.
pub(in crate::bench) fn clock_beside_sibling(cpus: [CpuId; 2], kernel: Kernel) -> Option<f64> {
    let [measured, sibling] = cpus;
    let ratios = thread::scope(|scope| {
        let rounds = scope.spawn(move || {
            pin_current_thread(measured).ok()?;
            (0..ROUNDS).map(|_| Some(1.0 / clock_hz()? * clock_beside(sibling, kernel)?)).collect()
        });
        rounds.join().unwrap_or(None)
    });
    median(&ratios.filter(|ratios: &Vec<f64>| ratios.iter().all(|it| it.is_finite()))?)
}

/// The clock of the calling thread in Hz, while a thread on the other CPU hashes.
fn clock_beside(sibling: CpuId, kernel: Kernel) -> Option<f64> {
    let (is_hashing, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let hashing = scope.spawn(|| {
            let pinned = pin_current_thread(sibling);
            let template = Template::new("a header for the sibling ", NonceEncoding::Decimal, "");
            let job = Job::new(&template, Target::ZERO, kernel);
            while pinned.is_ok() && !is_over.load(Ordering::Relaxed) {
                let _ = job.search(0..=NONCES - 1);
                is_hashing.store(true, Ordering::Relaxed);
            }
            pinned.is_ok()
        });
        while !is_hashing.load(Ordering::Relaxed) && !hashing.is_finished() {
            std::hint::spin_loop();
        }
        let clock = clock_hz();
        is_over.store(true, Ordering::Relaxed);
        clock.filter(|_| hashing.join().unwrap_or(false))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::bench::say_not_tested;
    use crate::machine::Topology;

    #[test]
    fn two_cpus_have_a_ratio_where_they_can_be_chosen() {
        let allowed = Topology::detect().allowed.unwrap_or_default();
        let [one, .., other] = allowed[..] else {
            return say_not_tested("a clock beside another CPU's work; one CPU is allowed");
        };
        let ratio = clock_beside_sibling([one, other], Kernel::Portable);
        assert_eq!(ratio.is_some(), clock_hz().is_some());
        assert!(ratio.is_none_or(|ratio| ratio.is_finite() && ratio > 0.0));
    }

    #[test]
    fn a_cpu_that_is_not_there_has_none() {
        let missing = CpuId(u16::MAX);
        assert_eq!(clock_beside_sibling([CpuId(0), missing], Kernel::Portable), None);
        assert_eq!(clock_beside_sibling([missing, CpuId(0)], Kernel::Portable), None);
    }
}
