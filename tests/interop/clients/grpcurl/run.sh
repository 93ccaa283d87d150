#!/usr/bin/env bash
# Calls portraitd with grpcurl, which knows nothing but what reflection tells.
#
#   run.sh BUILD_FOLDER [ARGUMENT_OF_UNITTEST…]
#
# PORTRAIT_BUILD is where Portrait was built. Exits with 77 if there is no Go.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
shift
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

grpcurl=v1.9.3
command -v go >/dev/null || skip "Go is not installed"
mkdir -p "$build"
if [ "$(cat "$build/.version" 2>/dev/null)" != "$grpcurl" ]; then
  GOTOOLCHAIN=local CGO_ENABLED=0 GOBIN=$build fetching grpcurl \
    go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$grpcurl"
  echo "$grpcurl" >"$build/.version"
fi
PATH=$build:$PATH exec python3 "$clients/world.py" \
  python3 "$clients/grpcurl/grpcurl_test.py" "$@"
