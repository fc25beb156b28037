"""Checks a chain file with other names, spelled as JavaScript does, and prints its number of blocks."""

import hashlib
import json
import sys

previous = None
for index, line in enumerate(open(sys.argv[1])):
    block = json.loads(line)
    stated = block.pop("hash")
    header = json.dumps(block, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(header).hexdigest() == stated
    assert block["index"] == index
    assert previous is None or block["previousHash"] == previous
    previous = stated
print(index + 1)
