//! `stripmine show`: the blocks of a chain file.

use std::collections::VecDeque;

use super::arguments::chain::ShowArguments;
use super::arguments::shared::OutputForm;
use super::failure::{Failure, Result};
use super::input::check_is_not_output;
use super::output::{Output, stdout_width};
use super::table::{Column, TextTable};
use crate::chain::python_json::Value;
use crate::chain::{Block, BlockReader, ChainFileError, ReadBlock, Timestamp};
use crate::text::{cut, escaped_line, grouped, short_hash, shown_path};

/// Characters of a block's data that a table considers, at most.
const MOST_DATA: usize = 1_000;

/// Bytes of lines that are collected before they are written.
const WRITE_SIZE: usize = 64 << 10;

pub(super) fn show_blocks(arguments: &ShowArguments, output: &mut Output) -> Result<()> {
    let mut blocks = Blocks::open(arguments)?;
    if let Some(index) = arguments.hashed.or(arguments.index) {
        let block = blocks.find(index)?;
        blocks.note_spelling(output);
        return match arguments.hashed {
            Some(_) => output.bytes(block.header().as_bytes()),
            None => print(std::iter::once(Ok(block)), arguments.output, output),
        };
    }
    match arguments.last {
        Some(count) => {
            print(blocks.last_few(count)?.into_iter().map(Ok), arguments.output, output)?;
        }
        None => print(blocks.by_ref(), arguments.output, output)?,
    }
    blocks.note_spelling(output);
    Ok(())
}

/// A block of a file, or why it cannot be read.
type BlockRead = Result<Block, ChainFileError>;

/// The blocks of a file, with the first line that is not canonical.
struct Blocks {
    reader: BlockReader,
    path: String,
    first_other_spelling: Option<u64>,
}

impl Blocks {
    fn open(arguments: &ShowArguments) -> Result<Self> {
        let path = arguments.chain.path();
        check_is_not_output(path)?;
        let (reader, path) = (BlockReader::open(path)?, shown_path(path));
        Ok(Self { reader, path, first_other_spelling: None })
    }

    fn find(&mut self, index: u64) -> Result<Block> {
        let mut count = 0_u64;
        for block in self.by_ref() {
            let block = block?;
            if block.index == index {
                return Ok(block);
            }
            count += 1;
        }
        let path = &self.path;
        Err(Failure::refused(format!("{path}: none of its {count} blocks has index {index}")))
    }

    fn last_few(&mut self, count: usize) -> Result<VecDeque<Block>> {
        let mut last = VecDeque::new();
        for block in self.by_ref() {
            last.push_back(block?);
            if last.len() > count {
                last.pop_front();
            }
        }
        Ok(last)
    }

    fn note_spelling(&self, output: &mut Output) {
        if let Some(line) = self.first_other_spelling {
            output.note(&format!(
                "{}: read by meaning; line {line} is the first not spelled as one block a line by \
                 json.dumps(…, sort_keys=True)",
                self.path
            ));
        }
    }
}

impl Iterator for Blocks {
    type Item = BlockRead;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.reader.next()?;
        if let Ok(ReadBlock { line, is_canonical: false, .. }) = next {
            self.first_other_spelling.get_or_insert(line);
        }
        Some(next.map(|read| read.block))
    }
}

fn print(
    blocks: impl Iterator<Item = BlockRead>,
    format: OutputForm,
    output: &mut Output,
) -> Result<()> {
    match format {
        OutputForm::Json => print_lines(blocks, output),
        OutputForm::Text => print_table(blocks, output),
    }
}

fn print_lines(mut blocks: impl Iterator<Item = BlockRead>, output: &mut Output) -> Result<()> {
    let mut lines = String::new();
    let read = blocks.try_for_each(|block| {
        lines += &block?.line();
        lines.push('\n');
        if lines.len() > WRITE_SIZE {
            output.bytes(std::mem::take(&mut lines).as_bytes())?;
        }
        Ok(())
    });
    // Blocks before an unreadable one are still shown.
    output.bytes(lines.as_bytes()).and(read)
}

fn print_table(blocks: impl Iterator<Item = BlockRead>, output: &mut Output) -> Result<()> {
    let mut table = TextTable::new([
        Column::right("block", 0),
        Column::left("timestamp", 14),
        Column::right("nonce", 11),
        Column::left("hash", 11),
        Column::left("data", 0),
    ]);
    let width = stdout_width();
    for (number, block) in blocks.enumerate() {
        let cells = cells(&block?);
        table.widen("nonce", cells[2].len());
        let row = table.row(&cells);
        if number == 0 {
            output.line(&table.heading())?;
        }
        output.line(&cut(&row, width))?;
    }
    Ok(())
}

fn cells(block: &Block) -> [String; 5] {
    [
        block.index.to_string(),
        cut(&timestamp(&block.timestamp), 20),
        grouped(block.nonce.as_str()),
        short_hash(&escaped_line(&block.hash)),
        data(&block.data),
    ]
}

fn timestamp(timestamp: &Timestamp) -> String {
    match timestamp {
        Timestamp::Text(text) => format!("\"{}\"", start_of(text)),
        number => number.to_string(),
    }
}

/// Text in quotes, other values as JSON.
fn data(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", start_of(text)),
        other => start_of(&other.to_string()),
    }
}

/// The beginning of a text, as much as a table can show, escaped.
fn start_of(text: &str) -> String {
    escaped_line(&text.chars().take(MOST_DATA).collect::<String>())
}
