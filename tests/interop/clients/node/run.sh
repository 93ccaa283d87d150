#!/usr/bin/env bash
# Runs the cases with the Node.js client, packed as npm would publish it, with
# what it needs installed into a build folder.
#
#   run.sh BUILD_FOLDER
#
# PORTRAIT_BUILD is where Portrait was built. Exits with 77 if there is no
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

# The types resolve as each kind of TypeScript project finds modules.
for resolution in "nodenext nodenext" "node16 node16" "esnext bundler" "esnext node10"
do
  read -r module how <<<"$resolution"
  node_modules/.bin/tsc --noEmit --strict --target es2023 --module "$module" \
    --moduleResolution "$how" types_test.ts
done
# An installed tarball is still there after another install.
rm -rf survives && mkdir survives && cp package.json package-lock.json .npmrc survives
(
  cd survives
  fetching "the packed Node.js client" npm install --prefer-offline --no-audit \
    --no-fund --silent ../portrait-client-*.tgz
  npm install --silent --no-audit --no-fund
  node --input-type=module -e 'import { Client } from "portrait-client"; new Client()'
)
exec python3 "$clients/world.py" bash -c '
  node --test --test-reporter=spec clients_test.mjs &&
  python3 "$0/examples_test.py" "node enrich_csv.mjs" "node follow_changes.mjs" &&
  python3 "$0/readme_test.py" "$0/../../../client/node/README.md" \
    js example.mjs node' "$clients"
