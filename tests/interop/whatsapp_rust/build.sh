#!/usr/bin/env bash
# Builds the tests with whatsapp-rust, which Cargo downloads.
#
#   build.sh PROGRAM
#
# Writes the test program to PROGRAM, and the keys of its network to
# PROGRAM.keys. WHATSAPP_SIM names the simulator. The build takes minutes, so it
# is kept in the user's cache, where one runs at a time. Exits with 77 if there
# is no Rust 1.94 or its crates cannot be downloaded.
set -euo pipefail
program=$(realpath -m "${1:?the test program}")
build=${XDG_CACHE_HOME:-$HOME/.cache}/portrait/whatsapp-rust
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "SKIPPED: $1; the tests with whatsapp-rust did not run" >&2
  exit 77
}
command -v cargo >/dev/null || skip "Cargo is not installed"
version=$(rustc --version | cut -d' ' -f2)
printf '1.94\n%s\n' "$version" | sort --version-sort --check=quiet ||
  skip "Rust is $version, whatsapp-rust needs 1.94 or newer"

mkdir -p "$build/noise/src" "$build/src"
exec 9>"$build/lock"
flock 9

# The keys of the simulated network. They are made once, because the client is
# built with their root key.
if [ ! -s "$build/network/root_key" ]; then
  rm -rf "$build/network"
  "${WHATSAPP_SIM:?the simulator}" --data-dir "$build/network" \
    >"$build/network.json" 2>"$build/network.log" &
  for _ in $(seq 600); do
    [ ! -s "$build/network/endpoints.json" ] || break
    sleep 0.1
  done
  kill $!
  wait $! || true
  sed -n 's/.*"root_key": *"\([0-9a-f]*\)".*/\1/p' \
    "$build/network/endpoints.json" >"$build/network/root_key"
fi
root_key=$(cat "$build/network/root_key")
[ ${#root_key} -eq 64 ] || {
  echo "no root key in $build/network/endpoints.json" >&2
  exit 1
}

# A copy of the crate that verifies the server, with another root key. A file
# that has not changed keeps its time, so that Cargo does not build it again.
noise=$(grep -A1 '^name = "wacore-noise"' "$source/Cargo.lock" |
  sed -n 's/^version = "\(.*\)"/\1/p')
cat >"$build/noise/Cargo.toml" <<TOML
[package]
name = "noise-source"
version = "0.0.0"
edition = "2024"
[dependencies]
wacore-noise = "=$noise"
TOML
: >"$build/noise/src/lib.rs"
(cd "$build/noise" && cargo metadata --format-version 1) \
  >"$build/metadata.json" 2>"$build/download.log" || {
  cat "$build/download.log" >&2
  skip "crates cannot be downloaded"
}
crate=$(grep -o '"manifest_path":"[^"]*/wacore-noise-[^"]*/Cargo.toml"' \
  "$build/metadata.json" | cut -d'"' -f4)
crate=$(dirname "$crate")
# Its tests and benchmarks are left out.
sed '/^\[\[test\]\]/,/^$/d; /^\[\[bench\]\]/,/^$/d' "$crate/Cargo.toml" \
  >"$build/changed"
install -C -m 644 -D "$build/changed" "$build/wacore-noise/Cargo.toml"
for file in "$crate"/src/*.rs; do
  sed "/^pub const WA_CERT_PUB_KEY/,/^];/c\\
pub const WA_CERT_PUB_KEY: [u8; 32] = [$(sed 's/../0x&,/g' <<<"$root_key")];" \
    "$file" >"$build/changed"
  install -C -m 644 -D "$build/changed" \
    "$build/wacore-noise/src/$(basename "$file")"
done
grep -q "0x${root_key:0:2},0x${root_key:2:2}," "$build"/wacore-noise/src/*.rs || {
  echo "wacore-noise has no root key to replace" >&2
  exit 1
}

for file in Cargo.toml Cargo.lock src/*.rs; do
  for path in "$source"/$file; do
    install -C -m 644 "$path" "$build/${path#"$source"/}"
  done
done
cd "$build"
cargo fetch --locked 2>"$build/download.log" || {
  cat "$build/download.log" >&2
  # The network works, but the lock file is not the manifest's.
  if grep -q -- '--locked\|checksum' "$build/download.log"; then exit 1; fi
  skip "crates cannot be downloaded"
}
# One job, because other tests run beside this one.
nice cargo test --locked --offline --jobs 1 --no-run \
  --message-format json-render-diagnostics >"$build/messages.json"
made=$(grep -o '"executable":"[^"]*"' "$build/messages.json" | tail -n 1 |
  cut -d'"' -f4)
install -C -D "$made" "$program"
install -C -m 600 "$build/network/server_keys" "$program.keys"
