#!/usr/bin/env python3
"""Counts the vector instructions of the kernels' loops in the disassembly of a binary.

    RUSTFLAGS=-Csymbol-mangling-version=v0 cargo build --release
    python3 docs/count_instructions.py target/release/stripmine

A loop is what a backward jump encloses. Loops of fewer than 60 vector instructions are left out.
Needs objdump (binutils). A call inside a loop is a mistake: everything is to be inlined there, but for
one call of `avx512-sha` for every four hashes of a block, which takes less time than its body inlined.
"""

import collections
import re
import subprocess
import sys

LEAST = 60
KINDS = [
    ("rotate", r"vprol|vpror"),
    ("ternlog", r"vpternlog"),
    ("add", r"v?padd"),
    ("shift", r"v?ps[rl]l"),
    ("logic", r"v?px?or|v?pand"),
    ("sha", r"sha256"),
    ("broadcast", r"vpbroadcast"),
]


def functions(binary):
    """The kernels' functions: each name, and its lines of (address, instruction)."""
    command = ["objdump", "-dC", "--no-show-raw-insn", binary]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for part in text.split("\n\n"):
        lines = part.strip().split("\n")
        name = re.match(r"[0-9a-f]+ <(.*)>:", lines[0])
        if name and re.search(r"Stages>::\w+::compiled|kernel::(sha_ni|avx512_sha)::", name[1]):
            yield name[1], [line.split(":\t", 1) for line in lines[1:] if ":\t" in line]


def kind(operation, arguments):
    for name, pattern in KINDS:
        if re.match(pattern, operation):
            return name
    if "mov" in operation:
        return "load/store" if "(" in arguments else "copy"
    return "other"


def loops(code):
    """The first and last line of every loop, by its backward jump."""
    line_at = {address: line for line, (address, _, _) in enumerate(code)}
    found = set()
    for line, (_, operation, arguments) in enumerate(code):
        target = arguments.split(" ")[0]
        if operation.startswith("j") and re.fullmatch("[0-9a-f]+", target):
            start = line_at.get(int(target, 16))
            if start is not None and start < line:
                found.add((start, line))
    return sorted(found)


def short(name):
    """The function without the paths that all of them share."""
    return re.sub(r"stripmine_pow::(kernel::|plan::shape::|lanes::)?", "", name)


def main(binary):
    for name, lines in functions(binary):
        code = []
        for address, instruction in lines:
            operation, _, arguments = instruction.partition(" ")
            code.append((int(address.strip(), 16), operation, arguments.strip()))
        for start, end in loops(code):
            body = code[start : end + 1]
            vector = [(operation, arguments) for _, operation, arguments in body if "mm" in arguments]
            if len(vector) < LEAST:
                continue
            calls = sum(operation == "call" for _, operation, _ in body)
            kinds = collections.Counter(kind(*instruction) for instruction in vector)
            counts = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
            print(f"{len(vector):5} vector ({counts}), {calls} calls  {short(name)}")


main(sys.argv[1])
