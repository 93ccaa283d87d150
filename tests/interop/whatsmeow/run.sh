#!/usr/bin/env bash
# Runs the tests with the real whatsmeow.
#
#   run.sh BUILD_FOLDER [FLAG_OF_THE_TEST_PROGRAM…]
#
# WHATSAPP_SIM names the simulator. Exits as build.sh does.
set -euo pipefail
build=${1:?the build folder}
shift
"$(dirname "${BASH_SOURCE[0]}")/build.sh" "$build"
cd "$build"
exec ./whatsmeow.test -test.v -test.timeout 10m "$@"
