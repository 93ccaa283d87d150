#!/usr/bin/env bash
# Fails if clang-format would change a source file, or if text for readers has
# words that must be decoded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-format >/dev/null || {
  echo "SKIPPED: clang-format is not installed"
  exit 77
}
find core server client tests -name '*.h' -o -name '*.cc' |
  grep -v node_modules | xargs clang-format --dry-run --Werror

# CONTRIBUTING.md says what to write instead. Outside a Git clone nothing is found.
if git grep -nEiw "nobody|whoever|what is none|lets go of|of before there were|by and by" -- \
  core server client proto/portrait deploy '*.md' ':!CONTRIBUTING.md'; then
  echo "These lines have to be decoded. Name the subject: see CONTRIBUTING.md, English."
  exit 1
fi
