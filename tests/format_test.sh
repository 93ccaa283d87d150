#!/usr/bin/env bash
# Fails when a source file is not as clang-format would have it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-format >/dev/null || {
  echo "SKIPPED: clang-format is not installed"
  exit 77
}
find core server client tests -name '*.h' -o -name '*.cc' |
  grep -v node_modules | xargs clang-format --dry-run --Werror
