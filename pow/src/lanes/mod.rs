//! Lanes: the same 32-bit word of several hashes, side by side in one vector.
//!
//! A lane type's operations are safe, although not every CPU has their instructions. Making a first
//! value takes the type's token, and only CPU detection makes tokens, so a value proves that the
//! CPU has the instructions. The operations are inlined into the functions that enable the
//! instruction set, and become single instructions there.

#[cfg(target_arch = "x86_64")]
pub(crate) mod pair;
pub(crate) mod portable;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

/// The operations of SHA-256's rounds and schedule (FIPS 180-4, section 4.1.2), on all lanes at
/// once.
pub(crate) trait Lanes: Copy {
    /// The proof, of size zero, that the CPU has this type's instructions.
    type Token: Copy;
    /// The words of one vector, in memory.
    type Words: AsRef<[u32]>;
    /// Lanes in a vector.
    const COUNT: usize;

    /// The same word in every lane.
    fn splat(token: Self::Token, word: u32) -> Self;
    /// The first [`Self::COUNT`] words of a slice.
    fn load(token: Self::Token, words: &[u32]) -> Self;
    /// The lanes' words, in order.
    fn store(self) -> Self::Words;
    /// Addition modulo 2^32.
    fn add(self, other: Self) -> Self;
    /// Rotation right by `N` bits, 0 < `N` < 32; `L` is 32 − `N`.
    fn rotate_right<const N: i32, const L: i32>(self) -> Self;
    /// Logical shift right by `N` bits.
    fn shift_right<const N: i32>(self) -> Self;
    /// The exclusive or of three words.
    fn xor3(self, y: Self, z: Self) -> Self;
    /// Ch (FIPS 180-4, equation 4.2): `y` where `self` has ones, `z` where it has zeros.
    fn choose(self, y: Self, z: Self) -> Self;
    /// Maj (FIPS 180-4, equation 4.3): the bit that at least two of the three have.
    fn majority(self, y: Self, z: Self) -> Self;
    /// One bit for each lane, lowest first: set when the word has no bit in common with `mask`.
    fn clear_of(self, mask: Self) -> u32;

    /// Σ0 (FIPS 180-4, equation 4.4).
    #[inline(always)]
    fn big_sigma0(self) -> Self {
        self.rotate_right::<2, 30>()
            .xor3(self.rotate_right::<13, 19>(), self.rotate_right::<22, 10>())
    }

    /// Σ1 (FIPS 180-4, equation 4.5).
    #[inline(always)]
    fn big_sigma1(self) -> Self {
        self.rotate_right::<6, 26>()
            .xor3(self.rotate_right::<11, 21>(), self.rotate_right::<25, 7>())
    }

    /// σ0 (FIPS 180-4, equation 4.6).
    #[inline(always)]
    fn small_sigma0(self) -> Self {
        self.rotate_right::<7, 25>().xor3(self.rotate_right::<18, 14>(), self.shift_right::<3>())
    }

    /// σ1 (FIPS 180-4, equation 4.7).
    #[inline(always)]
    fn small_sigma1(self) -> Self {
        self.rotate_right::<17, 15>().xor3(self.rotate_right::<19, 13>(), self.shift_right::<10>())
    }
}
