#!/usr/bin/env python3
"""Composes saved benchmarks of machines that were never measured, for tests of layouts.

    python3 tests/saved/compose.py        writes desktop.json and server.json beside itself

The figures follow simple laws with a seeded jitter. They are consistent (samples, sums, medians
and shares add up) and plausible, and that is all: they are no measurements.
"""

import json
import pathlib
import random
import statistics

HERE = pathlib.Path(__file__).parent
SETTINGS = {"time_s": 0.5, "samples": 7, "warmup_s": 0.2}
FIRST_NONCE = 10_240_000


def header():
    template = (
        '{"data": "Block 1 of a benchmark", "index": 1, "nonce": %d, '
        '"previous_hash": "%s", "timestamp": 1700000000.0}'
    )
    return template % (FIRST_NONCE, "0f" * 32)


def workload():
    text = header()
    blocks = (len(text) + 9 + 63) // 64
    return {
        "name": "chain",
        "one_hash": f"SHA-256 of a {len(text)}-byte chain header ({blocks} blocks)",
        "bytes": len(text),
        "blocks": blocks,
        "hashed": 1,
        "first_header": text.encode().hex(),
        "first_nonce": FIRST_NONCE,
    }


def interval(values):
    """The median, and ends that a bootstrap of seven samples would be near."""
    ordered = sorted(values)
    inner = ordered[1:-1] if len(ordered) > 4 else ordered
    return {"median": statistics.median(values), "low": inner[0], "high": inner[-1]}


class Machine:
    def __init__(self, seed, rate_of, segment_len):
        self.random = random.Random(seed)
        self.rate_of = rate_of
        self.segment_len = segment_len
        self.sums = []
        self.clock = 0.0

    def jitter(self, width=0.004):
        return 1 + self.random.gauss(0, width)

    def sum_of(self, segments):
        while len(self.sums) < segments:
            self.sums.append(self.random.getrandbits(32))
        return sum(self.sums[:segments]) % 2**32

    def sample(self, round_number, rate, threads):
        rate *= self.jitter()
        segments = max(1, round(rate * SETTINGS["time_s"] / self.segment_len))
        hashes = segments * self.segment_len
        elapsed = hashes / rate
        shares = [self.jitter(0.01) for _ in range(threads)]
        workers = [int(hashes * share / sum(shares)) for share in shares]
        workers[0] += hashes - sum(workers)
        self.clock += elapsed
        return {
            "round": round_number,
            "at_s": round(self.clock - elapsed, 6),
            "elapsed_s": elapsed,
            "hashes": hashes,
            "hashes_per_s": hashes / elapsed,
            "segments": segments,
            "sum": self.sum_of(segments),
            "workers": workers,
        }

    def point(self, kernel, threads, pinned):
        rate = self.rate_of(kernel, threads)
        samples = [self.sample(n, rate, threads) for n in range(SETTINGS["samples"])]
        hashes = sum(sample["hashes"] for sample in samples)
        elapsed = sum(sample["elapsed_s"] for sample in samples)
        workers = []
        for worker in range(threads):
            mine = sum(sample["workers"][worker] for sample in samples)
            workers.append(
                {
                    "worker": worker,
                    "stripes": mine // 16_384,
                    "hashes": mine,
                    "share": mine / hashes,
                    "hashes_per_s": mine / elapsed,
                    "busy_s": elapsed * 0.998,
                }
            )
        shares = [worker["share"] for worker in workers]
        return {
            "kernel": kernel,
            "threads": threads,
            "pinned": pinned,
            "hashes_per_s": interval([sample["hashes_per_s"] for sample in samples]),
            "fairness": {"lowest_share": min(shares), "highest_share": max(shares)},
            "hashes": hashes,
            "elapsed_s": elapsed,
            "workers": workers,
            "samples": samples,
        }

    def points(self, kernels, counts, pinned):
        points = [self.point(kernel, count, pinned) for kernel in kernels for count in counts]
        for point in points:
            base = next(
                one for one in points if one["kernel"] == point["kernel"] and one["threads"] == 1
            )
            ratios = ratios_of(point["samples"], base["samples"])
            speedup = interval(ratios)
            efficiency = {key: value / point["threads"] for key, value in speedup.items()}
            fairness = point.pop("fairness")
            point["speedup"], point["efficiency"] = speedup, efficiency
            point["fairness"] = fairness
        return points

    def plain_sample(self, round_number, rate, seconds=SETTINGS["time_s"]):
        rate *= self.jitter()
        hashes = max(1, round(rate * seconds))
        elapsed = hashes / rate
        return {
            "round": round_number,
            "elapsed_s": elapsed,
            "hashes": hashes,
            "hashes_per_s": hashes / elapsed,
        }

    def plain_samples(self, rate):
        return [self.plain_sample(n, rate) for n in range(SETTINGS["samples"])]

    def baseline(self, name, what, rate, points):
        samples = self.plain_samples(rate)
        ones = [point for point in points if point["threads"] == 1]
        speedups = [
            {"kernel": one["kernel"], "speedup": interval(ratios_of(one["samples"], samples))}
            for one in ones
        ]
        return {
            "name": name,
            "what": what,
            "hashes_per_s": interval([sample["hashes_per_s"] for sample in samples]),
            "speedups": speedups,
            "speedup": speedups[0]["speedup"],
            "samples": samples,
        }

    def baselines(self, rates, points):
        what = {
            "reference": "the reference's loop in Rust: a new header for every nonce",
            "sha2": "the sha2 crate's digest of a header that is changed in place",
            "python": "the reference's loop in python3",
        }
        return [self.baseline(name, what[name], rate, points) for name, rate in rates.items()]

    def coordinator(self, point):
        separate = self.plain_samples(point["hashes_per_s"]["median"] * 1.001)
        ratios = [1 - ratio for ratio in ratios_of(point["samples"], separate)]
        return {
            "kernel": point["kernel"],
            "threads": point["threads"],
            "overhead": interval(ratios),
            "separate": separate,
        }

    def stop(self, point, typical_s):
        times = sorted(typical_s * self.random.lognormvariate(0, 0.4) for _ in range(50))
        return {
            "kernel": point["kernel"],
            "threads": point["threads"],
            "median_s": statistics.median(times),
            "p99_s": times[-1],
            "times_s": times,
        }

    def proof(self, points):
        return {
            "ok": True,
            "segment_len": self.segment_len,
            "sums": self.sums,
            "sums_compared": sum(s["segments"] for p in points for s in p["samples"]),
            "nonces_hashed_again": 100_000 * len(points),
            "cost": {"median": 0.011, "low": 0.006, "high": 0.017},
            "unproved": self.plain_samples(points[0]["hashes_per_s"]["median"] * 1.011),
            "mismatches": [],
        }


def with_times(points, clock_hz, seed):
    """Adds what was read of the workers: a fresh generator leaves all other figures as they were."""
    jitter = random.Random(seed)
    for point in points:
        for sample in point["samples"]:
            elapsed = sample["elapsed_s"]
            stopped, on_cpu, waited, clocks = [], [], [], []
            for worker in range(point["threads"]):
                idle = 0.0 if worker == 0 else jitter.uniform(0, 0.003)
                stopped.append(elapsed * (1 - idle))
                waited.append(elapsed * max(0, jitter.gauss(0.001, 0.0004)))
                on_cpu.append(stopped[-1] - waited[-1] - elapsed * jitter.uniform(0, 0.0002))
                clocks.append(clock_hz(point["threads"]) * (1 + jitter.gauss(0, 0.001)))
            sample["times"] = {
                "stopped_after_s": stopped,
                "on_cpu_s": on_cpu,
                "waited_s": waited,
                "clock_hz": clocks,
                "throttled_s": 0.0,
                "stolen_s": 0.0,
            }


def ratios_of(above, below):
    return [a["hashes_per_s"] / b["hashes_per_s"] for a, b in zip(above, below)]


def environment(**fields):
    return {
        "version": "0.1.0",
        "build_profile": "release",
        "os": "linux",
        "arch": "x86_64",
        "os_release": "6.8.0-49-generic",
        "is_virtual": False,
        **fields,
    }


def document(label, machine, env, points, baselines, **rest):
    return {
        "schema": 1,
        "outcome": "done",
        "label": label,
        "started_unix_s": 1_763_800_000.25,
        "settings": SETTINGS,
        "environment": env,
        "workload": workload(),
        "points": points,
        "baselines": baselines,
        **rest,
        "proof": machine.proof(points),
        "warnings": [],
    }


def desktop():
    one = {"avx512": 24.6e6, "sha-ni": 14.3e6}

    def rate_of(kernel, threads):
        cores, siblings = min(threads, 16), max(0, threads - 16)
        boost = 1 - 0.09 * min(1, (cores - 1) / 15)
        return one[kernel] * (cores * boost + siblings * (0.07 if kernel == "avx512" else 0.21))

    def clock_hz(threads):
        return 5.4e9 * (1 - 0.075 * min(1, (threads - 1) / 15))

    machine = Machine(16, rate_of, 1_000_000)
    points = machine.points(["avx512", "sha-ni"], [1, 2, 4, 8, 16, 32], False)
    with_times(points, clock_hz, 16)
    env = environment(
        cpu_model="Composed Desktop 16-Core Processor",
        instruction_sets=["SSSE3", "SSE4.1", "SHA-NI", "AVX2", "AVX-512F", "AVX-512BW", "AVX-512VL"],
        sockets=1,
        numa_nodes=1,
        physical_cores=16,
        logical_cpus=32,
        siblings_per_core=2,
        allowed_cpus=32,
        allowed_cores=16,
        usable_threads=32,
        num_cpus=32,
        governor="performance",
        turbo=True,
        load_before=0.07,
        steal=0.0,
    )
    rates = {"reference": 1.72e6, "sha2": 5.61e6, "python": 0.121e6}
    result = document(
        "desk",
        machine,
        env,
        points,
        machine.baselines(rates, points),
        coordinator=machine.coordinator(points[5]),
        stop=machine.stop(points[5], 0.0006),
    )
    result["warnings"] = [
        {
            "kind": "siblings",
            "text": "above 16 threads siblings share cores: judge scaling at 16",
        },
        {
            "kind": "spread",
            "text": "the rates of avx512 at 2 threads spread over 5.3 %: close other programs and "
            "measure again, or ask for more --samples",
        },
    ]
    return result


def server():
    def rate_of(kernel, threads):
        cores, siblings = min(threads, 64), max(0, threads - 64)
        law = cores / (1 + 0.0012 * (cores - 1) + 0.000004 * cores * (cores - 1))
        return 19.8e6 * (law + 0.05 * siblings)

    machine = Machine(128, rate_of, 4_000_000)
    counts = [1, 2, 4, 8, 16, 24, 32, 48, 64, 128]
    points = machine.points(["avx512"], counts, True)
    env = environment(
        cpu_model="Composed Server 32-Core Processor",
        instruction_sets=["SSSE3", "SSE4.1", "SHA-NI", "AVX2", "AVX-512F", "AVX-512BW", "AVX-512VL"],
        sockets=2,
        numa_nodes=2,
        physical_cores=64,
        logical_cpus=128,
        siblings_per_core=2,
        allowed_cpus=128,
        allowed_cores=64,
        usable_threads=128,
        num_cpus=128,
        governor="performance",
        turbo=True,
        load_before=0.31,
        steal=0.0,
    )
    rates = {"reference": 1.41e6, "sha2": 4.5e6, "python": 0.098e6}
    return document(
        "server, two sockets",
        machine,
        env,
        points,
        machine.baselines(rates, points),
        coordinator=machine.coordinator(points[9]),
        stop=machine.stop(points[9], 0.0011),
        scalability={
            "kernel": "avx512",
            "threads": counts[:9],
            "lambda": {"median": 19.8e6, "low": 19.7e6, "high": 19.9e6},
            "sigma": {"median": 0.0012, "low": 0.0009, "high": 0.0015},
            "kappa": {"median": 0.000004, "low": -0.000001, "high": 0.000009},
        },
    )


def small():
    machine = Machine(2, lambda kernel, threads: 21.2e6 * threads, 1_000_000)
    points = machine.points(["avx512"], [1, 2], False)
    env = environment(
        cpu_model="Composed Virtual CPU",
        instruction_sets=["SSSE3", "SSE4.1", "SHA-NI", "AVX2", "AVX-512F", "AVX-512BW", "AVX-512VL"],
        sockets=1,
        physical_cores=2,
        logical_cpus=2,
        siblings_per_core=1,
        allowed_cpus=2,
        allowed_cores=2,
        usable_threads=2,
        num_cpus=2,
        load_before=0.12,
        steal=0.001,
    )
    env["is_virtual"] = True
    rates = {"reference": 1.51e6, "sha2": 4.82e6, "python": 0.11e6}
    return document(
        "small",
        machine,
        env,
        points,
        machine.baselines(rates, points),
        coordinator=machine.coordinator(points[1]),
        stop=machine.stop(points[1], 0.0004),
    )


if __name__ == "__main__":
    for name, make in [("small", small), ("desktop", desktop), ("server", server)]:
        text = json.dumps(make(), indent=1, allow_nan=False)
        (HERE / f"{name}.json").write_text(text + "\n")
