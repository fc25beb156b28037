#!/usr/bin/env python3
"""Checks that functions with SHA instructions have no VEX- or EVEX-encoded ones, in the disassembly of a binary.

    cargo build --release
    python3 tests/sha_encodings/check.py target/release/stripmine
    python3 tests/sha_encodings/check.py --listing FILE

SHA instructions exist in the legacy encoding only. Beside VEX-encoded ones, while upper halves of vector registers are
in use, some cores take hundreds of cycles for each. The binary must not be stripped. A listing is what
`objdump -dC --no-show-raw-insn` prints. Needs objdump (binutils); a binary is looked at on Linux x86-64 alone.

All VEX- and EVEX-encoded instructions on vector registers start with `v`, and nothing else that a compiler makes does.
That includes `vzeroupper`: the caller clears upper halves, so that a function with SHA instructions has none. BMI's
(`andn`, `rorx`) and those of mask registers are VEX-encoded as well. They are allowed: they use no vector register.

Exit codes: 0, all is well, or skipped; 1, a function mixes the encodings; 2, there was nothing to check.
"""

import argparse
import platform
import re
import subprocess
import sys

# Takes both encodings on purpose; runs only where a race shows that it pays.
EXCEPTED = re.compile(r"<?stripmine_pow(\[\w+\])?::kernel::avx512_sha::")
FUNCTION = re.compile(r"[0-9a-f]+ <(.*)>:$")
INSTRUCTION = re.compile(r"\s*[0-9a-f]+:\t")
# What objdump writes before a mnemonic.
PREFIX = re.compile(r"(?:(?:\{\w+\}|rep\w*|lock|data16|addr32|[c-g]s|rex\S*) )+")
WIDE = re.compile(r"\b[yz]mm")
OBJDUMP = ["objdump", "-dC", "--no-show-raw-insn"]


class NothingToCheck(Exception):
    """Why nothing could be checked."""


def functions(lines):
    """Each function's name and its instructions."""
    name, code = None, []
    for line in lines:
        line = line.rstrip("\n")
        if start := FUNCTION.match(line):
            if name is not None:
                yield name, code
            name, code = start[1], []
        elif INSTRUCTION.match(line):
            code.append(line.split("\t")[-1].partition("#")[0].rstrip())
    if name is not None:
        yield name, code


def is_offence(instruction):
    """Whether it is VEX- or EVEX-encoded and of the vector registers, or names a wide one."""
    return PREFIX.sub("", instruction, count=1).startswith("v") or WIDE.search(instruction) is not None


def disassembly(binary):
    """The lines of the binary's disassembly."""
    try:
        process = subprocess.Popen([*OBJDUMP, binary], stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        raise NothingToCheck("there is no objdump: install binutils") from None
    with process:
        yield from process.stdout
    if process.returncode != 0:
        raise NothingToCheck(f"objdump failed on {binary}")


def listing(path):
    """The lines of a recorded disassembly."""
    try:
        with open(path, encoding="utf-8") as file:
            yield from file
    except OSError as error:
        raise NothingToCheck(f"{path}: {error.strerror}") from None


def check(lines):
    """Says what was looked at, and which functions mix the encodings: whether none does."""
    looked_at, excepted, offenders, rounds = 0, 0, 0, False
    for name, code in functions(lines):
        if not any(instruction.startswith("sha256") for instruction in code):
            continue
        if name == ".text":
            raise NothingToCheck("the binary has no symbols: build it without stripping")
        if EXCEPTED.match(name):
            excepted += 1
            continue
        looked_at += 1
        rounds = rounds or any(instruction.startswith("sha256rnds2") for instruction in code)
        offence = next(filter(is_offence, code), None)
        if offence is not None:
            offenders += 1
            print(f"{name}: has SHA instructions and `{offence}`", file=sys.stderr)
    if not rounds:
        raise NothingToCheck("no function has sha256rnds2, but for those of avx512-sha: the wrong thing was looked at")
    print(f"functions with SHA instructions: {looked_at} looked at, {offenders} with VEX or EVEX encodings;", end=" ")
    print(f"{excepted} of avx512-sha excepted")
    return offenders == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("binary", nargs="?", help="an unstripped binary")
    source.add_argument("--listing", metavar="FILE", help="a recorded disassembly, in place of a binary")
    arguments = parser.parse_args()
    here = (platform.system(), platform.machine())
    if arguments.binary and here != ("Linux", "x86_64"):
        print(f"SKIPPED: SHA instructions' encodings are checked on Linux x86_64, not on {' '.join(here)}", file=sys.stderr)
        return 0
    try:
        lines = listing(arguments.listing) if arguments.listing else disassembly(arguments.binary)
        return 0 if check(lines) else 1
    except NothingToCheck as reason:
        print(f"nothing was checked: {reason}", file=sys.stderr)
        return 2


sys.exit(main())
