//! What every CPU does alone, and what all do in the long run, in words and strips of bars.

use super::intervals::percent_with_interval;
use crate::bench::document::{CpuCluster, Document, EachCpu, MeasuredCpu, Second, Sustained};
use crate::machine::{CpuId, cpu_list};
use crate::text::{counted, hash_rate, percent, plural, seconds, significant};

/// Bars of a strip, from empty to full.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Bars of a long run, at most.
const LONGEST_STRIP: usize = 48;

/// The rates of the CPUs as a strip of bars: a bar for each CPU, those of one core side by side,
/// and a space between cores. The highest is full, and nothing is empty.
fn strip_of_cpus(each: &EachCpu) -> String {
    let highest = highest(each);
    let bars = |core: &Vec<&MeasuredCpu>| -> String {
        core.iter().map(|cpu| bar(cpu.hashes_per_s.median, highest)).collect()
    };
    each.by_core().iter().map(bars).collect::<Vec<_>>().join(" ")
}

/// The highest rate of a CPU, in hashes per second.
fn highest(each: &EachCpu) -> f64 {
    each.cpus.iter().map(|cpu| cpu.hashes_per_s.median).fold(0.0, f64::max)
}

/// The strip of CPUs, and what its bars mean.
pub(super) fn each_cpu(each: &EachCpu) -> String {
    let has_siblings = each.by_core().len() < each.cpus.len();
    let siblings = if has_siblings { ", siblings side by side" } else { "" };
    let highest = hash_rate(highest(each), 3);
    format!(
        "{}  a bar for each of {}, by core{siblings}; full is {highest} ({}, one thread)",
        strip_of_cpus(each),
        counted(each.cpus.len(), "CPU"),
        each.kernel
    )
}

/// Which CPUs are alike, and their rates.
pub(super) fn clusters(each: &EachCpu) -> String {
    let cluster = |it: &CpuCluster| {
        let cpus: Vec<_> = it.cpus.iter().copied().map(CpuId).collect();
        let (rate, cpu) = (hash_rate(it.hashes_per_s, 3), plural("CPU", cpus.len() == 1));
        format!("{} {rate} ({cpu} {})", it.name, cpu_list(&cpus))
    };
    each.clusters.iter().map(cluster).collect::<Vec<_>>().join("; ")
}

/// The points against the sum of what their CPUs do alone.
pub(super) fn against_cpus(document: &Document) -> Option<String> {
    let shares = document.points.iter().filter(|point| point.threads > 1).filter_map(|point| {
        let threads = counted(point.threads, "thread");
        Some(format!("{} at {threads}", percent_with_interval(&point.efficiency_of_cpus?)))
    });
    let shares = shares.collect::<Vec<_>>().join(", ");
    (!shares.is_empty()).then(|| format!("{shares} of what the CPUs used give alone"))
}

/// The long run: where it started, what it settled at, and when.
#[must_use]
pub fn sustained(run: &Sustained) -> String {
    let part = run.settled_hashes_per_s / run.start_hashes_per_s;
    let settled = hash_rate(run.settled_hashes_per_s, 3);
    let start = hash_rate(run.start_hashes_per_s, 3);
    let when = match run.settled_after_s {
        Some(after) if after < 1.0 => "from the start".to_owned(),
        Some(after) => format!("from {} on", whole_seconds(after)),
        None => "not settled".to_owned(),
    };
    let clock = run.start_clock_ghz.zip(run.settled_clock_ghz).map(|(start, settled)| {
        let [start, settled] = [start, settled].map(|ghz| significant(ghz, 3));
        format!("; {settled} GHz after {start}")
    });
    let length = run.seconds.last().map_or(0.0, |last| last.at_s + last.elapsed_s);
    format!(
        "{settled}, {when}, {} of the {start} in the first second{} ({} at {})",
        percent(part),
        clock.unwrap_or_default(),
        whole_seconds(length),
        counted(run.threads, "thread")
    )
}

/// The rates of the long run as a strip of bars. Each bar is the mean of equally many seconds. The
/// highest is full, and nothing is empty.
pub(super) fn strip_of_seconds(run: &Sustained) -> String {
    let each = run.seconds.len().div_ceil(LONGEST_STRIP).max(1);
    let rate = |part: &[Second]| {
        part.iter().map(|second| second.hashes_per_s).sum::<f64>() / part.len() as f64
    };
    let rates: Vec<f64> = run.seconds.chunks(each).map(rate).collect();
    let highest = rates.iter().copied().fold(0.0, f64::max);
    let strip: String = rates.iter().map(|rate| bar(*rate, highest)).collect();
    format!("{strip}  a bar for {}; full is {}", counted(each, "second"), hash_rate(highest, 3))
}

fn whole_seconds(time: f64) -> String {
    if time < 100.0 { format!("{time:.0} s") } else { seconds(time) }
}

fn bar(rate: f64, highest: f64) -> char {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an eighth")]
    let eighths = (rate / highest * 8.0).round().clamp(1.0, 8.0) as usize;
    BARS[eighths - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::statistics::Interval;

    fn each(cpus: &[(u16, u16, f64)]) -> EachCpu {
        let cpu = |&(cpu, core, rate): &(u16, u16, f64)| MeasuredCpu {
            cpu,
            core,
            hashes_per_s: Interval { median: rate, low: rate, high: rate },
            ..MeasuredCpu::default()
        };
        EachCpu { cpus: cpus.iter().map(cpu).collect(), ..EachCpu::default() }
    }

    #[test]
    fn siblings_stand_side_by_side_whatever_their_numbers() {
        let pinned_first = [(0, 0, 8e6), (1, 1, 8e6), (2, 2, 4e6), (4, 0, 7e6), (5, 1, 7e6)];
        assert_eq!(strip_of_cpus(&each(&pinned_first)), "█▇ █▇ ▄");
        let text = each_cpu(&each(&pinned_first));
        assert!(
            text.contains("5 CPUs, by core, siblings side by side; full is 8.00 MH/s"),
            "{text}"
        );
    }

    #[test]
    fn clusters_are_named_with_their_cpus() {
        let cluster = |name: &str, cpus: &[u16], hashes_per_s| CpuCluster {
            name: name.to_owned(),
            cpus: cpus.to_vec(),
            hashes_per_s,
        };
        let clusters = vec![
            cluster("performance cores", &[0, 1, 2, 3], 42.1e6),
            cluster("efficiency cores", &[4], 21e6),
        ];
        assert_eq!(
            super::clusters(&EachCpu { clusters, ..EachCpu::default() }),
            "performance cores 42.1 MH/s (CPUs 0-3); efficiency cores 21.0 MH/s (CPU 4)"
        );
    }

    #[test]
    fn a_long_run_in_words_and_bars() {
        let second = |at: u32| Second {
            at_s: f64::from(at),
            elapsed_s: 1.0,
            hashes_per_s: if at < 60 { 8e6 } else { 6e6 },
            ..Second::default()
        };
        let run = Sustained {
            threads: 2,
            start_hashes_per_s: 8e6,
            settled_hashes_per_s: 6e6,
            settled_after_s: Some(58.0),
            start_clock_ghz: Some(4.5),
            settled_clock_ghz: Some(3.4),
            seconds: (0..120).map(second).collect(),
            ..Sustained::default()
        };
        assert_eq!(
            sustained(&run),
            "6.00 MH/s, from 58 s on, 75.0 % of the 8.00 MH/s in the first second; 3.40 GHz after \
             4.50 (2 min 00 s at 2 threads)"
        );
        let strip = format!("{}{}", "█".repeat(20), "▆".repeat(20));
        assert_eq!(
            strip_of_seconds(&run),
            format!("{strip}  a bar for 3 seconds; full is 8.00 MH/s")
        );
        let unsettled = Sustained { settled_after_s: None, start_clock_ghz: None, ..run };
        assert!(sustained(&unsettled).contains("not settled, 75.0 % of"), "{unsettled:?}");
    }
}
