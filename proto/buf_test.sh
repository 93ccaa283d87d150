#!/usr/bin/env bash
# Checks the contract against buf's rules (buf.yaml), and its compatibility with
# the last release: programs built with an older contract must keep working.
#
#   buf_test.sh lint|breaking BUILD_FOLDER
#
# The last release is the last tag v* or, before the first tag, the first version
# of the contract. npm installs buf into the build folder. Exits with 77 if there
# is no npm or no history.
set -euo pipefail
rules=${1:?lint or breaking}
build=$(realpath -m "${2:?the build folder}")
buf_version=1.75.0
proto=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "SKIPPED: $1; buf $rules did not run" >&2
  exit 77
}
command -v npm >/dev/null || skip "npm is not installed"

mkdir -p "$build"
(
  flock 9
  if [ "$(cat "$build/.version" 2>/dev/null)" != "$buf_version" ]; then
    for try in 1 2 3; do
      timeout 300 npm install --prefix "$build" --silent --no-audit --no-fund \
        --ignore-scripts "@bufbuild/buf@$buf_version" && break
      [ "$try" -lt 3 ] || {
        echo "buf could not be fetched: npm needs its registry" >&2
        exit 1
      }
    done
    echo "$buf_version" >"$build/.version"
  fi
) 9>"$build/.lock"
buf=$build/node_modules/.bin/buf

cd "$proto"
case $rules in
lint) exec "$buf" lint . ;;
breaking)
  command -v git >/dev/null || skip "git is not installed"
  [ "$(git rev-parse --is-shallow-repository 2>/dev/null)" = false ] ||
    skip "this is no clone with its history"
  released=$(git describe --tags --match 'v*' --abbrev=0 2>/dev/null) ||
    released=$(git log --diff-filter=A --format=%H -- \
      portrait/v1/profile_picture.proto | tail -n 1)
  [ -n "$released" ] || skip "no earlier contract is in the history"
  echo "against $released"
  before=$(mktemp -d)
  trap 'rm -rf "$before"' EXIT
  git -C .. archive "$released" proto | tar -x -C "$before"
  "$buf" breaking . --against "$before/proto"
  ;;
*)
  echo "$rules: expected lint or breaking" >&2
  exit 1
  ;;
esac
