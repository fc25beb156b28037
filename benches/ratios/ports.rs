//! What the ports of this core offer to the `avx512` kernel: streams of 512-bit instructions in the
//! kernel's own mix.
//!
//! The instructions of a stream do not wait for each other, except where its name says so: nothing
//! but the ports limits it. They are written in assembly, since a compiler merges or drops what
//! computes nothing. Not a model of other kernels: their instructions go through other ports.

#![allow(unsafe_code, reason = "instructions that detection proves the CPU to have")]

use std::arch::asm;

use super::on_cpu::timed;
use super::sampler::Sample;

/// A round of a block whose schedule is known: 6 rotations, 4 `vpternlogd`, 6 additions.
pub(crate) const ROUNDS: &str = "rounds";
/// A round with a word of the schedule: 10 rotations, 2 shifts, 6 `vpternlogd`, 10 additions.
pub(crate) const WITH_SCHEDULE: &str = "rounds with schedule";

/// Some instructions, over and over.
#[derive(Clone, Copy)]
pub(crate) struct Stream {
    name: &'static str,
    /// Vector instructions in a turn; loads that are no operands do not count.
    instructions: u64,
    run: unsafe fn(turns: u64),
}

impl Stream {
    /// The streams, when this CPU has the instructions.
    pub(crate) fn all() -> Option<&'static [Self]> {
        const ALL: &[Stream] = &[
            Stream { name: ROUNDS, instructions: 8 * 16, run: rounds },
            Stream { name: WITH_SCHEDULE, instructions: 8 * 28, run: rounds_with_schedule },
            Stream { name: "rounds, K + W from memory", instructions: 8 * 16, run: loading },
            Stream { name: "rounds, registers of others", instructions: 8 * 16, run: crossing },
            Stream { name: "rounds, waiting, one group", instructions: 8 * 48, run: one_group },
            Stream { name: "rounds, waiting, two groups", instructions: 8 * 96, run: two_groups },
            Stream { name: "the same, two operands", instructions: 8 * 96, run: two_operands },
        ];
        is_x86_feature_detected!("avx512f").then_some(ALL)
    }

    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// One sample, in vector instructions.
    pub(crate) fn sample(self) -> Sample {
        const INSTRUCTIONS: u64 = 6_000_000;
        let turns = INSTRUCTIONS / self.instructions;
        timed(|| {
            // SAFETY: the streams are handed out only where the CPU has AVX-512F.
            unsafe { (self.run)(turns) };
            (turns * self.instructions) as f64
        })
    }
}

/// K + W of a few rounds; their values do not matter.
static ROW: [u32; 16] = [0x5a82_7999; 16];

/// The text of an instruction: its name, and operands that are joined from parts.
macro_rules! instruction {
    ($name:literal [$($first:literal)*] $([$($part:literal)*])*) => {
        concat!($name, " ", $($first,)* $(", ", $($part,)*)* "\n")
    };
}

/// One instruction: r(otation), s(hift), t(ernary logic), a(ddition), the register that it writes,
/// and those that it reads besides; l: an addition of a word from memory.
macro_rules! op {
    (r $d:literal $s:literal) => { instruction!("vprord" ["zmm" $d] ["zmm" $s] ["7"]) };
    (s $d:literal $s:literal) => { instruction!("vpsrlvd" ["zmm" $d] ["zmm" $s] ["zmm31"]) };
    (t $d:literal $x:literal $y:literal) => {
        instruction!("vpternlogd" ["zmm" $d] ["zmm" $x] ["zmm" $y] ["0x96"])
    };
    (a $d:literal $x:literal) => { instruction!("vpaddd" ["zmm" $d] ["zmm" $d] ["zmm" $x]) };
    (l $d:literal) => {
        instruction!("vpaddd" ["zmm" $d] ["zmm" $d] ["dword ptr [{row}]{{1to16}}"])
    };
}

/// A function that runs these instructions eight times a turn, each given by what `$macro` takes.
macro_rules! stream {
    ($name:ident, $macro:ident: $([$($part:tt)*])*) => {
        /// # Safety
        /// The CPU must have AVX-512F.
        #[target_feature(enable = "avx512f")]
        unsafe fn $name(turns: u64) {
            // SAFETY: writes registers alone, all of them declared; reads the words at `row`.
            unsafe {
                asm!(
                    ".p2align 6",
                    "2: /* may read {row} */",
                    ".rept 8",
                    $($macro!($($part)*),)*
                    ".endr",
                    "dec {turns}",
                    "jnz 2b",
                    // Without it, older instructions such as those for SHA would be slow from here
                    // on.
                    "vzeroupper",
                    turns = inout(reg) turns => _,
                    row = in(reg) &raw const ROW,
                    out("zmm0") _, out("zmm1") _, out("zmm2") _, out("zmm3") _,
                    out("zmm4") _, out("zmm5") _, out("zmm6") _, out("zmm7") _,
                    out("zmm8") _, out("zmm9") _, out("zmm10") _, out("zmm11") _,
                    out("zmm12") _, out("zmm13") _, out("zmm14") _, out("zmm15") _,
                    out("zmm16") _, out("zmm17") _, out("zmm18") _, out("zmm19") _,
                    out("zmm20") _, out("zmm21") _, out("zmm22") _, out("zmm23") _,
                    out("zmm24") _, out("zmm25") _, out("zmm26") _, out("zmm27") _,
                    out("zmm28") _, out("zmm29") _, out("zmm30") _, out("zmm31") _,
                    options(nostack, readonly),
                );
            }
        }
    };
}

// Sixteen registers, each written by one instruction of a turn.
stream!(
    rounds, op:
    [t 0 30 31] [a 1 30] [r 2 2] [a 3 30] [r 4 4] [t 5 30 31] [a 6 30] [r 7 7]
    [a 8 30] [r 9 9] [t 10 30 31] [a 11 30] [r 12 12] [a 13 30] [r 14 14] [t 15 30 31]
);
// The same, one addition's operand from memory.
stream!(
    loading, op:
    [t 0 30 31] [a 1 30] [r 2 2] [a 3 30] [r 4 4] [t 5 30 31] [l 6] [r 7 7]
    [a 8 30] [r 9 9] [t 10 30 31] [a 11 30] [r 12 12] [a 13 30] [r 14 14] [t 15 30 31]
);
// The same, all operands written half a round or more before.
stream!(
    crossing, op:
    [t 0 7 4] [a 1 8] [r 2 9] [a 3 10] [r 4 11] [t 5 12 9] [a 6 13] [r 7 14]
    [a 8 15] [r 9 0] [t 10 1 14] [a 11 2] [r 12 3] [a 13 4] [r 14 5] [t 15 6 3]
);
// Twenty-eight registers, each written by one instruction of a turn.
stream!(
    rounds_with_schedule, op:
    [r 0 0] [a 1 30] [r 2 2] [a 3 30] [s 4 4] [a 5 30] [r 6 6] [a 7 30]
    [r 8 8] [a 9 30] [r 10 10] [a 11 30] [t 12 30 31] [r 13 13] [a 14 30] [r 15 15]
    [t 16 30 31] [a 17 30] [r 18 18] [s 19 19] [t 20 30 31] [a 21 30] [r 22 22] [t 23 30 31]
    [a 24 30] [t 25 30 31] [r 26 26] [t 27 30 31]
);

/// `vpternlogd`, or in its place an exclusive or that reads one register less.
macro_rules! logic {
    (three $d:tt $x:tt $y:tt $table:tt) => { instruction!("vpternlogd" $d $x $y $table) };
    (two $d:tt $x:tt $y:tt $table:tt) => { instruction!("vpxord" $d $d $x) };
}

/// The first half of a round as the kernel has it, for the next e: Σ1(e), Ch(e, f, g), T1 in `$k`.
/// `$n` becomes h + K + W of the next round, `$g` the next e; `$c` is what was a three rounds ago.
macro_rules! next_e {
    ($logic:ident $p:literal, $x:literal $y:literal $z:literal, $c:literal, $e:literal $f:literal $g:literal, $k:literal $n:literal) => {
        concat!(
            instruction!("vpaddd" [$p $n] [$p $g] ["dword ptr [{row}]{{1to16}}"]),
            instruction!("vprord" [$x] [$p $e] ["6"]),
            instruction!("vprord" [$y] [$p $e] ["11"]),
            instruction!("vprord" [$z] [$p $e] ["25"]),
            logic!($logic [$p $g] [$p $e] [$p $f] ["0xb8"]),
            instruction!("vpaddd" [$p $k] [$p $k] [$p $g]),
            logic!($logic [$x] [$y] [$z] ["0x96"]),
            instruction!("vpaddd" [$p $k] [$p $k] [$x]),
            instruction!("vpaddd" [$p $g] [$p $c] [$p $k]),
        )
    };
}

/// The second half, for the a before: Σ0(a), Maj(a, b, c), which becomes the next a with `$t`, T1
/// of the round before.
macro_rules! next_a {
    ($logic:ident $p:literal, $x:literal $y:literal $z:literal, $a:literal $b:literal $c:literal, $t:literal) => {
        concat!(
            instruction!("vprord" [$x] [$p $a] ["2"]),
            instruction!("vprord" [$y] [$p $a] ["13"]),
            instruction!("vprord" [$z] [$p $a] ["22"]),
            logic!($logic [$p $c] [$p $a] [$p $b] ["0xe8"]),
            logic!($logic [$x] [$y] [$z] ["0x96"]),
            instruction!("vpaddd" [$p $c] [$p $c] [$x]),
            instruction!("vpaddd" [$p $c] [$p $c] [$p $t]),
        )
    };
}

/// A round of the group in zmm0 to zmm8; with `and another`, one of the group in zmm10 to zmm18
/// beside it.
macro_rules! round {
    ($logic:ident, $a:literal $b:literal $c:literal, $e:literal $f:literal $g:literal, $k:literal $n:literal $t:literal) => {
        concat!(
            next_e!($logic "zmm", "zmm20" "zmm21" "zmm22", $c, $e $f $g, $k $n),
            next_a!($logic "zmm", "zmm23" "zmm24" "zmm25", $a $b $c, $t),
        )
    };
    ($logic:ident and another, $a:literal $b:literal $c:literal, $e:literal $f:literal $g:literal, $k:literal $n:literal $t:literal) => {
        concat!(
            next_e!($logic "zmm", "zmm20" "zmm21" "zmm22", $c, $e $f $g, $k $n),
            next_e!($logic "zmm1", "zmm26" "zmm27" "zmm28", $c, $e $f $g, $k $n),
            next_a!($logic "zmm", "zmm23" "zmm24" "zmm25", $a $b $c, $t),
            next_a!($logic "zmm1", "zmm29" "zmm30" "zmm31", $a $b $c, $t),
        )
    };
}

// Three rounds, after which every value is back in the register that it had.
stream!(
    one_group, round:
    [three, 0 1 2, 3 4 5, 6 7 8]
    [three, 2 0 1, 5 3 4, 7 8 6]
    [three, 1 2 0, 4 5 3, 8 6 7]
);
stream!(
    two_groups, round:
    [three and another, 0 1 2, 3 4 5, 6 7 8]
    [three and another, 2 0 1, 5 3 4, 7 8 6]
    [three and another, 1 2 0, 4 5 3, 8 6 7]
);
stream!(
    two_operands, round:
    [two and another, 0 1 2, 3 4 5, 6 7 8]
    [two and another, 2 0 1, 5 3 4, 7 8 6]
    [two and another, 1 2 0, 4 5 3, 8 6 7]
);
