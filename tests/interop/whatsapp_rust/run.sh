#!/usr/bin/env bash
# Runs the tests with the real whatsapp-rust.
#
#   run.sh BUILD_FOLDER [ARGUMENT_OF_THE_TEST_PROGRAM…]
#
# WHATSAPP_SIM names the simulator. Exits as build.sh does.
set -euo pipefail
judge=${1:?the build folder}/judge
shift
"$(dirname "${BASH_SOURCE[0]}")/build.sh" "$judge"
export NETWORK_KEYS=$judge.keys
exec "$judge" --test-threads 2 "$@"
