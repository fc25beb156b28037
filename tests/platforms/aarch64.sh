#!/usr/bin/env bash
# Builds the library's tests for Linux on AArch64 and runs them in qemu, on a CPU with every
# extension that qemu knows; then looks whether SHA instructions were run. Needs a cross compiler and
# qemu, which it installs where there is apt-get.
#
# The tests of the program are left out: the system would have to start it in qemu.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=aarch64-unknown-linux-gnu
suite=(--lib --test library --test guard_pages)

qemu() { command -v qemu-aarch64 || command -v qemu-aarch64-static; }

install_what_is_missing() {
    local packages=() as_root=()
    command -v aarch64-linux-gnu-gcc >/dev/null ||
        packages+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
    qemu >/dev/null || packages+=(qemu-user)
    if [ ${#packages[@]} = 0 ]; then return; fi
    echo "installing ${packages[*]}"
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

run_tests() { cargo test --locked --no-default-features --target "$target" "$@"; }

# qemu lists every instruction that it translates, and it translates what is about to be run.
sha_instructions_are_run() {
    local list
    list=$(realpath "$CARGO_TARGET_DIR")/instructions
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="$emulator -d in_asm -D $list" \
        run_tests --test library -- --exact kernels::every_available_kernel_passes_its_self_test
    for instruction in sha256h sha256h2 sha256su0 sha256su1; do
        if ! grep -qw "$instruction" "$list"; then
            echo "no $instruction was run: the sha2 kernel does without SHA instructions" >&2
            return 1
        fi
    done
    echo "the kernels ran sha256h, sha256h2, sha256su0 and sha256su1"
}

install_what_is_missing
PATH=$(tests/platforms/toolchain.sh "$target"):$PATH
emulator="$(qemu) -cpu max -L /usr/aarch64-linux-gnu"
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/aarch64"
export PATH CARGO_TARGET_DIR
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="$emulator"
# Tests try as often as in `cargo test`: an emulator is slow.
unset STRIPMINE_LONG
run_tests "${suite[@]}"
sha_instructions_are_run
