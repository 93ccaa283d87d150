#!/usr/bin/env bash
# Runs the tests with the real whatsapp-rust.
#
#   run.sh [BUILD_FOLDER [ARGUMENT_OF_THE_TEST_PROGRAM…]]
#
# Without a folder, the build is kept in the user's cache. WHATSAPP_SIM names
# the simulator. Exits as build.sh does.
set -euo pipefail
build=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/portrait/whatsapp-rust}
[ $# -eq 0 ] || shift
"$(dirname "${BASH_SOURCE[0]}")/build.sh" "$build"
export NETWORK_KEYS=$build/network/server_keys
exec "$(cat "$build/program")" --test-threads 2 "$@"
