#!/usr/bin/env bash
# Runs the built fuzzers, each for SECONDS: first with the initial inputs, then
# with mutations of them. Inputs that reach new code are kept for the next run.
#
#   tests/fuzz/run.sh SECONDS [FUZZER…]
#
# PORTRAIT_FUZZ_JOBS run at a time (default: all cores). Fails if a fuzzer finds
# an error; the input that causes it is in build/fuzz/found: run the fuzzer in
# build/fuzz/tests/fuzz with that file.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:?seconds for each fuzzer}
shift
here=$root/build/fuzz/tests/fuzz
kept=$root/build/fuzz/kept found=$root/build/fuzz/found logs=$root/build/fuzz/logs
mkdir -p "$kept" "$found" "$logs"
[ $# -gt 0 ] || set -- $(cd "$here" && ls -- *_fuzzer)

# run FUZZER: runs one fuzzer.
run() {
  local fuzzer=$1 name=${1%_fuzzer} max_bytes=8192 status=0
  mkdir -p "$kept/$name"
  # Twice the size of usual inputs; with longer ones, fuzzing is too slow.
  case $name in
  contact | frame | jid | url) max_bytes=512 ;;
  jpeg | png | webp) max_bytes=20000 ;;
  esac
  "$here/$fuzzer" -max_total_time="$seconds" -max_len="$max_bytes" -timeout=20 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found/$name-" \
    "$kept/$name" "$here/corpora/$name" >"$logs/$name.log" 2>&1 || status=$?
  local executions coverage
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$logs/$name.log")
  coverage=$(grep -o 'cov: [0-9]*' "$logs/$name.log" | tail -n 1)
  if [ "$status" -eq 0 ]; then
    printf '%-14s %12s executions, %s\n' "$name" "$executions" "$coverage"
  else
    printf '%-14s FAILED, see %s\n' "$name" "$logs/$name.log" >&2
    grep -E 'does not hold|runtime error|ERROR:|Test unit' "$logs/$name.log" >&2
  fi
  return "$status"
}
export -f run
export seconds here kept found logs
printf '%s\n' "$@" |
  xargs -P "${PORTRAIT_FUZZ_JOBS:-$(nproc)}" -I {} bash -c 'run {}'
