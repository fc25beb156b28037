//! `--output json`: one document a line, spaced as Python writes it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::value::RawValue;

use super::arguments::shared::OutputForm;
use super::failure::{Failure, Result};
use super::output::Output;
use super::unfound::{TestedDocument, TestedNonces};
use crate::chain::{SealedBlock, Timestamp};
use crate::miner::{Report, Solution, WorkerReport};
use crate::text::escaped_json;

/// The version of the documents. Within a version, fields are only added.
const SCHEMA: u32 = 1;

/// Prints a document on one line, and flushes it.
pub(super) fn print(document: &impl Serialize, output: &mut Output) -> Result<()> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    document.serialize(&mut serializer).map_err(Failure::system)?;
    bytes.push(b'\n');
    output.bytes(&bytes)?;
    output.flush()
}

/// Python's spacing, `", "` and `": "`, on one line; dangerous characters are escaped.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.begin_array_value(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        writer.write_all(escaped_json(fragment).as_bytes())
    }
}

/// Prints a document that begins with its version and its outcome.
pub(super) fn print_outcome(
    outcome: &str,
    fields: &impl Serialize,
    output: &mut Output,
) -> Result<()> {
    #[derive(Serialize)]
    struct Document<'a, Fields> {
        schema: u32,
        outcome: &'a str,
        #[serde(flatten)]
        fields: Fields,
    }
    print(&Document { schema: SCHEMA, outcome, fields }, output)
}

/// Prints an outcome in this form: as a document, or as a line of text.
pub(super) fn print_either(
    form: OutputForm,
    outcome: &str,
    fields: &impl Serialize,
    text: &str,
    output: &mut Output,
) -> Result<()> {
    match form {
        OutputForm::Json => print_outcome(outcome, fields, output),
        OutputForm::Text => output.line(text),
    }
}

/// The fields of an outcome of `mine`.
#[derive(Serialize)]
pub(super) struct MinedDocument<'a, Hosts = ()> {
    /// The block's canonical line, byte for byte.
    block: Option<&'a RawValue>,
    /// `None` when no search was under way.
    report: Option<ReportDocument>,
    /// Of a block that was not found.
    #[serde(flatten)]
    unfound: Option<UnfoundBlock>,
    /// Where a cluster searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<Hosts>,
}

/// What goes on with a block that was not found.
#[derive(Serialize)]
struct UnfoundBlock {
    timestamp: Box<RawValue>,
    #[serde(flatten)]
    tested: TestedDocument,
}

impl<'a> MinedDocument<'a> {
    pub(super) fn block(block: &'a SealedBlock, report: &Report) -> Result<Self> {
        let block = serde_json::from_str(block.line()).map_err(Failure::system)?;
        Ok(Self {
            block: Some(block),
            report: Some(ReportDocument::new(report)),
            ..Self::nothing()
        })
    }

    pub(super) fn unfound(
        tested: &TestedNonces<'_>,
        timestamp: Option<&Timestamp>,
    ) -> Result<Self> {
        let timestamp = timestamp.map_or_else(|| "null".to_owned(), Timestamp::to_string);
        let timestamp = RawValue::from_string(timestamp).map_err(Failure::system)?;
        let unfound = UnfoundBlock { timestamp, tested: tested.document()? };
        let report = ReportDocument::new(tested.report);
        Ok(Self { block: None, report: Some(report), unfound: Some(unfound), ..Self::nothing() })
    }

    /// No block, and no search under way.
    pub(super) const fn nothing() -> Self {
        Self { block: None, report: None, unfound: None, hosts: None }
    }

    /// The same with the hosts that searched.
    pub(super) fn by<Hosts>(self, hosts: Option<Hosts>) -> MinedDocument<'a, Hosts> {
        let Self { block, report, unfound, .. } = self;
        MinedDocument { block, report, unfound, hosts }
    }
}

/// Prints the outcome of `solve`, by its name.
pub(super) fn print_solved(
    name: &str,
    solution: Option<&Solution>,
    tested: &TestedNonces<'_>,
    hosts: Option<&impl Serialize>,
    output: &mut Output,
) -> Result<()> {
    #[derive(Serialize)]
    struct Solved<Hosts> {
        /// An integer, of any size.
        nonce: Option<Box<RawValue>>,
        hash: Option<String>,
        #[serde(flatten)]
        tested: TestedDocument,
        report: ReportDocument,
        #[serde(skip_serializing_if = "Option::is_none")]
        hosts: Option<Hosts>,
    }
    let digits = solution.map(|solution| format!("{}{}", tested.leading_digits, solution.nonce));
    let solved = Solved {
        nonce: digits.map(RawValue::from_string).transpose().map_err(Failure::system)?,
        hash: solution.map(|solution| solution.digest.to_string()),
        tested: tested.document()?,
        report: ReportDocument::new(tested.report),
        hosts,
    };
    print_outcome(name, &solved, output)
}

/// The work of one search.
#[derive(Serialize)]
struct ReportDocument {
    kernel: &'static str,
    threads: usize,
    target: String,
    difficulty_bits: u32,
    elapsed_s: f64,
    hashes: u64,
    hashes_per_s: f64,
    expected_hashes: f64,
    workers: Vec<WorkerDocument>,
}

/// The work of one worker.
#[derive(Serialize)]
pub(super) struct WorkerDocument {
    worker: usize,
    stripes: u64,
    hashes: u64,
    share: f64,
    hashes_per_s: f64,
    busy_s: f64,
}

impl WorkerDocument {
    /// The workers of a search.
    pub(super) fn all(report: &Report) -> Vec<Self> {
        let worker = |(number, worker): (usize, &WorkerReport)| Self {
            worker: number,
            stripes: worker.stripes,
            hashes: worker.hashes,
            share: report.worker_share(worker),
            hashes_per_s: report.worker_hashes_per_s(worker),
            busy_s: worker.busy.as_secs_f64(),
        };
        report.workers.iter().enumerate().map(worker).collect()
    }
}

impl ReportDocument {
    fn new(report: &Report) -> Self {
        Self {
            kernel: report.kernel.name(),
            threads: report.workers.len(),
            target: report.target.to_string(),
            difficulty_bits: report.target.leading_zero_bits(),
            elapsed_s: report.elapsed.as_secs_f64(),
            hashes: report.hashes(),
            hashes_per_s: report.hashes_per_s(),
            expected_hashes: report.target.expected_hashes(),
            workers: WorkerDocument::all(report),
        }
    }
}
