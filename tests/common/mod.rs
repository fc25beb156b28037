//! What several test programs share.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "each test program uses a part of it"
)]

pub mod oracle;
pub mod process;
pub mod python;

use std::io::Write as _;
use std::sync::{Mutex, Once};
use std::thread;

use fastrand::Rng;
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use stripmine::pow::Kernel;

/// This many random bytes.
pub fn bytes(random: &mut Rng, len: usize) -> Vec<u8> {
    std::iter::repeat_with(|| random.u8(..)).take(len).collect()
}

/// Tries a property with this many cases. They are the same in every run, unless `STRIPMINE_SEED`
/// is set.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed()),
        ..ProptestConfig::with_cases(count)
    }
}

/// How often something is tried: the first number, or the second where `STRIPMINE_LONG` is set, as
/// `tests/long.sh` does.
pub fn times(short: u64, long: u64) -> u64 {
    if std::env::var_os("STRIPMINE_LONG").is_some() { long } else { short }
}

/// Does the same with every item, all of them at once: for what waits most of the time.
pub fn side_by_side<T: Send>(items: impl IntoIterator<Item = T>, act: impl Fn(T) + Sync) {
    let act = &act;
    thread::scope(|scope| {
        for item in items {
            scope.spawn(move || act(item));
        }
    });
}

/// Does something this often, four at a time. Each round has its number and a generator of its own,
/// which are the same in every run with the same seed.
pub fn rounds(count: u64, act: impl Fn(u64, &mut Rng) + Sync) {
    let mut random = seeded();
    let all: Vec<_> = (0..count).map(|round| (round, random.fork())).collect();
    let left = Mutex::new(all.into_iter());
    let next = || left.lock().unwrap().next();
    side_by_side([(); 4], |()| {
        while let Some((round, mut random)) = next() {
            act(round, &mut random);
        }
    });
}

/// A generator that `STRIPMINE_SEED` seeds, and the same number where it is not set. Says which.
pub fn seeded() -> Rng {
    let seed = seed();
    println!("STRIPMINE_SEED={seed}");
    Rng::with_seed(seed)
}

fn seed() -> u64 {
    std::env::var("STRIPMINE_SEED").map_or(1, |seed| seed.parse().expect("a number"))
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
