//! How a rate grows with the number of threads: the Universal Scalability Law.
//!
//! With n threads the rate is λ n ÷ (1 + σ (n − 1) + κ n (n − 1)). Threads wait for each other (σ,
//! contention), and each has to agree with each other one (κ, coherency). The law is Gunther's
//! (2007, Guerrilla Capacity Planning, Springer, doi:10.1007/978-3-540-31010-5); where κ is 0 it is
//! Amdahl's (1967).
//!
//! It describes threads that are alike. Threads that share a core, or cores of different speed,
//! slow each other down for reasons that it does not know: leave those out. Beyond the largest
//! number of threads measured it is an extrapolation.

mod fitted;
mod law;

pub use fitted::Fitted;
pub use law::Law;
