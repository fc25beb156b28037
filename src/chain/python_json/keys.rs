//! The keys of an object: whether they are sorted, and whether one comes twice.

use std::cmp::Ordering;

use super::spelling::Spellings;
use super::string::RawString;

/// The most keys that are compared each with each, where they are not sorted.
const FEW: usize = 8;

/// The keys of an object so far.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    first: [Option<RawString<'a>>; FEW],
    last: Option<RawString<'a>>,
    count: usize,
    is_unsorted: bool,
}

impl<'a> Keys<'a> {
    /// Adds a key. Returns the spellings in which it may stand here; none where it may have come
    /// before.
    #[inline]
    pub(super) fn add(&mut self, key: RawString<'a>) -> Spellings {
        if let Some(last) = self.last.replace(key) {
            self.is_unsorted |= last.compare(key) != Ordering::Less;
        }
        let spellings = if self.is_unsorted { self.of_unsorted(key) } else { Spellings::ALL };
        if let Some(place) = self.first.get_mut(self.count) {
            *place = Some(key);
        }
        self.count += 1;
        spellings
    }

    fn of_unsorted(&self, key: RawString<'a>) -> Spellings {
        let mut before = self.first.iter().flatten();
        let may_be_doubled = self.count > FEW || before.any(|it| it.compare(key).is_eq());
        if may_be_doubled { Spellings::NONE } else { Spellings::FILE }
    }
}

/// Whether one of these keys comes twice.
pub(super) fn have_doubles(keys: &[RawString<'_>]) -> bool {
    if keys.len() <= FEW {
        let is_before = |at: usize| keys[..at].iter().any(|key| key.compare(keys[at]).is_eq());
        return (1..keys.len()).any(is_before);
    }
    let mut sorted = keys.to_vec();
    sorted.sort_unstable_by(|one, other| one.compare(*other));
    !sorted.is_sorted_by(|one, next| one.compare(*next) == Ordering::Less)
}
