#!/usr/bin/env bash
# Finds or makes a toolchain with Rust's standard library for other platforms, and prints the
# directory of its cargo:
#
#   PATH=$(tests/platforms/toolchain.sh TARGET...):$PATH
#
# It is the first of these that there is:
#
# 1. the toolchain in use, where it has the libraries already;
# 2. the same version with the libraries, as rustup installs it;
# 3. a copy of the toolchain in use, for which the libraries are built from Debian's rust-src.
#
# What it makes lies below the target directory; a second call finds it there. It changes neither
# ~/.rustup nor the sources of apt.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Where rust-src is taken from: it must be of the compiler's own version.
suite=trixie-backports

targets=("$@")
version=$(rustc -vV | sed -n 's/^release: //p')
host=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p "${CARGO_TARGET_DIR:-target}/platforms"
directory=$(cd "${CARGO_TARGET_DIR:-target}/platforms" && pwd)
copy="$directory/copy-$version"

# Whether a compiler has the library for one target.
has_library() {
    compgen -G "$("$1" --print target-libdir --target "$2")/libstd-*.rlib" >/dev/null
}

# Prints the directory of a compiler that has the libraries for all targets, and ends.
use_if_complete() {
    local rustc="$1" target
    [ -x "$rustc" ] || return 0
    for target in "${targets[@]}"; do
        has_library "$rustc" "$target" || return 0
    done
    dirname "$rustc"
    exit
}

install_with_rustup() {
    command -v rustup >/dev/null || return 0
    local target options=()
    for target in "${targets[@]}"; do options+=(--target "$target"); done
    RUSTUP_HOME="$directory/rustup" rustup toolchain install "$version" --no-self-update \
        --profile minimal --component clippy "${options[@]}" >&2 ||
        echo "rustup does not install $version with ${targets[*]}" >&2
}

# The files are linked where that is possible. Nothing is written to those that are there.
copy_toolchain() {
    local sysroot
    sysroot=$(rustc --print sysroot)
    [ -d "$copy" ] && return
    cp -al "$sysroot" "$copy.part" || { rm -rf "$copy.part"; cp -a "$sysroot" "$copy.part"; }
    mv "$copy.part" "$copy"
}

# apt with a state, a cache and one source of its own.
apt_of_suite() { APT_CONFIG="$directory/apt.conf" "$@"; }

download_rust_src() {
    local mirror package
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 '/debian/$')
    mkdir -p "$directory"/apt/{lists,cache/archives}/partial
    : >"$directory/apt/status"
    cat >"$directory/apt/sources.list" <<END
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main
END
    cat >"$directory/apt.conf" <<END
Dir::State "$directory/apt";
Dir::State::lists "$directory/apt/lists";
Dir::State::status "$directory/apt/status";
Dir::Cache "$directory/apt/cache";
Dir::Etc::sourcelist "$directory/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "$(id -un)";
END
    apt_of_suite apt-get update -qq >&2
    package=$(apt_of_suite apt-cache madison rust-src |
        awk -v version="$version+" 'index($3, version) == 1 { print $3; exit }')
    if [ -z "$package" ]; then echo "Debian's $suite has no rust-src $version" >&2; exit 1; fi
    (cd "$directory/apt" && apt_of_suite apt-get download -qq "rust-src=$package" >&2)
    dpkg -x "$directory"/apt/rust-src_*.deb "$directory/rust-src"
}

# Where the compiler looks for the sources of its library.
add_sources() {
    local sources="$copy/lib/rustlib/src/rust"
    [ -d "$sources/library" ] && return
    download_rust_src
    mkdir -p "$sources"
    ln -sfn "$directory/rust-src/usr/src/rustc-$version/library" "$sources/library"
}

# Cargo builds the library for a crate, here an empty one. The flag is not a stable one, hence
# RUSTC_BOOTSTRAP.
build_library() {
    local target="$1" crate="$directory/empty" built="$directory/empty/target/$1/release/deps"
    mkdir -p "$crate/src"
    printf '[package]\nname = "empty"\nedition = "2024"\n[workspace]\n' >"$crate/Cargo.toml"
    : >"$crate/src/lib.rs"
    PATH="$copy/bin:$PATH" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$crate/target" \
        cargo build --release --manifest-path "$crate/Cargo.toml" --target "$target" \
        -Zbuild-std=std,panic_abort,test >&2
    mkdir -p "$copy/lib/rustlib/$target/lib"
    rm "$built"/libempty-*
    cp "$built"/*.rlib "$copy/lib/rustlib/$target/lib/"
}

use_if_complete "$(command -v rustc)"
installed="$directory/rustup/toolchains/$version-$host/bin/rustc"
use_if_complete "$installed"
install_with_rustup
use_if_complete "$installed"
copy_toolchain
add_sources
for target in "${targets[@]}"; do
    has_library "$copy/bin/rustc" "$target" || build_library "$target"
done
use_if_complete "$copy/bin/rustc"
echo "no standard library for ${targets[*]}" >&2
exit 1
