"""Chains in any dialect: made at random, and checked by the plain rule."""

import hashlib
import itertools
import json
import os
import random
import sys

STYLES = list(itertools.product((True, False), (True, False), (True, False)))
USUAL_INDEX = ["index", "height", "block_number", "blockNumber", "block_index", "blockIndex",
               "number", "indice", "idx"]
USUAL_PREVIOUS = ["previous_hash", "previousHash", "prev_hash", "prevHash", "previous_block_hash",
                  "previousBlockHash", "parent_hash", "parentHash", "last_hash", "lastHash",
                  "hash_anterior", "hashAnterior", "previous", "prev"]


def style_name(style):
    words = (("file", "sorted"), ("compact", "spaced"), ("utf8", "ascii"))
    return ",".join(pair[is_first] for pair, is_first in zip(words, style))


def style_of(name):
    return next(style for style in STYLES if style_name(style) == name)


def spell(value, style):
    is_sorted, is_spaced, is_ascii = style
    separators = (", ", ": ") if is_spaced else (",", ":")
    return json.dumps(value, sort_keys=is_sorted, separators=separators, ensure_ascii=is_ascii)


def digest(block, hash_name, style):
    rest = {name: value for name, value in block.items() if name != hash_name}
    return hashlib.sha256(spell(rest, style).encode()).hexdigest()


def is_hash(value):
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def fitting(block, name):
    if not is_hash(block.get(name)):
        return set()
    return {style for style in STYLES if digest(block, name, style) == block[name]}


def hash_of(block):
    return next((name for name in block if fitting(block, name)), None)


def check(blocks, names=None, styles=None):
    """What is right about a chain: `valid`, `undecided`, or the first wrong block and why. Of what
    is not given, the rule of detection is followed."""
    names, styles = dict(names or {}), set(styles or STYLES)
    if not blocks:
        return "invalid", 0, "none"
    hash_name = names.get("hash")
    if hash_name is None:
        found = [hash_of(block) for block in blocks]
        if not any(found):
            is_one = any(is_hash(value) for value in blocks[0].values())
            return ("undecided",) if is_one else ("invalid", 0, "hash")
        hash_name = next(name for name in found if name)
        if found[0] is None:
            return "invalid", 0, "hash"
    index_name = names.get("index")
    if index_name is None:
        usual = [name for name in USUAL_INDEX if is_integer(blocks[0].get(name))]
        index_name = usual[0] if usual else ""
    given_previous, links, previous = names.get("previous_hash"), None, None
    for place, block in enumerate(blocks):
        fits = fitting(block, hash_name)
        if not fits and hash_name in block and hash_of({**block, hash_name: None}):
            return ("undecided",)
        if not fits & styles:
            others = [name for name in block if name != hash_name and fitting(block, name)]
            return ("undecided",) if others and hash_name in block else ("invalid", place, "hash")
        styles &= fits
        if place == 0:
            usual = [name for name in USUAL_PREVIOUS if name in block]
            name = given_previous or (usual[0] if usual else None)
            names_one = is_hash(block.get(name)) and block[name] != "0" * 64 and name != hash_name
            first = block[index_name] if index_name else 0
            if first > (0 if names_one else 1):
                return "invalid", 0, "index"
        else:
            if index_name and block.get(index_name) != first + place:
                return "invalid", place, "index"
            here = {name for name in block if name != hash_name and block[name] == previous}
            may_be = {given_previous} if given_previous else links
            links = here if may_be is None else here & may_be
            if not links:
                return "invalid", place, "previous"
        previous = block[hash_name]
    if links and len(links) > 1 and not given_previous:
        return ("undecided",)
    if links and index_name and first == 1:
        value = blocks[0].get(next(iter(links)))
        if is_hash(value) and value != "0" * 64:
            return "invalid", 0, "index"
    return ("valid",)


def value(rng, depth=0):
    kinds = ["null", "bool", "small", "large", "float", "text", "hex"]
    kind = rng.choice(kinds + ([] if depth > 2 else ["list", "dict"]))
    return {
        "null": lambda: None,
        "bool": lambda: rng.random() < 0.5,
        "small": lambda: rng.randrange(3),
        "large": lambda: rng.randrange(-(10**30), 10**30),
        "float": lambda: rng.choice([1.0, -0.0, 1e16, 1e-7, rng.random(), rng.random() * 1e300]),
        "text": lambda: text(rng),
        "hex": lambda: hashlib.sha256(rng.randbytes(8)).hexdigest(),
        "list": lambda: [value(rng, depth + 1) for _ in range(rng.randrange(4))],
        "dict": lambda: {text(rng): value(rng, depth + 1) for _ in range(rng.randrange(4))},
    }[kind]()


def text(rng):
    alphabet = rng.choice(["abcz Z09_", "ab\"\\/\n\t\x00\x1f\x7f", "a\u00e9\u2028\u4e16\U0001f600\uffff"])
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(8)))


def some_names(rng):
    pool = [
        ("hash", "digest", "pruefsumme", "current_hash", "\u0445\u044d\u0448"),
        ("previous_hash", "previousHash", "vorheriger", "hash_anterior", "parent"),
        ("nonce", "proof", "zaehler", "prueba"),
        ("index", "height", "nummer", "posi\u00e7\u00e3o", ""),
        ("timestamp", "zeit", "time", "quando"),
        ("data", "transactions", "dados", "inhalt"),
    ]
    return dict(zip(("hash", "previous_hash", "nonce", "index", "timestamp", "data"),
                    (rng.choice(names) for names in pool)))


def some_chain(rng):
    names, style = some_names(rng), rng.choice(STYLES)
    first = rng.randrange(2)
    further = {f"x{number}" + text(rng).replace(",", ""): None for number in range(rng.randrange(4))}
    roles = [role for role in names if names[role] and role != "hash"]
    order = [names[role] for role in roles] + list(further) + [names["hash"]]
    if rng.random() < 0.5:
        rng.shuffle(order)
    is_plain = rng.random() < 0.3
    blocks, previous = [], rng.choice(["0", "", None, 0, "0" * 64, "none"])
    for place in range(rng.choice([0, 1, 1, 2, 2, 3, 5, 8, 20, 50])):
        made = {
            names["previous_hash"]: previous,
            names["nonce"]: rng.randrange(10**6),
            names["timestamp"]: rng.choice([1.5e9 + place, 1500000000 + place, f"day {place}"]),
            names["data"]: f"Block {place}" if is_plain else value(rng),
            **{name: value(rng) for name in further},
        }
        if names["index"]:
            made[names["index"]] = first + place
        block = {name: made.get(name) for name in order}
        block[names["hash"]] = previous = digest(block, names["hash"], style)
        blocks.append(block)
    return names, style, blocks


def seal(block, names, style):
    block[names["hash"]] = digest(block, names["hash"], style)


def spoil(rng, names, style, blocks):
    """One flaw."""
    place = rng.randrange(len(blocks))
    block = blocks[place]
    flaw = rng.choice(["data", "hash", "link", "resealed link", "drop", "swap", "double", "index",
                       "remove", "add", "style"])
    if flaw == "data":
        block[names["data"]] = [block[names["data"]], "changed"]
    elif flaw == "hash":
        block[names["hash"]] = hashlib.sha256(b"other").hexdigest()
    elif flaw == "link":
        block[names["previous_hash"]] = "00" * 32
    elif flaw == "resealed link":
        block[names["previous_hash"]] = "ab" * 32
        seal(block, names, style)
    elif flaw == "drop":
        blocks.pop(place)
    elif flaw == "swap":
        other = rng.randrange(len(blocks))
        blocks[place], blocks[other] = blocks[other], blocks[place]
    elif flaw == "double":
        blocks.insert(place, dict(block))
    elif flaw == "index" and names["index"]:
        block[names["index"]] += rng.choice([1, -1, 7]) if place or block[names["index"]] else 1
        block[names["index"]] = abs(block[names["index"]])
        seal(block, names, style)
    elif flaw == "remove":
        block.pop(rng.choice([names["data"], names["timestamp"], names["hash"]]))
    elif flaw == "add":
        block["added"] = True
    elif flaw == "style":
        seal(block, names, rng.choice(STYLES))


def written(rng, blocks):
    """The chain in a file: in any wrapper, with any ends of lines."""
    wrapper = rng.choice(["lines", "lines", "array", "indented", "wrapped", "pretty"])
    dump = lambda it, **more: json.dumps(it, ensure_ascii=rng.random() < 0.5, **more)
    if wrapper == "lines":
        file = "".join(dump(block) + "\n" for block in blocks)
        file = file[:-1] if rng.random() < 0.2 else file
        file = file.replace("\n", "\r\n") if rng.random() < 0.2 else file
    elif wrapper in ("array", "indented"):
        file = dump(blocks, indent=2 if wrapper == "indented" else None)
    else:
        around = {"length": len(blocks), "nodes": [], "pending": [{"a": 1}]}
        members = list(around.items()) + [(rng.choice(["chain", "blocks", "cadeia"]), blocks)]
        if not blocks:
            members = [("chain", [])]
        rng.shuffle(members)
        file = dump(dict(members), indent=2 if wrapper == "pretty" else None)
    if wrapper != "lines" and rng.random() < 0.5:
        file += "\n"
    return ("\ufeff" if rng.random() < 0.1 else "") + file


def make(seed, count, directory):
    """One line for each chain: its file, its dialect, and what is right about it."""
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        names, style, blocks = some_chain(rng)
        if rng.random() < 0.5 and blocks:
            spoil(rng, names, style, blocks)
        file = f"{number}.json"
        with open(os.path.join(directory, file), "w", newline="", encoding="utf-8") as out:
            out.write(written(rng, blocks))
        given = ",".join(f"{role}={names[role]}" for role in ("hash", "previous_hash", "index"))
        known = {role: names[role] for role in ("hash", "previous_hash", "index")}
        print(json.dumps({
            "file": file, "blocks": len(blocks), "names": given, "spelling": style_name(style),
            "told": check(blocks, known, {style}), "detected": check(blocks),
        }))


def mined(names, style, difficulty):
    """Whether a plain loop finds the nonces of all blocks but the first of the lines that come in,
    and each line is one of these spellings of its block."""
    names = dict(pair.split("=") for pair in names.split(","))
    style, previous = style_of(style), None
    for number, line in enumerate(sys.stdin):
        block = json.loads(line)
        assert line[:-1] in [spell(block, style) for style in STYLES], f"line {number + 1}"
        stated, nonce = block[names["hash"]], block[names["nonce"]]
        assert digest(block, names["hash"], style) == stated, f"block {number}: hash"
        if previous is not None:
            assert block[names["previous_hash"]] == previous, f"block {number}: link"
            block[names["nonce"]] = 0
            while not digest(block, names["hash"], style).startswith("0" * difficulty):
                block[names["nonce"]] += 1
            assert block[names["nonce"]] == nonce, f"block {number}: nonce"
        previous = stated
    print(f"{number + 1} blocks")


command, *arguments = sys.argv[1:]
if command == "make":
    make(arguments[0], int(arguments[1]), arguments[2])
else:
    mined(arguments[0], arguments[1], int(arguments[2]))
