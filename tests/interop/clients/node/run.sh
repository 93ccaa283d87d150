#!/usr/bin/env bash
# Runs the cases with the Node.js client, packed as npm would publish it, with
# what it needs installed into a build folder.
#
#   run.sh BUILD_FOLDER
#
# PORTRAIT_BUILD is where Portrait was built. Exits with 77 where there is no
# Node.js 20 or npm.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

command -v node >/dev/null || skip "Node.js is not installed"
command -v npm >/dev/null || skip "npm is not installed"
node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
  skip "Node.js is $(node --version), the client needs 20 or newer"

mkdir -p "$build"
rm -f "$build"/*.mjs
cp "$clients"/node/{package.json,package-lock.json,.npmrc,types_test.ts} \
  "$clients"/node/*.mjs "$root"/client/node/examples/*.mjs "$build"
cd "$build"
if ! cmp -s package-lock.json installed-lock.json; then
  fetching "the Node.js client's packages" npm ci --no-audit --no-fund
  cp package-lock.json installed-lock.json
fi
package=node_modules/portrait-client
rm -rf "$package" && mkdir -p "$package"
npm pack --silent --pack-destination . "$root/client/node" >/dev/null
tar -xzf portrait-client-*.tgz -C "$package" --strip-components 1

node_modules/.bin/tsc --noEmit --strict --target es2023 --module nodenext \
  types_test.ts
exec python3 "$clients/world.py" bash -c '
  node --test --test-reporter=spec clients_test.mjs &&
  python3 "$0" "node enrich_csv.mjs" "node follow_changes.mjs"' \
  "$clients/examples_test.py"
