//! SHA-256's rounds and schedule, once, for any lanes and any shape of block (FIPS 180-4, section
//! 6.2.2).
//!
//! A block's 64 rounds are written out as 64 steps, known at compile time, so that a round is only
//! arithmetic: the eight working variables and the sixteen words of the schedule stay in place, and
//! only their names move on.
//!
//! Two orders inside a step save the copies that instructions need which overwrite an operand:
//!
//! - h + K + W of the next round is computed before Ch overwrites g, which is that round's h.
//! - e runs one round ahead of a, so that the next e uses d before Maj, of the round before,
//!   overwrites it.

use crate::lanes::Lanes;
use crate::plan::shape::{Shape, has, has_constant_part};

/// The constants of a block's rounds.
#[derive(Clone, Copy)]
pub(crate) struct Constants<'a> {
    /// For each round, K and the schedule word where it does not vary.
    pub(crate) keyed: &'a [u32; 64],
    /// For each varying schedule word, the sum of its terms that do not vary.
    pub(crate) partial: &'a [u32; 64],
}

/// The state from which a block's steps start: after the first varying round.
#[derive(Clone, Copy)]
pub(crate) struct Start<L> {
    /// The working variables a to h after the first varying round.
    pub(crate) state: [L; 8],
    /// h + K of the three rounds after it (and the schedule word, where that does not vary).
    pub(crate) keyed: [L; 3],
    /// The words of the block that vary.
    pub(crate) w: [L; 16],
}

/// Work for another unit of the CPU, done beside the rounds, round by round.
pub(crate) trait Beside<L> {
    /// Does the work beside round `T` of a block of shape `S`. Returns the round's e unchanged.
    fn step<S: Shape, const T: usize>(&mut self, e: L) -> L;
}

/// No work beside the rounds.
impl<L> Beside<L> for () {
    #[inline(always)]
    fn step<S: Shape, const T: usize>(&mut self, e: L) -> L {
        e
    }
}

/// A block in the middle of its rounds. E(t) and A(t) are e and a at the start of round t; b, c, d
/// and f, g, h are earlier values of a and e.
struct Rounds<L> {
    /// A(t) to A(t−3), A(t) at place t mod 4.
    a: [L; 4],
    /// E(t+1) to E(t−2), E(t) at place t mod 4.
    e: [L; 4],
    /// The schedule's latest sixteen words, W(t) at place t mod 16.
    w: [L; 16],
    /// T1 of the latest round, not yet used for a.
    t1: L,
    /// h + K + W of the next round.
    keyed: L,
}

/// Runs the steps with these numbers that are rounds after the shape's first.
macro_rules! steps {
    ($rounds:ident, $start:ident, $token:ident, $from:ident, $beside:ident: $($t:literal)*) => {
        $(if const { runs::<S>($t) } {
            $rounds.step::<S, $t>($token, &$start.keyed, $from);
            $rounds.e[($t + 1) % 4] = $beside.step::<S, $t>($rounds.e[($t + 1) % 4]);
        })*
    };
}

/// Whether round `t` is among those after the shape's first.
const fn runs<S: Shape>(t: usize) -> bool {
    S::FIRST < t && t <= S::LAST
}

/// The rounds of a block after its first varying one: the working variables after the last.
#[inline(always)]
pub(crate) fn finish<L: Lanes, S: Shape>(
    token: L::Token,
    start: &Start<L>,
    from: Constants<'_>,
    beside: &mut impl Beside<L>,
) -> [L; 8] {
    let mut rounds = Rounds::new::<S>(start);
    steps!(rounds, start, token, from, beside:
        0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
    rounds.state::<S>()
}

impl<L: Lanes> Rounds<L> {
    #[inline(always)]
    #[expect(clippy::many_single_char_names, reason = "the standard's names")]
    fn new<S: Shape>(start: &Start<L>) -> Self {
        let [a, b, c, d, e, f, g, h] = start.state;
        let mut rounds = Self { a: [a; 4], e: [e; 4], w: start.w, t1: a, keyed: start.keyed[0] };
        for (back, (a, e)) in [(a, e), (b, f), (c, g), (d, h)].into_iter().enumerate() {
            rounds.a[(S::FIRST + 5 - back) % 4] = a;
            rounds.e[(S::FIRST + 5 - back) % 4] = e;
        }
        if has(S::VARYING, S::FIRST + 1) {
            rounds.keyed = rounds.keyed.add(rounds.w[(S::FIRST + 1) % 16]);
        }
        rounds
    }

    /// Round `T` for e, and the round before it for a.
    #[inline(always)]
    fn step<S: Shape, const T: usize>(
        &mut self,
        token: L::Token,
        early: &[L; 3],
        from: Constants<'_>,
    ) {
        let (e, f, g) = (self.e[T % 4], self.e[(T + 3) % 4], self.e[(T + 2) % 4]);
        let keyed = self.keyed;
        if T < S::LAST {
            self.keyed = if T + 1 - S::FIRST <= 3 {
                early[T - S::FIRST]
            } else {
                g.add(L::splat(token, from.keyed[T + 1]))
            };
            if has(S::VARYING, T + 1) {
                self.extend::<S>(T + 1, token, from.partial);
                self.keyed = self.keyed.add(self.w[(T + 1) % 16]);
            }
        }
        let t1 = keyed.add(e.choose(f, g)).add(e.big_sigma1());
        self.e[(T + 1) % 4] = self.a[(T + 1) % 4].add(t1);
        if T > S::FIRST + 1 {
            self.a[T % 4] = self.next_a(T);
        }
        self.t1 = t1;
    }

    /// A(t), from T1 of the round before.
    #[inline(always)]
    fn next_a(&self, t: usize) -> L {
        let (a, b, c) = (self.a[(t + 3) % 4], self.a[(t + 2) % 4], self.a[(t + 1) % 4]);
        self.t1.add(a.big_sigma0().add(a.majority(b, c)))
    }

    /// Replaces the schedule word of sixteen rounds ago by word `t`. The latest word is added last:
    /// it is ready last.
    #[inline(always)]
    fn extend<S: Shape>(&mut self, t: usize, token: L::Token, partial: &[u32; 64]) {
        if t < 16 {
            return;
        }
        let varies = |back: usize| has(S::VARYING, t - back);
        let mut sum = varies(16).then(|| self.w[t % 16]);
        let mut add = |term: L| sum = Some(sum.map_or(term, |sum| sum.add(term)));
        if varies(15) {
            add(self.w[(t + 1) % 16].small_sigma0());
        }
        if varies(7) {
            add(self.w[(t + 9) % 16]);
        }
        if has_constant_part(S::VARYING, S::ZERO, t) {
            add(L::splat(token, partial[t]));
        }
        if varies(2) {
            add(self.w[(t + 14) % 16].small_sigma1());
        }
        self.w[t % 16] = sum.expect("a varying term");
    }

    /// The working variables a to h after the last round.
    #[inline(always)]
    fn state<S: Shape>(&self) -> [L; 8] {
        let end = S::LAST + 1;
        let (a, e) =
            (|back: usize| self.a[(end - back) % 4], |back: usize| self.e[(end - back) % 4]);
        [self.next_a(end), a(1), a(2), a(3), e(0), e(1), e(2), e(3)]
    }
}
