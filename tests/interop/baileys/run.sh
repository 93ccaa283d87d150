#!/usr/bin/env bash
# Runs the tests with the real Baileys, which npm installs into a build folder:
# the newest release, then the one before. Some also compare Portrait with the
# real whatsmeow and whatsapp-rust, if there are Go and Cargo.
#
#   run.sh BUILD_FOLDER [TEST_FILE…]
#   run.sh BUILD_FOLDER --program FILE [ARGUMENT…]
#
# WHATSAPP_SIM, PORTRAITD and PORTRAIT name the programs, PORTRAIT_PROTO the
# folder of the .proto files. Exits with 77 if there is no Node.js 20 or npm.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
shift
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "SKIPPED: $1; the interoperability tests did not run" >&2
  exit 77
}
command -v node >/dev/null || skip "Node.js is not installed"
command -v npm >/dev/null || skip "npm is not installed"
node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
  skip "Node.js is $(node --version), Baileys needs 20 or newer"

mkdir -p "$build"
rm -f "$build"/*.mjs
cp "$source"/{package.json,package-lock.json,.npmrc} "$source"/*.mjs "$build"
cd "$build"
if ! cmp -s package-lock.json installed-lock.json; then
  npm ci --no-audit --no-fund --ignore-scripts >&2
  cp package-lock.json installed-lock.json
fi
if [ "${1:-}" = --program ]; then
  shift
  exec node "$@"
fi
older_releases=
if [ $# -eq 0 ]; then
  set -- *_test.mjs
  older_releases=baileys-rc13
fi
WHATSMEOW=
if "$source/../whatsmeow/build.sh" "$build/whatsmeow" >&2; then
  WHATSMEOW=$build/whatsmeow/whatsmeow.test
elif [ $? -ne 77 ]; then
  exit 1
fi
WHATSAPP_RUST=
if "$source/../whatsapp_rust/build.sh" "$build/whatsapp-rust" >&2; then
  WHATSAPP_RUST=$build/whatsapp-rust
elif [ $? -ne 77 ]; then
  exit 1
fi
export WHATSAPP_RUST NETWORK_KEYS=$build/whatsapp-rust.keys
export WHATSMEOW DIFFERENCES=$source/../DIFFERENCES.md
run() { node --test --test-reporter=spec --test-force-exit "$@"; }
run "$@"
for older in $older_releases; do
  echo "== $older"
  BAILEYS=$older run baileys_test.mjs baileys_life_test.mjs
done
