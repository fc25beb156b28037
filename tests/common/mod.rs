//! What several test programs share.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::cast_possible_truncation,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "each test program uses a part of it"
)]

pub mod oracle;
pub mod process;
pub mod python;

use std::io::Write as _;
use std::sync::Once;

use stripmine::pow::Kernel;

/// A small seeded generator (`SplitMix64`), so that every run tries the same cases.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.next() as u8).take(len).collect()
    }
}

/// How often something is tried: the first number, or the second where `STRIPMINE_LONG` is set, as
/// `tests/long.sh` does.
pub fn times(short: u64, long: u64) -> u64 {
    if std::env::var_os("STRIPMINE_LONG").is_some() { long } else { short }
}

/// A generator that `STRIPMINE_SEED` seeds, and the same number where it is not set. Says which.
pub fn seeded() -> Random {
    let seed = std::env::var("STRIPMINE_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    println!("STRIPMINE_SEED={seed}");
    Random(seed)
}

/// The kernels that this CPU can run; says loudly, once, which ones are left out.
pub fn kernels() -> Vec<Kernel> {
    static SAY_ONCE: Once = Once::new();
    SAY_ONCE.call_once(|| {
        for kernel in Kernel::ALL.iter().filter(|kernel| !kernel.is_available()) {
            let warning =
                format!("SKIPPED: this CPU cannot run kernel {kernel}; nothing is tested of it\n");
            // Written directly, because the test harness keeps what `eprintln!` says to itself.
            std::io::stderr().write_all(warning.as_bytes()).unwrap();
        }
    });
    Kernel::available().collect()
}
