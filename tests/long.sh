#!/usr/bin/env bash
# The long form of what `cargo test` tries for a moment: minutes to hours. Run it from anywhere in the
# repository; it prints what each step does and its result, and fails when any of them has failed.
#
#   tests/long.sh                    all steps
#   tests/long.sh --only crash       one step
#   tests/long.sh --list             what there is
#   STRIPMINE_SEED=7 tests/long.sh   the random choices of an earlier run, which printed its seed
#
# docs/reliability.md says what the steps have shown so far.
set -uo pipefail
cd "$(dirname "$0")/.."
export STRIPMINE_LONG=1
export STRIPMINE_SEED="${STRIPMINE_SEED:-$((RANDOM * 32768 + RANDOM))}"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

# Every step: a name, what it does, and a command.
steps() {
    step crash "miners killed, writes cut short, files changed under a reader" \
        release --test program crash::
    step faults "every operation of the disk fails in turn, the power too" \
        release --lib chain::ledger::faults
    step model "every interleaving of the search's threads" \
        model
    step writers "two miners on one chain" \
        release --test program writers::
    step interrupts "SIGINT and SIGTERM at random instants" \
        release --test program interrupts::
    step cluster "parts of a cluster killed, stopped and cut off, ten times each" \
        release --features cluster --test program cluster::
    step cluster-simulation "100,000 runs of a cluster's decisions in a world that fails" \
        release --features cluster --lib cluster::state
    step soak "twenty minutes of mining, verifying and benching in one process" \
        release --test soak
    step verification "a million blocks, checked here and in Python" \
        cargo bench --locked --bench verification
    step fuzz "ten minutes of coverage-guided fuzzing, two for each target" \
        fuzz
    step documents "100,000 documents of each sort against Python's json" \
        env STRIPMINE_DOCUMENTS=100000 cargo test --locked --release --test library python_json::
    step big-input "ten million lines, blocks of 60 MiB, in bounded memory" \
        ignored --test program big_input::
    step flipped-bits "a chain of 10,000 blocks with every bit of a line flipped somewhere" \
        ignored --test library flipped_bits::
    step sanitised-kernels "every kernel under AddressSanitizer" \
        sanitised
    step aarch64 "the library's tests on AArch64, in qemu" \
        tests/platforms/aarch64.sh
    step other-platforms "what compiles for Linux on AArch64, macOS and Windows" \
        tests/platforms/check.sh
}

release() { cargo test --locked --release "$@" -- --nocapture --test-threads 1; }

# The kernels take part in no interleaving, so they are compiled in a moment; the model checker is
# not. Everything is built apart: a flag for all crates would have them built anew each time.
model() {
    RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/loom" \
        cargo test --locked --package stripmine --no-default-features --lib \
        --config profile.dev.opt-level=0 --config profile.dev.package.stripmine-pow.opt-level=0 \
        --config profile.dev.package.loom.opt-level=3 coordinator::model -- --nocapture
}

# What is too long for `cargo test`, too.
ignored() {
    cargo test --locked --release "$@" -- --include-ignored --nocapture --test-threads 1
}

fuzz() {
    local target
    for target in arguments bench_file chain json ledger; do
        fuzz/run "$target" -max_total_time=120 -print_final_stats=1 || return
    done
}

# The flag is not a stable one, hence RUSTC_BOOTSTRAP; the runtime comes with the toolchain.
sanitised() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    local -x RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address"
    local -x CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/sanitised"
    local test=(cargo test --locked --no-default-features --target "$host")
    test+=(--config profile.dev.opt-level=1 --config profile.dev.package.stripmine-pow.opt-level=1)
    "${test[@]}" --lib && "${test[@]}" --test library -- kernels:: threads::
}

only="" list=""
case "${1:-}" in
    --only) only="${2:?which step?}" ;;
    --list) list=1 ;;
    "") ;;
    *) echo "usage: tests/long.sh [--only STEP | --list]" >&2; exit 2 ;;
esac

failed=() ran=0
step() {
    local name="$1" what="$2"
    shift 2
    if [ -n "$list" ]; then printf '%-17s %s\n' "$name" "$what"; return; fi
    if [ -n "$only" ] && [ "$only" != "$name" ]; then return; fi
    printf '\n== %s: %s (%s)\n' "$name" "$what" "$*"
    ran=$((ran + 1))
    local started=$SECONDS result=passed
    "$@" || { result=FAILED; failed+=("$name"); }
    printf '== %s: %s after %d s\n' "$name" "$result" $((SECONDS - started))
}

if [ -z "$list" ]; then
    printf 'stripmine %s, %s, %s\n' "$(git describe --always --dirty 2>/dev/null || echo '?')" \
        "$(rustc --version)" "$(uname -srm)"
    printf '%s, STRIPMINE_SEED=%s\n' "$(date -u +%Y-%m-%dT%H:%MZ)" "$STRIPMINE_SEED"
fi
steps
if [ -n "$list" ]; then exit 0; fi
if [ "$ran" = 0 ]; then echo "no step is called $only; see --list" >&2; exit 2; fi
if [ ${#failed[@]} != 0 ]; then echo "FAILED: ${failed[*]}" >&2; exit 1; fi
printf '\n%d steps passed\n' "$ran"
