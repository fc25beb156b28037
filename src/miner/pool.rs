//! The miner: a kernel that passed its self-test, and its own pool of worker threads.

use std::fmt;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use super::coordinator::coordinate;
use super::search::{Outcome, Search, SearchError};
use super::sweep::{Sweep, Swept, hash_all};
use crate::pow::{Kernel, SelfTestError, Target, Template};

/// The largest number of workers that a miner can be built with.
pub const MAX_THREADS: usize = 1024;

/// Searches nonces on its own pool of threads, one search after another.
///
/// ```
/// use stripmine::miner::{Miner, Outcome, Search};
/// use stripmine::pow::{NonceEncoding, Target, Template};
///
/// let miner = Miner::builder().threads(2).build()?;
/// let template = Template::new("hello ", NonceEncoding::Decimal, "");
/// let target = Target::from_hex_zeros(4)?;
/// match miner.search(&template, &target, Search::default())? {
///     Outcome::Found(solution) => assert!(target.is_met_by(&solution.digest)),
///     Outcome::Exhausted(_) | Outcome::Cancelled(_) => unreachable!("nobody cancels here"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Miner {
    pool: ThreadPool,
    kernel: Kernel,
}

/// Why a miner could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No workers, or too many.
    #[error("{0} threads cannot mine; use 1 to {MAX_THREADS}")]
    Threads(usize),
    /// The kernel gives wrong answers on this CPU.
    #[error(transparent)]
    SelfTest(#[from] SelfTestError),
    /// The kernel needs instructions that this CPU lacks.
    #[error("this CPU cannot run kernel {0}; `auto` chooses one that it can")]
    KernelUnavailable(Kernel),
    /// The system would not start the threads.
    #[error("cannot start {threads} threads; use fewer, or raise the limit on processes")]
    Spawn {
        /// Threads asked for.
        threads: usize,
        /// The system's answer.
        source: SpawnError,
    },
}

/// The system's refusal to start a thread.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SpawnError(ThreadPoolBuildError);

/// Settings for a [`Miner`].
#[derive(Default)]
pub struct MinerBuilder {
    threads: Option<usize>,
    kernel: Option<Kernel>,
    on_start: Option<Box<dyn Fn(usize) + Send + Sync>>,
}

impl MinerBuilder {
    /// The number of workers, 1 to [`MAX_THREADS`]. It may exceed the number of CPUs. The default
    /// is [`std::thread::available_parallelism`].
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// The kernel; by default [`Kernel::detect`].
    #[must_use]
    pub fn kernel(self, kernel: Kernel) -> Self {
        Self { kernel: Some(kernel), ..self }
    }

    /// Called on each worker's thread, with the worker's number, before it does anything else:
    /// the place to pin it to a CPU.
    #[must_use]
    pub fn on_worker_start(self, start: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self { on_start: Some(Box::new(start)), ..self }
    }

    /// Tests the kernel and starts the threads.
    ///
    /// # Errors
    /// An impossible number of threads, a kernel that this CPU cannot run or that fails its
    /// self-test, or a system that will not start the threads.
    pub fn build(self) -> Result<Miner, BuildError> {
        let kernel = self.kernel.unwrap_or_else(Kernel::detect);
        let threads = self.threads.unwrap_or_else(default_threads);
        if !(1..=MAX_THREADS).contains(&threads) {
            return Err(BuildError::Threads(threads));
        }
        if !kernel.is_available() {
            return Err(BuildError::KernelUnavailable(kernel));
        }
        kernel.self_test()?;
        let mut pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|worker| format!("worker {worker}"));
        if let Some(start) = self.on_start {
            pool = pool.start_handler(start);
        }
        let pool = pool.build().map_err(|error| {
            let source = SpawnError(error);
            BuildError::Spawn { threads, source }
        })?;
        Ok(Miner { pool, kernel })
    }
}

impl fmt::Debug for MinerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MinerBuilder")
            .field("threads", &self.threads)
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MAX_THREADS)
}

impl Miner {
    /// Settings to build a miner from.
    #[must_use]
    pub fn builder() -> MinerBuilder {
        MinerBuilder::default()
    }

    /// The number of workers.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// The kernel that hashes.
    #[must_use]
    pub const fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Searches nonces on all workers. The caller's thread coordinates: it blocks until the search
    /// has ended and every worker has stopped.
    ///
    /// # Errors
    /// A range that is empty, that the header's encoding cannot write or that holds 2^64 nonces, or
    /// a worker that panicked.
    ///
    /// # Panics
    /// When the listener does; the workers are stopped first.
    pub fn search(
        &self,
        template: &Template,
        target: &Target,
        search: Search<'_>,
    ) -> Result<Outcome, SearchError> {
        coordinate(&self.pool, self.kernel, template, target, search)
    }

    /// Hashes all nonces of a range on all workers, and times it from a barrier on. The caller's
    /// thread waits. `None` when it was cancelled.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    ///
    /// # Panics
    /// When the segment length is 0, or there are fewer nonces than separate searches.
    pub fn sweep(
        &self,
        template: &Template,
        sweep: &Sweep<'_>,
    ) -> Result<Option<Swept>, SearchError> {
        hash_all(&self.pool, self.kernel, template, sweep)
    }
}
