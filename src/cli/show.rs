//! `stripmine show`: the blocks of a chain file.

use std::collections::VecDeque;

use super::arguments::chain::ShowArguments;
use super::arguments::shared::OutputForm;
use super::failure::{Failure, Result};
use super::input::{check_is_not_output, open_stream, source};
use super::output::{Output, stdout_width};
use super::table::{Column, TextTable};
use crate::chain::python_json::Value;
use crate::chain::{BlockReader, ChainFileError, Dialect, ReadBlock, Role};
use crate::text::{cut, escaped_line, grouped, short_hash};

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
            None => print(std::iter::once(Ok((index, block))), arguments.output, output),
        };
    }
    if let Some(count) = arguments.last {
        print(blocks.last_few(count)?.into_iter().map(Ok), arguments.output, output)?;
    } else {
        let numbered = (0..).zip(blocks.by_ref());
        let numbered = numbered.map(|(place, block)| Ok((place, block?)));
        print(numbered, arguments.output, output)?;
    }
    blocks.note_spelling(output);
    Ok(())
}

/// A block with its place in the chain.
type Numbered = Result<(u64, ReadBlock), ChainFileError>;

/// A block of a file, or why it cannot be read.
type BlockRead = Result<ReadBlock, ChainFileError>;

/// The blocks of a file, with the first line that is not canonical.
struct Blocks {
    reader: BlockReader,
    path: String,
    first_other_spelling: Option<(u64, Dialect)>,
}

impl Blocks {
    fn open(arguments: &ShowArguments) -> Result<Self> {
        let path = arguments.chain.path();
        check_is_not_output(path)?;
        let reader = match open_stream(path) {
            None => BlockReader::open(path)?,
            Some(stream) => BlockReader::from_source(
                path,
                stream.map_err(|error| {
                    Failure::system(format!("{}: cannot read the file: {error}", source(path)))
                })?,
            ),
        };
        let reader = reader.with_hints(arguments.dialect.hints());
        Ok(Self { reader, path: source(path), first_other_spelling: None })
    }

    fn find(&mut self, index: u64) -> Result<ReadBlock> {
        let mut count = 0_u64;
        for block in self.by_ref() {
            let block = block?;
            if index_of(&block, count) == index.to_string() {
                return Ok(block);
            }
            count += 1;
        }
        let path = &self.path;
        Err(Failure::refused(format!("{path}: none of its {count} blocks has index {index}")))
    }

    fn last_few(&mut self, count: usize) -> Result<VecDeque<(u64, ReadBlock)>> {
        let mut last = VecDeque::new();
        for (place, block) in (0..).zip(self.by_ref()) {
            last.push_back((place, block?));
            if last.len() > count {
                last.pop_front();
            }
        }
        Ok(last)
    }

    fn note_spelling(&self, output: &mut Output) {
        let Some((line, dialect)) = &self.first_other_spelling else { return };
        let way = if *dialect == Dialect::tutorial() {
            "by json.dumps(…, sort_keys=True)".to_owned()
        } else {
            format!("in its dialect ({})", escaped_line(&dialect.to_string()))
        };
        output.note(&format!(
            "{}: spelled in another way: line {line} is the first not written as one block a line {way}",
            self.path
        ));
    }
}

impl Iterator for Blocks {
    type Item = BlockRead;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.reader.next()?;
        if let Ok(block) = &next
            && !block.is_canonical
        {
            self.first_other_spelling.get_or_insert_with(|| (block.line, block.dialect()));
        }
        Some(next)
    }
}

fn print(
    blocks: impl Iterator<Item = Numbered>,
    format: OutputForm,
    output: &mut Output,
) -> Result<()> {
    match format {
        OutputForm::Json => print_lines(blocks, output),
        OutputForm::Text => print_table(blocks, output),
    }
}

fn print_lines(mut blocks: impl Iterator<Item = Numbered>, output: &mut Output) -> Result<()> {
    let mut lines = String::new();
    let read = blocks.try_for_each(|block| {
        lines += &block?.1.canonical();
        lines.push('\n');
        if lines.len() > WRITE_SIZE {
            output.bytes(std::mem::take(&mut lines).as_bytes())?;
        }
        Ok(())
    });
    // Blocks before an unreadable one are still shown.
    output.bytes(lines.as_bytes()).and(read)
}

fn print_table(blocks: impl Iterator<Item = Numbered>, output: &mut Output) -> Result<()> {
    let mut table = TextTable::new([
        Column::right("block", 0),
        Column::left("timestamp", 14),
        Column::right("nonce", 11),
        Column::left("hash", 11),
        Column::left("data", 0),
    ]);
    let width = stdout_width();
    for (number, block) in blocks.enumerate() {
        let (place, block) = block?;
        let cells = cells(&block, place);
        table.widen("nonce", cells[2].len());
        let row = table.row(&cells);
        if number == 0 {
            output.line(&table.heading())?;
        }
        output.line(&cut(&row, width))?;
    }
    Ok(())
}

fn cells(block: &ReadBlock, place: u64) -> [String; 5] {
    let value = |role| block.value(role);
    [
        index_of(block, place),
        cut(&value(Role::Timestamp).map_or_else(String::new, |it| shown_value(&it)), 20),
        match value(Role::Nonce) {
            Some(Value::Integer(nonce)) => grouped(nonce.as_str()),
            other => other.map_or_else(String::new, |it| shown_value(&it)),
        },
        match value(Role::Hash) {
            Some(Value::String(hash)) => short_hash(&escaped_line(&hash)),
            other => other.map_or_else(String::new, |it| shown_value(&it)),
        },
        value(Role::Data).map_or_else(String::new, |it| shown_value(&it)),
    ]
}

/// The block's index as text; its place where it has none.
fn index_of(block: &ReadBlock, place: u64) -> String {
    block.value(Role::Index).map_or_else(|| place.to_string(), |index| start_of(&index.to_string()))
}

/// Text in quotes, other values as JSON.
fn shown_value(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", start_of(text)),
        other => start_of(&other.to_string()),
    }
}

/// The beginning of a text, as much as a table can show, escaped.
fn start_of(text: &str) -> String {
    escaped_line(&text.chars().take(MOST_DATA).collect::<String>())
}
