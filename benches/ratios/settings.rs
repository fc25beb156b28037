//! How much to measure, by the arguments.

use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

/// How much to measure.
pub(crate) struct Settings {
    pub(crate) rounds: NonZeroUsize,
    pub(crate) sample: Duration,
}

impl Settings {
    pub(crate) fn from_arguments() -> Result<Self> {
        let mut settings = Self {
            rounds: NonZeroUsize::new(9).context("nine is not zero")?,
            sample: Duration::from_millis(200),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || {
                arguments
                    .next()
                    .context("a number is missing")?
                    .parse::<u64>()
                    .map_err(anyhow::Error::new)
            };
            match argument.as_str() {
                // Cargo passes this to every benchmark.
                "--bench" => {}
                "--rounds" => {
                    settings.rounds =
                        NonZeroUsize::new(usize::try_from(number()?)?).context("no rounds")?;
                }
                "--ms" => settings.sample = Duration::from_millis(number()?),
                other => return Err(anyhow!("unknown argument {other}; use --rounds N or --ms N")),
            }
        }
        Ok(settings)
    }
}
