//! What is read here at most.

/// How many arrays and objects may be nested in one another.
pub const MAX_DEPTH: usize = 128;

/// The most digits an integer may have: Python's own default limit. The sign is not counted.
pub const MAX_INTEGER_DIGITS: usize = 4300;
