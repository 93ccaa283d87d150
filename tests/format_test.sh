#!/usr/bin/env bash
# Fails when a source file is not as clang-format would have it, or when text
# for readers has more words that have to be decoded than before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-format >/dev/null || {
  echo "SKIPPED: clang-format is not installed"
  exit 77
}
find core server client tests -name '*.h' -o -name '*.cc' |
  grep -v node_modules | xargs clang-format --dry-run --Werror

# CONTRIBUTING.md says what to write instead. Lower the limit with each rewrite;
# never raise it.
most_riddles=118
riddles=$(git grep -nEiw "nobody|whoever|what is none|lets go of" -- \
  core server client proto/portrait deploy '*.md' | wc -l) || exit 0 # no git here
if [ "$riddles" -gt "$most_riddles" ]; then
  echo "$riddles lines say nobody, whoever, 'what is none' or 'lets go of';" \
    "at most $most_riddles may. Name the subject: see CONTRIBUTING.md, English."
  exit 1
fi
