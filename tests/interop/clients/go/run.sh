#!/usr/bin/env bash
# Runs the cases with the Go client, whose modules Go downloads.
#
#   run.sh BUILD_FOLDER [FLAG_OF_THE_TEST_PROGRAM…]
#
# PORTRAIT_BUILD is where Portrait was built. Exits with 77 if there is no
# Go 1.23.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
shift
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

# Only the installed Go, no C compiler, and an unchanged go.mod.
export GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off
export GOFLAGS='-mod=readonly -buildvcs=false'
command -v go >/dev/null || skip "Go is not installed"
version=$(go env GOVERSION)
printf 'go1.23\n%s\n' "$version" | sort --version-sort --check=quiet ||
  skip "Go is $version, the client needs 1.23 or newer"

mkdir -p "$build"
(
  cd "$clients/go"
  fetching "the Go client's modules" go mod download
  go vet .
  go test -c -o "$build/clients.test" .
)
(
  cd "$root/client/go"
  fetching "the Go client's modules" go mod download
  go vet ./...
  go build -o "$build/" ./examples/...
)
# A user's module, for the example in the README.
mkdir -p "$build/readme"
sed "s|=> .*|=> $root/client/go|" "$clients/go/go.mod" >"$build/readme/go.mod"
cp "$clients/go/go.sum" "$build/readme"
cd "$build"
exec python3 "$clients/world.py" bash -c '
  ./clients.test -test.v -test.timeout 8m "$@" &&
  python3 "$0/examples_test.py" ./enrich_csv ./follow_changes &&
  python3 "$0/readme_test.py" "$0/../../../client/go/README.md" \
    go readme/main.go go run -C readme .' "$clients" "$@"
