#!/usr/bin/env bash
# Measures how fast another client looks up contacts one after the other.
#
#   one_by_one.sh baileys|whatsmeow ENDPOINTS_FILE FOLDER COUNT
#
# The last line printed is the rate in contacts per second. PORTRAIT_BUILD is the
# build folder. Exits with 77 if the client is not available.
set -euo pipefail
client=$1 endpoints=$2 folder=$3 count=$4
interop=$(cd "$(dirname "${BASH_SOURCE[0]}")/../interop" && pwd)
build=$PORTRAIT_BUILD/tests/interop/$client/run
export WHATSAPP_SIM=$PORTRAIT_BUILD/tests/whatsapp_sim/whatsapp-sim
export PORTRAIT_PROTO=${interop%/tests/interop}/proto

case $client in
baileys)
  exec "$interop/baileys/run.sh" "$build" \
    --program one_by_one.mjs "$endpoints" "$folder" "$count"
  ;;
whatsmeow)
  # In a network of its own, as its tests are.
  PORTRAIT_BENCH_CONTACTS=$count "$interop/whatsmeow/run.sh" "$build" \
    -test.run TestLooksUpOneByOne |
    sed -n 's/^contacts a second: //p'
  exit "${PIPESTATUS[0]}"
  ;;
esac
