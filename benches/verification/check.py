"""Checks a chain file and prints its number of blocks."""

import hashlib
import json
import sys

previous = None
for index, line in enumerate(open(sys.argv[1])):
    block = json.loads(line)
    assert line == json.dumps(block, sort_keys=True) + "\n"
    stated = block.pop("hash")
    header = json.dumps(block, sort_keys=True).encode()
    assert hashlib.sha256(header).hexdigest() == stated
    assert block["index"] == index
    assert previous is None or block["previous_hash"] == previous
    previous = stated
print(index + 1)
