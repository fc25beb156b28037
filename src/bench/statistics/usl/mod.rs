//! The Universal Scalability Law: how a rate grows with the number of threads.
//!
//! With n threads the rate is λ n ÷ (1 + σ (n − 1) + κ n (n − 1)). Threads wait for each other (σ,
//! contention), and each has to agree with each other one (κ, coherency). The law is Gunther's
//! (2007, Guerrilla Capacity Planning, Springer, doi:10.1007/978-3-540-31010-5); where κ is 0 it is
//! Amdahl's (1967).
//!
//! It describes threads that are alike. Leave out threads that share a core and cores of different
//! speed: they slow each other down for other reasons. Beyond the largest number of threads that
//! was measured, the law is an extrapolation.

mod fitted;
mod law;

pub use fitted::Fitted;
pub use law::Law;
