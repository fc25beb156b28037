"""Recomputes the account of every sample of a saved benchmark from its raw times and clocks.

    python3 account.py SAVED.json       prints how many accounts were compared

Exits with a message if a figure in the file differs, or if its parts do not add up to the threads.
"""

import json
import sys

LOSSES = ["waiting_for_cpu", "throttled", "off_cpu", "idle", "lower_clock", "less_per_cycle"]


def account(sample, alone, tells_clocks):
    """By the definition in docs/benchmarking.md: threads = sum over the workers of what was lost
    (1 - c, c (1 - f), c f (1 - h)) and of what was reached (c f h)."""
    times, one = sample["times"], alone["times"]
    elapsed = sample["elapsed_s"]
    waits = sum(times["waited_s"])
    throttled = min(1, times["throttled_s"] / waits) if waits > 0 else 0
    parts = dict.fromkeys(["reached", *LOSSES], 0)
    [one_hashes], [one_on_cpu], [one_hz] = alone["workers"], one["on_cpu_s"], one["clock_hz"]
    for worker, hashes in enumerate(sample["workers"]):
        stopped, on_cpu = times["stopped_after_s"][worker], times["on_cpu_s"][worker]
        waited, hz = times["waited_s"][worker], times["clock_hz"][worker]
        c = on_cpu / elapsed
        f = hz / one_hz if tells_clocks else 1
        per_cycle, one_per_cycle = hashes / on_cpu, one_hashes / one_on_cpu
        if tells_clocks:
            per_cycle, one_per_cycle = per_cycle / hz, one_per_cycle / one_hz
        h = per_cycle / one_per_cycle
        parts["waiting_for_cpu"] += waited * (1 - throttled) / elapsed
        parts["throttled"] += waited * throttled / elapsed
        parts["off_cpu"] += (stopped - waited - on_cpu) / elapsed
        parts["idle"] += (elapsed - stopped) / elapsed
        parts["lower_clock"] += c * (1 - f)
        parts["less_per_cycle"] += c * f * (1 - h)
        parts["reached"] += c * f * h
    if not tells_clocks:
        del parts["lower_clock"]
    return parts


def main(path):
    with open(path, encoding="utf-8") as file:
        run = json.load(file)
    machine, compared = run["environment"], 0
    cores = machine.get("allowed_cores", machine["physical_cores"])
    for point in run["points"]:
        shares_cores = machine.get("siblings_per_core", 1) > 1 and point["threads"] > cores
        tells_clocks = not shares_cores or machine.get("clock_beside_sibling", 0) >= 0.98
        like = [p for p in run["points"] if (p["kernel"], p["threads"]) == (point["kernel"], 1)]
        alone = {sample["round"]: sample for sample in like[0]["samples"]}
        for sample in point["samples"]:
            expected = account(sample, alone[sample["round"]], tells_clocks)
            found = sample["account"]
            name = f"{point['kernel']}, {point['threads']} threads, round {sample['round']}"
            if found.keys() != expected.keys():
                sys.exit(f"{name}: {sorted(found)}, not {sorted(expected)}")
            for part, value in expected.items():
                if abs(found[part] - value) > 1e-9:
                    sys.exit(f"{name}: {part} is {found[part]}, not {value}")
            if abs(sum(found.values()) - point["threads"]) > 1e-9:
                sys.exit(f"{name}: {found} do not add up")
            compared += 1
    print(compared)


main(sys.argv[1])
