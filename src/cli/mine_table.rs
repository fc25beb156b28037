//! The tables of `mine`: blocks and workers.

use super::table::{Column, TextTable};
use crate::chain::SealedBlock;
use crate::miner::{Report, WorkerReport};
use crate::pow::Target;
use crate::text::{duration, grouped, mega, percent, short_hash, times};

/// Columns that can be left out, the first of them first.
const DISPENSABLE: [&str; 4] = ["x expected", "MH/s", "hashes", "time"];

/// A table with a row for each block as it is found, and a total.
pub(super) struct BlockTable {
    table: TextTable,
    /// Columns of the terminal.
    width: usize,
    blocks: u64,
    /// The report of all blocks together.
    pub(super) run: Option<Report>,
    expected_hashes: f64,
}

impl BlockTable {
    /// A table with room for nonces of this many digits, and for the hashes that this target
    /// usually takes. Columns that do not fit into this width are left out.
    pub(super) fn new(target: &Target, nonce_digits: usize, width: usize) -> Self {
        // One search in e^16 takes more than 16 times what is expected.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let most_hashes = (16.0 * target.expected_hashes()) as u64;
        let table = TextTable::new([
            Column::right("block", 0),
            Column::right("nonce", grouped("9".repeat(nonce_digits)).len()),
            Column::left("hash", 11),
            Column::right("time", 7),
            Column::right("hashes", grouped(most_hashes).len()),
            Column::right("MH/s", 6),
            Column::right("x expected", 0),
        ]);
        Self { table, width, blocks: 0, run: None, expected_hashes: 0.0 }
    }

    /// Adds a block's report to the totals, and returns the block's row, below the heading if it is
    /// the first.
    pub(super) fn found(&mut self, block: &SealedBlock, report: &Report) -> String {
        let nonce = grouped(block.nonce().as_str());
        let mut heading = String::new();
        if let Some(run) = &mut self.run {
            run.add(report);
        } else {
            self.run = Some(report.clone());
            // The length of a wide nonce is known only now.
            self.table.widen("nonce", nonce.len());
            self.table = self.table.clone().narrowed(self.width, &DISPENSABLE);
            heading = self.table.heading() + "\n";
        }
        self.blocks += 1;
        self.expected_hashes += report.target.expected_hashes();
        let start = [block.index().to_string(), nonce, short_hash(&block.hash().to_string())];
        heading + &self.table.row(&row(start, report, report.target.expected_hashes()))
    }

    /// The row for all blocks together, when there are several.
    pub(super) fn total(&self) -> Option<String> {
        let run = self.run.as_ref().filter(|_| self.blocks > 1)?;
        let start = ["total".to_owned(), String::new(), String::new()];
        Some(self.table.row(&row(start, run, self.expected_hashes)))
    }
}

fn row(start: [String; 3], report: &Report, expected_hashes: f64) -> Vec<String> {
    let hashes = report.hashes();
    let figures = [
        duration(report.elapsed),
        grouped(hashes),
        mega(report.hashes_per_s()),
        times(hashes as f64 / expected_hashes),
    ];
    start.into_iter().chain(figures).collect()
}

/// Workers that have a row each. Of more, only the lowest, the median and the highest have one.
const MOST_ROWS: usize = 16;

/// A heading and a row for every worker; of many workers, only three rows, unless all are wanted.
pub(super) fn worker_table(report: &Report, is_verbose: bool) -> Vec<String> {
    let row = |name: String, worker: &WorkerReport| {
        vec![
            name,
            grouped(worker.hashes),
            mega(report.worker_hashes_per_s(worker)),
            percent(report.worker_share(worker)),
            percent(report.worker_busy_share(worker)),
        ]
    };
    let workers = &report.workers;
    let rows: Vec<_> = if is_verbose || workers.len() <= MOST_ROWS {
        (0..)
            .zip(workers)
            .map(|(number, worker): (u32, _)| row(number.to_string(), worker))
            .collect()
    } else {
        let mut by_hashes: Vec<_> = workers.iter().collect();
        by_hashes.sort_by_key(|worker| worker.hashes);
        let (median, highest) = (workers.len() / 2, workers.len() - 1);
        let named = [("lowest", 0), ("median", median), ("highest", highest)];
        named.map(|(name, place)| row(name.to_owned(), by_hashes[place])).into()
    };
    let left_out = workers.len() > rows.len();
    let note = format!("{} workers; --verbose shows them all", grouped(workers.len()));
    let mut lines = TextTable::new([
        Column::right("worker", 0),
        Column::right("hashes", 0),
        Column::right("MH/s", 6),
        Column::right("share", 7),
        Column::right("busy", 7),
    ])
    .lines(&rows);
    lines.extend(left_out.then_some(note));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::python_json::Value;
    use crate::chain::{Candidate, Timestamp};
    use crate::pow::Kernel;
    use std::time::Duration;

    fn report(elapsed_ms: u64, hashes: [u64; 2]) -> Report {
        let worker = |hashes| WorkerReport {
            stripes: 300,
            hashes,
            busy: Duration::from_millis(elapsed_ms - 1),
        };
        Report {
            kernel: Kernel::Sha2,
            target: Target::from_bits(24).unwrap(),
            elapsed: Duration::from_millis(elapsed_ms),
            workers: hashes.map(worker).to_vec(),
            tested_below: 0,
            best: None,
        }
    }

    fn block(index: u64, nonce: u64) -> SealedBlock {
        let text = Timestamp::Text(String::new());
        Candidate::new(index, &text, &Value::Null, "0").unwrap().seal(nonce)
    }

    #[test]
    fn blocks_and_their_total() {
        let mut table = BlockTable::new(&Target::from_bits(24).unwrap(), 9, 100);
        let lines = [
            table.found(&block(1, 22_268_600), &report(529, [11_141_120, 11_141_120])),
            table.found(&block(2, 3_104_771), &report(74, [1_564_672, 1_564_672])),
            table.total().unwrap(),
        ];
        insta::assert_snapshot!(anstream::adapter::strip_str(&lines.join("\n")).to_string(), @r"
        block        nonce  hash            time       hashes    MH/s  x expected
            1   22,268,600  681d461e…18  0.529 s   22,282,240   42.12        1.33
            2    3,104,771  470ab354…ec  0.074 s    3,129,344   42.29        0.19
        total                            0.603 s   25,411,584   42.14        0.76
        ");
    }

    #[test]
    fn a_narrow_terminal_gets_the_columns_that_fit() {
        let mut table = BlockTable::new(&Target::from_bits(24).unwrap(), 9, 60);
        let lines = [
            table.found(&block(1, 22_268_600), &report(529, [11_141_120, 11_141_120])),
            table.found(&block(2, 3_104_771), &report(74, [1_564_672, 1_564_672])),
            table.total().unwrap(),
        ];
        insta::assert_snapshot!(anstream::adapter::strip_str(&lines.join("\n")).to_string(), @r"
        block        nonce  hash            time       hashes
            1   22,268,600  681d461e…18  0.529 s   22,282,240
            2    3,104,771  470ab354…ec  0.074 s    3,129,344
        total                            0.603 s   25,411,584
        ");
    }

    #[test]
    fn workers_with_their_shares() {
        let lines = worker_table(&report(529, [11_141_120, 11_000_000]), false).join("\n");
        insta::assert_snapshot!(anstream::adapter::strip_str(&lines).to_string(), @r"
        worker      hashes    MH/s    share     busy
             0  11,141,120   21.06   50.3 %   99.8 %
             1  11,000,000   20.79   49.7 %   99.8 %
        ");
    }

    #[test]
    fn of_many_workers_three_unless_all_are_wanted() {
        let mut report = report(529, [11_141_120, 11_000_000]);
        let worker = report.workers[0].clone();
        let with = |hashes| WorkerReport { hashes, ..worker.clone() };
        report.workers = (0..1_000).map(|number| with(10_000 + number * 7 % 1_000)).collect();
        let lines = worker_table(&report, false).join("\n");
        insta::assert_snapshot!(anstream::adapter::strip_str(&lines).to_string(), @r"
         worker  hashes    MH/s    share     busy
         lowest  10,000   0.019    0.1 %   99.8 %
         median  10,500   0.020    0.1 %   99.8 %
        highest  10,999   0.021    0.1 %   99.8 %
        1,000 workers; --verbose shows them all
        ");
        assert_eq!(worker_table(&report, true).len(), 1 + 1_000);
    }

    #[test]
    fn one_block_has_no_total() {
        let mut table = BlockTable::new(&Target::from_bits(24).unwrap(), 9, 100);
        assert!(table.total().is_none() && table.run.is_none());
        table.found(&block(1, 1), &report(5, [1, 1]));
        assert!(table.total().is_none() && table.run.is_some());
    }
}
