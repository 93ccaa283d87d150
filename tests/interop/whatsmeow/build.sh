#!/usr/bin/env bash
# Builds the tests with whatsmeow, a module that Go downloads, into a folder.
#
#   build.sh BUILD_FOLDER
#
# Exits with 77 if there is no Go 1.26 or its modules cannot be downloaded.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
cd "$(dirname "${BASH_SOURCE[0]}")"

skip() {
  echo "SKIPPED: $1; the tests with whatsmeow did not run" >&2
  exit 77
}
# Only the installed Go, no C compiler, and an unchanged go.mod.
export GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off
export GOFLAGS='-mod=readonly -buildvcs=false'
command -v go >/dev/null || skip "Go is not installed"
version=$(go env GOVERSION)
printf 'go1.26\n%s\n' "$version" | sort --version-sort --check=quiet ||
  skip "Go is $version, whatsmeow needs 1.26 or newer"

mkdir -p "$build"
if ! go mod download >"$build/download.log" 2>&1; then
  cat "$build/download.log" >&2
  # The network works, but a module does not match go.sum.
  if grep -q 'checksum mismatch\|missing go.sum' "$build/download.log"; then
    exit 1
  fi
  skip "Go's modules cannot be downloaded"
fi
go vet .
go test -c -o "$build/whatsmeow.test" .
