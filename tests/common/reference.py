"""The reference blockchain: what a chain made elsewhere looks like, and how it is checked."""

import hashlib
import json
import sys


class Block:
    def __init__(self, index, timestamp, data, previous_hash, nonce=0):
        self.index = index
        self.timestamp = timestamp
        self.data = data
        self.previous_hash = previous_hash
        self.nonce = nonce
        self.hash = self.calculate_hash()

    def calculate_hash(self):
        content = {
            "index": self.index,
            "timestamp": self.timestamp,
            "data": self.data,
            "previous_hash": self.previous_hash,
            "nonce": self.nonce,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def mine(self, difficulty):
        while not self.hash.startswith("0" * difficulty):
            self.nonce += 1
            self.hash = self.calculate_hash()


def verify(lines, difficulty):
    previous = None
    for number, line in enumerate(lines):
        stored = json.loads(line)
        stated = stored.pop("hash")
        block = Block(**stored)
        assert line == json.dumps(block.__dict__, sort_keys=True) + "\n", f"line {number + 1}"
        assert block.hash == stated, f"block {number}: hash"
        assert block.index == number, f"block {number}: index"
        if previous is not None:
            assert block.previous_hash == previous.hash, f"block {number}: link"
            assert block.hash.startswith("0" * difficulty), f"block {number}: work"
        previous = block
    print(f"{number + 1} blocks")


def mine(specifications, difficulty):
    """One block for each line of JSON: its timestamp and its data."""
    block = Block(0, 0, "Genesis Block", "0")
    print(json.dumps(block.__dict__, sort_keys=True))
    for line in specifications:
        timestamp, data = json.loads(line)
        block = Block(block.index + 1, timestamp, data, block.hash)
        block.mine(difficulty)
        print(json.dumps(block.__dict__, sort_keys=True))


def main():
    command, difficulty = sys.argv[1], int(sys.argv[2])
    {"verify": verify, "mine": mine}[command](sys.stdin, difficulty)


main()
