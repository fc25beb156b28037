//! The clock of the core that a thread runs on, from instructions whose cycles are known.
//!
//! Not the CPU's time stamp counter, which runs at a rate of its own, and not what `cpufreq` says,
//! which virtual machines do not show.
#![allow(unsafe_code, reason = "the chain is assembly")]

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::arch::asm;
use std::time::{Duration, Instant};

/// Whether there is a chain for this architecture.
const HAS_CHAIN: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// Instructions between two jumps of the chain, and how often it jumps: 20,000 cycles, some
/// microseconds.
const LINKS: u32 = 100;
const TURNS: u32 = 200;

/// How often the chain is run. Whatever disturbs a run makes it longer, so the shortest counts.
const RUNS: usize = 3;

/// The clock of the calling thread's core at this moment, in Hz. Takes about 15 microseconds.
///
/// From a chain of additions that wait for each other: one cycle each on x86-64 and `AArch64` cores
/// of the last ten years (uops.info, `ADD r64, r64`; Arm's software optimization guides,
/// "arithmetic, basic"). `None` on other architectures, and where the system's clock is too coarse.
/// Beside a busy sibling of the same core, the chain may have to wait for its turn: then the clock
/// seems lower than it is.
#[must_use]
pub fn clock_hz() -> Option<f64> {
    if !HAS_CHAIN {
        return None;
    }
    let whole = shortest(|| run_chain(TURNS))?;
    // Reading the time takes time as well, about half a percent of the chain's.
    let reading = shortest(|| ())?;
    let chain = whole.checked_sub(reading).filter(|time| !time.is_zero())?;
    Some(f64::from(LINKS * TURNS) / chain.as_secs_f64())
}

/// The shortest time that something takes, of a few runs.
fn shortest(run: impl Fn()) -> Option<Duration> {
    let timed = |_| {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    (0..RUNS).map(timed).min()
}

/// Adds `LINKS` times in each of this many turns. Of two registers, since some cores carry out an
/// addition of a constant while they rename.
#[cfg(target_arch = "x86_64")]
fn run_chain(turns: u32) {
    // SAFETY: it writes the two registers that it declares, and there is at least one turn.
    unsafe {
        asm!(
            "2:",
            ".rept {links}",
            "add {sum}, {step}",
            ".endr",
            "sub {turns:e}, 1",
            "jnz 2b",
            links = const LINKS,
            sum = inout(reg) 1_u64 => _,
            step = in(reg) 1_u64,
            turns = inout(reg) turns.max(1) => _,
            options(nomem, nostack),
        );
    }
}

/// Adds `LINKS` times in each of this many turns.
#[cfg(target_arch = "aarch64")]
fn run_chain(turns: u32) {
    // SAFETY: it writes the two registers that it declares, and there is at least one turn.
    unsafe {
        asm!(
            "2:",
            ".rept {links}",
            "add {sum}, {sum}, {step}",
            ".endr",
            "subs {turns:w}, {turns:w}, #1",
            "b.ne 2b",
            links = const LINKS,
            sum = inout(reg) 1_u64 => _,
            step = in(reg) 1_u64,
            turns = inout(reg) turns.max(1) => _,
            options(nomem, nostack),
        );
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn run_chain(_: u32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_known_where_there_is_a_chain() {
        let has_chain = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
        assert_eq!(clock_hz().is_some(), has_chain);
        assert!(clock_hz().is_none_or(|hz| hz.is_finite() && hz > 0.0));
    }
}
