//! The number of a CPU, and the way in which the kernel and `taskset` write several of them.
//!
//! Not for CPU masks in hexadecimal (`thread_siblings`, `smp_affinity`): only for lists
//! (`thread_siblings_list`, `online`).

use std::fmt;

/// The operating system's number of one logical CPU.
///
/// Sixteen bits hold eight times the CPUs that Linux can be built for, and keep a malformed list
/// from growing without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuId(pub u16);

impl fmt::Display for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a list such as `0-3,8,10-15:2`, in ascending order and each CPU once. The number after the
/// colon is the step of the range, as `taskset` has it.
///
/// White space around the list is ignored, and an empty list is a list. `None` when the text is
/// anything else, a range that runs backwards included.
pub(crate) fn parse_cpu_list(text: &str) -> Option<Vec<CpuId>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut cpus = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once(':') {
            Some((range, step)) if range.contains('-') => (range, parse_number(step)?),
            Some(_) => return None,
            None => (part, 1),
        };
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (parse_number(first)?, parse_number(last)?);
        if first > last || step == 0 {
            return None;
        }
        cpus.extend((first..=last).step_by(step.into()).map(CpuId));
    }
    cpus.sort_unstable();
    cpus.dedup();
    Some(cpus)
}

/// CPUs as a list, `0-3,8`; they are in ascending order.
pub(crate) fn cpu_list(cpus: &[CpuId]) -> String {
    let runs = cpus.chunk_by(|a, b| a.0.checked_add(1) == Some(b.0));
    let parts = runs.map(|run| match run {
        [only] => only.to_string(),
        [first, second] => format!("{first},{second}"),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    parts.collect::<Vec<_>>().join(",")
}

/// Digits only: `u16::from_str` would take a plus sign.
fn parse_number(digits: &str) -> Option<u16> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Vec<u16>> {
        parse_cpu_list(text).map(|cpus| cpus.into_iter().map(|cpu| cpu.0).collect())
    }

    #[test]
    fn lists_of_numbers_and_ranges() {
        assert_eq!(parsed("0-3,8,10-11"), Some(vec![0, 1, 2, 3, 8, 10, 11]));
        assert_eq!(parsed("0\n"), Some(vec![0]));
        assert_eq!(parsed("5-5"), Some(vec![5]));
        assert_eq!(parsed("65535"), Some(vec![65535]));
    }

    #[test]
    fn ranges_have_steps_as_in_taskset() {
        assert_eq!(parsed("0-3,8,10-15:2"), Some(vec![0, 1, 2, 3, 8, 10, 12, 14]));
        assert_eq!(parsed("0-31:4"), Some(vec![0, 4, 8, 12, 16, 20, 24, 28]));
        assert_eq!(parsed("1-2:9"), Some(vec![1]));
        assert_eq!(parsed("0-65535:65535"), Some(vec![0, 65535]));
    }

    #[test]
    fn a_list_is_written_as_it_is_read() {
        for list in ["", "0", "0,1", "0-2", "0-3,8,10-12", "1,3,5", "65534,65535"] {
            assert_eq!(cpu_list(&parse_cpu_list(list).unwrap()), list);
        }
    }

    #[test]
    fn an_empty_list_is_a_list() {
        assert_eq!(parsed(""), Some(vec![]));
        assert_eq!(parsed("\n"), Some(vec![]));
    }

    #[test]
    fn order_and_overlap_do_not_matter() {
        assert_eq!(parsed("8,0-2,1-3"), Some(vec![0, 1, 2, 3, 8]));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            ",", "0,", ",0", "-", "0-", "-3", "3-1", "a", "0 1", "0-1-2", "+1", "0x1", "65536",
            "0-31:2/4", "1;2", "0-3:0", "5:2", "0-3:", "0-3:-1", "0-3:2:1",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }
}
