#!/usr/bin/env bash
# Runs the cases with the Rust client, whose crates cargo downloads.
#
#   run.sh BUILD_FOLDER [PART_OF_A_NAME_OF_A_CASE]
#
# PORTRAIT_BUILD is where Portrait was built. PORTRAIT_CARGO_TARGET keeps what cargo
# builds, for other build folders too; unset: a folder in the user's cache. Exits with
# 77 if there is no Rust 1.88.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
shift
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

command -v cargo >/dev/null || skip "Rust is not installed"
version=$(rustc --version | cut -d' ' -f2)
printf '1.88.0\n%s\n' "$version" | sort --version-sort --check=quiet ||
  skip "Rust is $version, the client needs 1.88 or newer"

mkdir -p "$build/readme/src"
export CARGO_TARGET_DIR=${PORTRAIT_CARGO_TARGET:-${XDG_CACHE_HOME:-$HOME/.cache}/portrait/rust-target}
# One process, so that a test run leaves the machine to others; no debug
# information, which takes most of the time and space.
export CARGO_BUILD_JOBS=1 CARGO_PROFILE_DEV_DEBUG=0
crate=$root/client/rust
cases=$clients/rust
fetching "the Rust client's crates" \
  cargo fetch --locked --manifest-path "$cases/Cargo.toml"
nice cargo build --locked --manifest-path "$cases/Cargo.toml"
nice cargo test --quiet --locked --manifest-path "$crate/Cargo.toml"
nice cargo build --locked --examples --manifest-path "$crate/Cargo.toml"
# The crate is complete without the rest of the repository.
nice cargo package --locked --allow-dirty --no-verify --quiet \
  --manifest-path "$crate/Cargo.toml"

# A user's crate, for the example in the README.
cat >"$build/readme/Cargo.toml" <<END
[package]
name = "readme"
version = "0.1.0"
edition = "2021"
[dependencies]
portrait-client = { path = "$crate" }
tokio = { version = "1", features = ["full"] }
[workspace]
END
cp "$cases/Cargo.lock" "$build/readme/Cargo.lock"
cd "$build"
exec python3 "$clients/world.py" bash -c '
  "$CARGO_TARGET_DIR/debug/portrait-client-cases" "$@" &&
  python3 "$0/examples_test.py" "$CARGO_TARGET_DIR/debug/examples/enrich_csv" \
    "$CARGO_TARGET_DIR/debug/examples/follow_changes" &&
  python3 "$0/readme_test.py" "$0/../../../client/rust/README.md" \
    rust readme/src/main.rs cargo run --quiet --manifest-path readme/Cargo.toml' \
  "$clients" "$@"
