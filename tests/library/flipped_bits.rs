//! Flipped bits of a chain file. The strict check finds each of them and names the block. The other
//! check finds those that change what the chain means.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::common::process::{Scratch, file_of};
use fastrand::Rng;
use stripmine::chain::python_json::{Float, Integer, Value, parse};
use stripmine::chain::{
    Block, BlockReader, Chain, ChainFileError, Flaw, SealedBlock, Timestamp, VerifyOptions, verify,
};

/// Data of which some bits can flip without a change of meaning: letters of escapes and exponents.
const DATA: [&str; 4] = [
    r#""Block""#,
    r#"{"a": [1, -2.5, true, null], "b": "caf\u00e9 \u00fc\ud83d\ude00\n"}"#,
    "[1e+16, 1e-05, 12345678901234567890123]",
    r#""\u00ab\u00cd\u00ef\u00ff""#,
];

fn blocks(count: usize) -> Vec<Block> {
    let mut chain = Chain::new();
    let mut blocks = vec![SealedBlock::genesis().to_block()];
    chain.accept(&SealedBlock::genesis()).unwrap();
    while blocks.len() < count {
        let time = match blocks.len() % 3 {
            0 => Timestamp::Integer(Integer::from(chain.len())),
            1 => Timestamp::Float(Float::new(1.7e9 + chain.len() as f64 / 8.0).unwrap()),
            _ => Timestamp::Text("21 \u{b5}s".to_owned()),
        };
        let data: Value = parse(DATA[blocks.len() % DATA.len()].as_bytes()).unwrap();
        let block = chain.candidate(&time, &data).unwrap().seal(31 * chain.len());
        chain.accept(&block).unwrap();
        blocks.push(block.to_block());
    }
    blocks
}

/// What was found of a chain with a flipped bit.
#[derive(Default)]
struct Found {
    by_meaning: u64,
    by_spelling_alone: u64,
}

struct Flipper {
    _scratch: Scratch,
    path: PathBuf,
    /// The file at this path: only bytes in it change, because a file that is made anew is slow.
    file: File,
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    found: Found,
}

impl Flipper {
    fn new(count: usize) -> Self {
        let blocks = blocks(count);
        let lines: Vec<String> = blocks.iter().map(Block::line).collect();
        let bytes = file_of(&lines).into_bytes();
        let scratch = Scratch::with(&bytes);
        let path = scratch.chain();
        let file = File::options().write(true).open(&path).unwrap();
        Self { _scratch: scratch, path, file, blocks, bytes, found: Found::default() }
    }

    /// Where this block's line begins and ends, its newline included.
    fn line(&self, block: usize) -> std::ops::Range<usize> {
        let newlines = self.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let mut ends = newlines.map(|(at, _)| at + 1).skip(block.saturating_sub(1));
        let start = if block == 0 { 0 } else { ends.next().unwrap() };
        start..ends.next().unwrap()
    }

    /// Flips a bit of this block's line, `at` bytes into it.
    fn flip(&mut self, block: usize, at: usize, bit: u32) {
        let place = self.line(block).start + at;
        self.put(place, self.bytes[place] ^ 1 << bit);
        let case = format!("bit {bit} of byte {at} of block {block}");
        let strict = refusal(&self.path, true).unwrap_or_else(|| panic!("strict takes {case}"));
        assert_eq!(
            (strict.block, strict.line),
            (block as u64, block as u64 + 1),
            "{case}: {strict}"
        );
        if let Some(flaw) = refusal(&self.path, false) {
            assert_eq!((flaw.block, flaw.line), (strict.block, strict.line), "{case}: {flaw}");
            self.found.by_meaning += 1;
        } else {
            self.means_the_same(&case);
            self.found.by_spelling_alone += 1;
        }
        self.put(place, self.bytes[place]);
    }

    /// Writes a byte into the file.
    fn put(&mut self, place: usize, byte: u8) {
        self.file.seek(SeekFrom::Start(place as u64)).unwrap();
        self.file.write_all(&[byte]).unwrap();
    }

    fn means_the_same(&self, case: &str) {
        let read: Result<Vec<Block>, _> = BlockReader::open(&self.path)
            .unwrap()
            .map(|read| read.map(|read| read.to_block().unwrap()))
            .collect();
        assert!(read.unwrap() == self.blocks, "the meaning has changed unnoticed: {case}");
    }
}

fn refusal(path: &Path, strict: bool) -> Option<Flaw> {
    let mut options = VerifyOptions::default();
    (options.strict, options.threads) = (strict, 2);
    match verify(path, &options) {
        Ok(_) => None,
        Err(ChainFileError::Refused { flaw, .. }) => Some(*flaw),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_flipped_bit_of_a_few_blocks_is_found() {
    let mut flipper = Flipper::new(6);
    for block in 1..5 {
        for at in 0..flipper.line(block).len() {
            for bit in 0..8 {
                flipper.flip(block, at, bit);
            }
        }
    }
    let Found { by_meaning, by_spelling_alone } = flipper.found;
    assert!(by_spelling_alone > 10 && by_meaning > 6_000, "{by_spelling_alone}, {by_meaning}");
}

/// Every place of a line and every bit of it, each in a block anywhere in a chain of 10,000, five
/// times over.
#[test]
#[ignore = "long: a chain of 10,000 blocks is checked 24,000 times"]
fn any_flipped_bit_of_a_long_chain_is_found() {
    let mut flipper = Flipper::new(10_000);
    let mut random = Rng::with_seed(5);
    let longest = 4 + (1..100).map(|block| flipper.line(block).len()).max().unwrap();
    for _ in 0..5 {
        for at in 0..longest {
            for bit in 0..8 {
                let block = random.usize(..10_000);
                let at = at % flipper.line(block).len();
                flipper.flip(block, at, bit);
            }
        }
    }
    let Found { by_meaning, by_spelling_alone } = flipper.found;
    println!("{by_meaning} flips found by meaning, {by_spelling_alone} by spelling alone");
    assert!(by_spelling_alone > 3 && by_meaning > 6_000);
}
