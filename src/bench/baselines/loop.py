"""The reference's proof of work over a range of nonces, timed from within.

Arguments: chain|bitcoin|text, the header before and after the nonce (as hex), the first nonce, how
many, and how many hex zeros a find has. Prints JSON: the nanoseconds of the loop and the finds.
"""

import hashlib
import json
import struct
import sys
import time

kind, before, after = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
first, count, zeros = int(sys.argv[4]), int(sys.argv[5]), "0" * int(sys.argv[6])


def chain(block):
    def compute_hash(nonce):
        block["nonce"] = nonce
        return hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()

    return compute_hash


def bitcoin(nonce):
    header = before + struct.pack("<I", nonce) + after
    return hashlib.sha256(hashlib.sha256(header).digest()).digest()[::-1].hex()


def text(nonce):
    return hashlib.sha256(before + str(nonce).encode() + after).hexdigest()


compute_hash = {
    "chain": lambda: chain(json.loads(before + b"0" + after)),
    "bitcoin": lambda: bitcoin,
    "text": lambda: text,
}[kind]()

finds = []
started = time.perf_counter_ns()
for nonce in range(first, first + count):
    if compute_hash(nonce).startswith(zeros):
        finds.append(nonce)
elapsed = time.perf_counter_ns() - started
print(json.dumps({"elapsed_ns": elapsed, "finds": finds}))
