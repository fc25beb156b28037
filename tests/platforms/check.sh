#!/usr/bin/env bash
# Compiles everything for other platforms as far as that goes without their linkers, with clippy:
# the library alone, then the program, the tests, the benchmarks and the examples. Runs nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
targets=(aarch64-unknown-linux-gnu aarch64-apple-darwin x86_64-pc-windows-gnu)
PATH=$(tests/platforms/toolchain.sh "${targets[@]}"):$PATH
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/platforms/check"
export PATH CARGO_TARGET_DIR
# The benchmarks' harness compiles a few lines of C. Nobody links them, so any compiler will do.
export CC=cc CRATE_CC_NO_DEFAULTS=1
# With a library that was built here, the last lint objects to initialisers that are constant.
lints=(-D warnings -A clippy::missing_const_for_thread_local)
for target in "${targets[@]}"; do
    printf -- '-- %s\n' "$target"
    cargo clippy --locked --target "$target" --no-default-features --lib -- "${lints[@]}"
    cargo clippy --locked --target "$target" --all-targets -- "${lints[@]}"
done
