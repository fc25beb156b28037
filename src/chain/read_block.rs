//! A block of a file, in any dialect.

use std::sync::Arc;

use super::block::Block;
use super::detect::Detected;
use super::dialect::{Dialect, Role};
use super::flaw::Reason;
use super::line::{BlockError, BlockLine};
use super::properties::Properties;
use super::python_json::{JsonSpelling, Spellings, Value, parse};
use super::reading::{properties, read_line};

/// What the blocks of a chain look like.
#[derive(Clone, Debug)]
pub(super) enum BlockForm {
    Tutorial,
    Other(Arc<Detected>),
}

/// A block of a file.
#[derive(Clone, Debug)]
pub struct ReadBlock {
    text: Vec<u8>,
    /// `None` for the dialect `tutorial`.
    dialect: Option<Arc<Detected>>,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// Whether it stands on a line of its own, byte for byte as [`canonical`](Self::canonical)
    /// writes it.
    pub is_canonical: bool,
}

impl BlockForm {
    pub(super) fn other(detected: Detected) -> Self {
        Self::Other(Arc::new(detected))
    }

    /// Reads a block; checks that it is one.
    pub(super) fn read(&self, text: &[u8], line: u64, is_line: bool) -> Result<ReadBlock, Reason> {
        let mut block = ReadBlock { text: text.to_vec(), dialect: None, line, is_canonical: false };
        match self {
            Self::Tutorial => block.is_canonical = read_line(text)?.is_canonical() && is_line,
            Self::Other(detected) => {
                let hash = detected.dialect.names.get(Role::Hash).unwrap_or_default();
                if properties(text)?.get(hash).is_none() {
                    return Err(BlockError::Missing(hash.to_owned().into()).into());
                }
                block.dialect = Some(Arc::clone(detected));
                block.is_canonical = is_line && block.canonical().as_bytes() == text;
            }
        }
        Ok(block)
    }
}

impl ReadBlock {
    /// The chain's dialect, as far as the blocks have told it.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect.as_ref().map_or_else(Dialect::tutorial, |it| it.dialect.clone())
    }

    /// The value of the property that has this role.
    #[must_use]
    pub fn value(&self, role: Role) -> Option<Value> {
        let properties = self.properties();
        let dialect = self.dialect();
        let member = properties.get(dialect.names.get(role)?)?;
        parse(properties.value(member).as_bytes()).ok()
    }

    /// The bytes that are hashed: all properties but the hash, in the dialect's spelling.
    ///
    /// # Panics
    /// Never: the block was checked when it was read.
    #[must_use]
    pub fn header(&self) -> String {
        let Some(detected) = &self.dialect else { return self.tutorial().header() };
        let names = &detected.dialect.names;
        self.written(self.spelling(detected), names.get(Role::Hash))
    }

    /// The block as it stands in a chain file of its dialect, without the newline.
    ///
    /// # Panics
    /// Never: the block was checked when it was read.
    #[must_use]
    pub fn canonical(&self) -> String {
        match &self.dialect {
            _ if self.is_canonical => String::from_utf8_lossy(&self.text).into_owned(),
            Some(detected) => self.written(self.spelling(detected), None),
            None => self.tutorial().line(),
        }
    }

    /// The block, if its dialect is `tutorial`.
    #[must_use]
    pub fn to_block(&self) -> Option<Block> {
        self.dialect.is_none().then(|| self.tutorial())
    }

    /// The spelling in which the hash is right. Where that is none, any that fits other blocks.
    fn spelling(&self, detected: &Detected) -> JsonSpelling {
        let properties = self.properties();
        let name = detected.dialect.names.get(Role::Hash).unwrap_or_default();
        let stated = properties.get(name).and_then(|member| properties.digest(member));
        let fits = |among: Spellings| {
            stated.and_then(|hash| properties.fits(hash, name, among).and(among).first())
        };
        fits(detected.of_lines)
            .or_else(|| fits(detected.spellings))
            .unwrap_or(detected.dialect.spelling)
    }

    fn written(&self, spelling: JsonSpelling, without: Option<&str>) -> String {
        let mut text = String::with_capacity(self.text.len());
        self.properties().write(&mut text, spelling, without);
        text
    }

    fn properties(&self) -> Properties<'_> {
        Properties::parse(&self.text).expect("it was read before")
    }

    fn tutorial(&self) -> Block {
        let line = BlockLine::parse(&self.text).and_then(|line| line.to_block());
        line.expect("it was read before")
    }
}
